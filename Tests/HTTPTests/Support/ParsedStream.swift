import HTTP

/// What a parser makes of a stream of bytes, as lines that can be compared and read.
///
/// A request is `METHOD target [body]`, followed by ` close` if it ends its connection; a refusal is
/// `400 http.code` and comes last; `…` says that a request had begun and was not whole.
struct ParsedStream: Equatable {
  var lines: [String] = []

  /// Feeds `bytes` in pieces of the given lengths, the rest in one.
  init(_ bytes: [UInt8], pieces: [Int] = [], limits: HTTPLimits = HTTPLimits()) {
    var parser = RequestParser(limits: limits)
    var start = 0
    var next = 0
    while start < bytes.count {
      let length = next < pieces.count ? pieces[next] : bytes.count - start
      next += 1
      let end = min(bytes.count, start + length)
      // An array of its own, so that an address sanitizer sees a read beyond the piece.
      let piece = Array(bytes[start..<end])
      if !feed(piece, to: &parser) { return }
      start = end
    }
    if parser.stage != .idle { lines.append("…") }
  }

  init(_ text: String, limits: HTTPLimits = HTTPLimits()) { self.init(Array(text.utf8), limits: limits) }

  private mutating func feed(_ piece: [UInt8], to parser: inout RequestParser) -> Bool {
    var offset = 0
    while offset < piece.count {
      let rest = piece.span.extracting(offset..<piece.count)
      do {
        guard case .complete(let consumed) = try parser.parse(rest) else { return true }
        lines.append(Self.describe(parser.request(in: rest)))
        parser.reset()
        offset += consumed
      } catch {
        lines.append("\(error.status.code) \(error.code)")
        return false
      }
    }
    return true
  }

  static func describe(_ request: borrowing HTTPRequestView) -> String {
    let body = text(request.body)
    return "\(request.method.name) \(text(request.target))\(body.isEmpty ? "" : " [\(body)]")"
  }
}

/// The bytes as text, one scalar a byte, so that nothing is lost.
func text(_ bytes: Span<UInt8>) -> String {
  var result = ""
  for index in 0..<bytes.count { result.unicodeScalars.append(Unicode.Scalar(bytes[index])) }
  return result
}

/// The scalars of `text` as one byte each: the inverse of ``text(_:)``.
func bytes(_ text: String) -> [UInt8] { text.unicodeScalars.map { UInt8($0.value) } }

func text(_ bytes: [UInt8]) -> String { text(bytes.span) }
