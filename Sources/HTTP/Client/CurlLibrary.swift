internal import CCurl

/// The installed libcurl, started once for the process.
enum CurlLibrary {
  /// Debian's; OpenSSL looks a certificate's issuer up in it by a hash. From the one file with all authorities it would
  /// read them for each connection: 110 ms instead of 10 for a handshake, measured on 2 busy cores, in which the loop
  /// stands still. (libcurl's cache of them, since 7.87, would not see a later change for a day.)
  static let systemAuthorities = "/etc/ssl/certs"

  private static let started: CURLcode = curl_global_init(Int(CURL_GLOBAL_DEFAULT))

  /// Checks what the client relies on.
  static func start() throws(HTTPClientError) {
    guard started == CURLE_OK else { throw .libraryFailed(text(started)) }
    guard let information = unsafe ccurl_version() else { throw .libraryFailed("no version") }
    let version = unsafe information.pointee.version.map { unsafe String(cString: $0) } ?? "?"
    // CURLOPT_QUICK_EXIT: without it, a transfer that ends while its host's name is looked up waits for that look-up, and
    // with it the whole loop.
    guard unsafe information.pointee.version_num >= 0x07_5700 else { throw .libraryTooOld(version) }
    let features = unsafe information.pointee.features
    // Without it a look-up blocks the loop.
    guard features & CURL_VERSION_ASYNCHDNS != 0 else { throw .featureMissing("asynchronous name look-up (AsynchDNS)") }
    guard features & CURL_VERSION_SSL != 0 else { throw .featureMissing("TLS") }
  }

  static var offersHTTP2: Bool {
    guard let information = unsafe ccurl_version() else { return false }
    return unsafe information.pointee.features & CURL_VERSION_HTTP2 != 0
  }

  static func text(_ code: CURLcode) -> String { unsafe String(cString: curl_easy_strerror(code)) }
  static func text(_ code: CURLMcode) -> String { unsafe String(cString: curl_multi_strerror(code)) }
}
