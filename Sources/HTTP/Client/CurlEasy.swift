internal import CCurl

/// One easy handle with its error text. Outlives every transfer that it is used for, and is in no multi handle at its end.
@safe struct CurlEasy: ~Copyable {
  /// Lent to ``CurlMulti``, which puts it in and takes it out.
  let handle: UnsafeMutableRawPointer
  /// libcurl writes the words for a failure here.
  private let errorText: UnsafeMutablePointer<CChar>

  init() throws(HTTPClientError) {
    guard let handle = unsafe curl_easy_init() else { throw .libraryFailed("no easy handle") }
    unsafe self.handle = handle
    unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    unsafe ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, errorText)
  }

  deinit {
    unsafe curl_easy_cleanup(handle)
    unsafe errorText.deallocate()
  }

  /// The words for the last failure; empty if there are none.
  var failureText: String { unsafe String(cString: errorText) }

  func clearFailureText() { unsafe errorText[0] = 0 }

  func set(_ option: CURLoption, _ value: Int) throws(HTTPClientError) {
    try check(unsafe ccurl_set_long(handle, option, value))
  }

  func set(_ option: CURLoption, _ isOn: Bool) throws(HTTPClientError) { try set(option, isOn ? 1 : 0) }

  func set(_ option: CURLoption, offset value: Int) throws(HTTPClientError) {
    try check(unsafe ccurl_set_offset(handle, option, curl_off_t(value)))
  }

  /// libcurl copies the text; nil restores what it does by itself.
  func set(_ option: CURLoption, _ text: String?) throws(HTTPClientError) {
    if let text {
      try check(unsafe ccurl_set_text(handle, option, text))
    } else {
      try check(unsafe ccurl_set_text(handle, option, nil))
    }
  }

  /// What the request brings along; libcurl copies it.
  func setContent(_ bytes: [UInt8]) throws(HTTPClientError) {
    try set(CURLOPT_POSTFIELDSIZE_LARGE, offset: bytes.count)
    let code = unsafe bytes.withUnsafeBytes { unsafe ccurl_set_content(handle, $0.baseAddress) }
    try check(code)
  }

  /// What a callback is given; it must outlive this handle's transfers.
  func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) throws(HTTPClientError) {
    try check(unsafe ccurl_set_pointer(handle, option, pointer))
  }

  /// The list must outlive the transfer.
  func set(_ option: CURLoption, list: borrowing CurlList) throws(HTTPClientError) {
    try check(unsafe ccurl_set_list(handle, option, list.first))
  }

  func number(_ info: CURLINFO) -> Int { unsafe ccurl_info_long(handle, info) }

  /// One of libcurl's times, which it counts in microseconds.
  func time(_ info: CURLINFO) -> Duration { .microseconds(unsafe ccurl_info_offset(handle, info)) }

  func check(_ code: CURLcode) throws(HTTPClientError) {
    if code != CURLE_OK { throw .libraryFailed(CurlLibrary.text(code)) }
  }
}
