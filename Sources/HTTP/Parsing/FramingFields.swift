/// The fields that decide where a message ends and what becomes of its connection.
///
/// Lines are taken as they come, judged together at the end of the header section.
struct FramingFields {
  /// What the codings listed so far come to.
  private enum Codings: UInt8 { case none, otherLast, chunkedLast, otherThenChunked, malformed }

  private var hostCount = 0
  private(set) var contentLength: Int?
  private var codings = Codings.none
  private var expectsUnknown = false
  private(set) var expectsContinue = false
  private(set) var wantsClose = false
  private(set) var wantsKeepAlive = false

  /// Whether the content comes in chunks; known after ``judge(version:limits:)``.
  var isChunked: Bool { codings == .chunkedLast }

  /// Takes one field line.
  @inline(__always)
  mutating func take(name: Span<UInt8>, value: Span<UInt8>) throws(HTTPParseError) {
    switch name.count {
    case 4 where name.equalsIgnoringCase("host"):
      hostCount += 1
      if hostCount > 1 { throw .hostRepeated }
      guard HostRule.isValid(value) else { throw .hostInvalid }
    case 6 where name.equalsIgnoringCase("expect"): takeExpectation(value)
    case 10 where name.equalsIgnoringCase("connection"): takeConnection(value)
    case 14 where name.equalsIgnoringCase("content-length"): try takeContentLength(value)
    case 17 where name.equalsIgnoringCase("transfer-encoding"): takeCodings(value)
    default: break
    }
  }

  /// Decides over the whole of them.
  mutating func judge(version: HTTPVersion, limits: HTTPLimits) throws(HTTPParseError) {
    if hostCount == 0, version == .http11 { throw .hostMissing }
    if codings != .none {
      // RFC 9112 6.1: both lengths in one message is how requests are smuggled.
      if contentLength != nil { throw .lengthAmbiguous }
      if version == .http10 { throw .transferEncodingInOldVersion }
    }
    switch codings {
    case .none, .chunkedLast: break
    case .otherThenChunked: throw .transferCodingNotImplemented
    case .otherLast, .malformed: throw .transferEncodingInvalid
    }
    if let contentLength, contentLength > limits.bodyLength { throw .bodyTooLarge }
    if expectsUnknown { throw .expectationUnknown }
    // RFC 9110 10.1.1: an HTTP/1.0 client does not know what 100 means, and without content there is
    // nothing to wait for.
    if version == .http10 || (!isChunked && (contentLength ?? 0) == 0) { expectsContinue = false }
  }

  /// One run of digits (RFC 9110 8.6). A list of equal numbers could be taken by RFC 9112 6.3; it is refused.
  private mutating func takeContentLength(_ value: Span<UInt8>) throws(HTTPParseError) {
    if contentLength != nil { throw .contentLengthConflict }
    guard value.count > 0, value.count <= 18 else { throw .contentLengthInvalid }
    var number = 0
    for index in 0..<value.count {
      guard ByteClass.isDigit(value[index]) else { throw .contentLengthInvalid }
      // Eighteen digits stay below 2^63.
      number = number &* 10 &+ Int(value[index] &- 0x30)
    }
    contentLength = number
  }

  /// Lists continue over lines (RFC 9110 5.3), so `codings` carries over.
  private mutating func takeCodings(_ value: Span<UInt8>) {
    forEachElement(value) { element in
      let isChunked = element.equalsIgnoringCase("chunked")
      var isToken = element.count > 0
      for index in 0..<element.count where !ByteClass.isToken(element[index]) { isToken = false }
      switch codings {
      case .none: codings = isChunked ? .chunkedLast : .otherLast
      case .otherLast: codings = isChunked ? .otherThenChunked : .otherLast
      // Nothing may follow chunked, itself included (RFC 9112 6.1).
      case .chunkedLast, .otherThenChunked: codings = .malformed
      case .malformed: break
      }
      if !isToken { codings = .malformed }
    }
  }

  private mutating func takeExpectation(_ value: Span<UInt8>) {
    forEachElement(value) { element in
      if element.equalsIgnoringCase("100-continue") { expectsContinue = true } else { expectsUnknown = true }
    }
  }

  /// Options that we do not know are ignored (RFC 9110 7.6.1); `close` outweighs `keep-alive` (RFC 9112 9.3).
  private mutating func takeConnection(_ value: Span<UInt8>) {
    forEachElement(value) { element in
      if element.equalsIgnoringCase("close") { wantsClose = true }
      if element.equalsIgnoringCase("keep-alive") { wantsKeepAlive = true }
    }
  }
}

/// Calls `body` with each comma-separated element, trimmed of white space; empty ones too.
private func forEachElement(_ value: Span<UInt8>, _ body: (Span<UInt8>) -> Void) {
  var start = 0
  while start <= value.count {
    let comma = value.firstOffset(of: UInt8(ascii: ","), from: start) ?? value.count
    var first = start
    var last = comma
    while first < last, ByteClass.isBlank(value[first]) { first += 1 }
    while last > first, ByteClass.isBlank(value[last - 1]) { last -= 1 }
    body(value.part(first..<last))
    start = comma + 1
  }
}
