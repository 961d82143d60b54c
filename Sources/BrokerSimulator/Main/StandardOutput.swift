import Glibc

enum StandardOutput {
  /// One line at once, also into a pipe or a file.
  static func write(_ line: String) {
    let bytes = Array((line + "\n").utf8)
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(STDOUT_FILENO, buffer.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      // Nobody reads it; the brokers are there all the same.
      guard count > 0 else { return }
      written += count
    }
  }
}
