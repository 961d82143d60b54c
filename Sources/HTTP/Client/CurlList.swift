internal import CCurl

/// A list of texts that libcurl reads while a transfer runs.
@safe struct CurlList: ~Copyable {
  private(set) var first: UnsafeMutablePointer<curl_slist>?

  init() {}

  deinit { unsafe curl_slist_free_all(first) }

  /// False when memory ran out; the list is then unchanged.
  mutating func append(_ text: String) -> Bool {
    guard let longer = unsafe curl_slist_append(first, text) else { return false }
    unsafe first = longer
    return true
  }
}
