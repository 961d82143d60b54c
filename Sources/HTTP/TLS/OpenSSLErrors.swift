internal import COpenSSL

/// The errors that OpenSSL keeps for each thread until somebody takes them.
enum OpenSSLErrors {
  /// Forgets what is there. An error of something else on this thread (libcurl uses OpenSSL as well) would be taken for one
  /// of what comes next.
  static func clear() { ERR_clear_error() }

  /// All that is there in words, the first cause first; the queue is empty then.
  static func drain() -> String {
    var words: [String] = []
    var detail: UnsafePointer<CChar>?
    while true {
      // What is returned in `detail` is valid until the queue changes, which it does not before it is copied.
      let code = unsafe copenssl_next_error(&detail)
      if code == 0 { break }
      var text = unsafe ERR_reason_error_string(code).map { unsafe String(cString: $0) } ?? "error \(code)"
      if let detail = unsafe detail, unsafe detail.pointee != 0 { unsafe text += " (\(String(cString: detail)))" }
      if words.last != text { words.append(text) }
    }
    return words.isEmpty ? "no reason was given" : words.joined(separator: ", ")
  }
}
