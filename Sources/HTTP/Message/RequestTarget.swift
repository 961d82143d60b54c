/// Where the path and the query of a request target stand in the message's head (RFC 9112 3.2).
struct RequestTarget: Sendable, Equatable {
  /// Begins with `/`; or is empty where an absolute target has no path, which stands for `/`; or is `*`.
  var path = 0..<0
  /// What follows `?`, or nil without one.
  var query: Range<Int>?
  /// The host and port of an absolute target, which outweigh Host (RFC 9112 3.2.2).
  var authority: Range<Int>?

  init() {}

  /// Finds the parts of the target at `range`, whose bytes are known to be of the target's alphabet.
  init(_ head: Span<UInt8>, _ range: Range<Int>, _ method: HTTPMethod) throws(HTTPParseError) {
    var pathStart = range.lowerBound
    switch head[pathStart] {
    case UInt8(ascii: "/"): break
    case UInt8(ascii: "*"):
      // asterisk-form is for OPTIONS alone (RFC 9112 3.2.4).
      guard range.count == 1, method == .options else { throw .targetFormInvalid }
      path = range
      return
    default:
      // absolute-form (RFC 9112 3.2.2); authority-form is CONNECT's alone, and that was refused.
      let rest = head.part(range)
      if rest.count > 7, rest.part(0..<7).equalsIgnoringCase("http://") {
        pathStart += 7
      } else if rest.count > 8, rest.part(0..<8).equalsIgnoringCase("https://") {
        pathStart += 8
      } else {
        throw .targetFormInvalid
      }
      let start = pathStart
      while pathStart < range.upperBound, head[pathStart] != UInt8(ascii: "/"), head[pathStart] != UInt8(ascii: "?") {
        pathStart += 1
      }
      authority = start..<pathStart
      guard HostRule.isValid(head.part(start..<pathStart)) else { throw .hostInvalid }
    }
    var pathEnd = range.upperBound
    var index = pathStart
    while index < range.upperBound {
      switch head[index] {
      case UInt8(ascii: "?") where query == nil:
        pathEnd = index
        query = index + 1..<range.upperBound
      case UInt8(ascii: "%"):
        guard index + 2 < range.upperBound, PercentCoding.isEscape(head, at: index) else { throw .targetInvalid }
      // Brackets belong to an authority only (RFC 3986 3.3, 3.4).
      case UInt8(ascii: "["), UInt8(ascii: "]"): throw .targetInvalid
      default: break
      }
      index += 1
    }
    path = pathStart..<pathEnd
  }
}
