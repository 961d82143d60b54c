import ArgumentParser
import Glibc
import OrderDomain

/// Takes a secret from standard input: asked for without echo at a terminal, else all that comes, without its line's end.
enum SecretInput {
  private static let byteLimit = 64 << 10

  static func read(_ what: String) throws -> Secret {
    guard isatty(STDIN_FILENO) == 1 else { return try checked(readAll()) }
    let first = try ask("\(what): ")
    guard first.matches(try ask("\(what) again: ")) else { throw ValidationError("the two are not the same") }
    return first
  }

  private static func ask(_ prompt: String) throws -> Secret {
    var settings = termios()
    guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else { throw ValidationError("the terminal cannot be asked") }
    var silent = settings
    silent.c_lflag &= ~tcflag_t(ECHO)
    guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else {
      throw ValidationError("the terminal cannot be asked without showing what is typed")
    }
    defer { _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) }
    show(prompt)
    let line = readLine(strippingNewline: true) ?? ""
    show("\n")
    return try checked(Array(line.utf8))
  }

  private static func show(_ text: String) {
    let bytes = Array(text.utf8)
    // A prompt that nobody sees is answered all the same.
    _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  private static func readAll() throws -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while bytes.count <= byteLimit {
      let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      bytes += piece.prefix(count)
    }
    return bytes
  }

  private static func checked(_ bytes: [UInt8]) throws -> Secret {
    var bytes = bytes
    if bytes.last == 0x0A { bytes.removeLast() }
    if bytes.last == 0x0D { bytes.removeLast() }
    guard !bytes.isEmpty, bytes.count <= byteLimit, String(validating: bytes, as: UTF8.self) != nil,
      !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F })
    else {
      throw ValidationError("a value is one line of text, of up to \(byteLimit) bytes")
    }
    return Secret(bytes)
  }
}
