import Glibc

/// SIGTERM and SIGINT, held back from every thread that is started after this was made, until somebody waits for them.
struct StopSignals {
  private var set = sigset_t()

  init() {
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, SIGTERM)
    unsafe sigaddset(&set, SIGINT)
    unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Blocks until one of them comes.
  func wait() {
    var set = set
    var signal: Int32 = 0
    unsafe sigwait(&set, &signal)
  }
}

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
