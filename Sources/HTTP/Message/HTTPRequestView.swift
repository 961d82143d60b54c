/// A request as it lies in the server's memory: valid only where it was handed over.
///
/// Whoever needs it for longer takes a copy by ``HTTPRequest/init(_:)``.
public struct HTTPRequestView: ~Escapable {
  let head: Span<UInt8>
  let lines: Span<FieldLine>
  /// The content, its transfer coding undone.
  public let body: Span<UInt8>
  public let method: HTTPMethod
  public let version: HTTPVersion
  /// Where the connection comes from.
  public let peer: PeerAddress
  let targetParts: RequestTarget
  let targetRange: Range<Int>

  @_lifetime(copy head, copy lines, copy body)
  init(
    head: Span<UInt8>, lines: Span<FieldLine>, body: Span<UInt8>, method: HTTPMethod, version: HTTPVersion,
    target: RequestTarget, targetRange: Range<Int>, peer: PeerAddress
  ) {
    self.head = head
    self.lines = lines
    self.body = body
    self.method = method
    self.version = version
    self.targetParts = target
    self.targetRange = targetRange
    self.peer = peer
  }

  /// The request target as it was sent.
  public var target: Span<UInt8> {
    @_lifetime(copy self) get { head.part(targetRange) }
  }

  /// The path as it was sent, escapes and all: it begins with `/`, or is `*`, or is empty where an absolute
  /// target has none, which stands for `/` (RFC 9110 4.2.3).
  public var path: Span<UInt8> {
    @_lifetime(copy self) get { head.part(targetParts.path) }
  }

  /// What follows the `?`, without it; empty where there is none.
  public var query: Span<UInt8> {
    @_lifetime(copy self) get { head.part(targetParts.query ?? 0..<0) }
  }

  public var hasQuery: Bool { targetParts.query != nil }

  /// The host and port asked for: an absolute target's, else Host's, else empty (RFC 9112 3.2.2).
  public var authority: Span<UInt8> {
    @_lifetime(copy self) get {
      if let authority = targetParts.authority { return head.part(authority) }
      guard let index = fieldIndex("host") else { return head.part(0..<0) }
      return fieldValue(at: index)
    }
  }

  /// Whether the path is exactly `path`, byte for byte.
  public func isPath(_ path: StaticString) -> Bool { self.path.equals(path) }

  public var fieldCount: Int { lines.count }

  /// The name of the field line at `index`, as it was sent.
  @_lifetime(copy self)
  public func fieldName(at index: Int) -> Span<UInt8> { head.part(lines[index].name) }

  /// The value of the field line at `index`, without the white space around it.
  @_lifetime(copy self)
  public func fieldValue(at index: Int) -> Span<UInt8> { head.part(lines[index].value) }

  /// The first field line called `name` (given in lower case) at or after `start`, or nil.
  public func fieldIndex(_ name: StaticString, from start: Int = 0) -> Int? {
    let length = name.utf8CodeUnitCount
    var index = start
    while index < lines.count {
      let range = lines[index].name
      if range.count == length, head.part(range).equalsIgnoringCase(name) { return index }
      index += 1
    }
    return nil
  }

  /// The first value under `name` (given in lower case); empty where there is none or where it is empty.
  /// ``fieldIndex(_:from:)`` tells these apart, and finds further lines of the same name.
  @_lifetime(copy self)
  public func field(_ name: StaticString) -> Span<UInt8> {
    guard let index = fieldIndex(name) else { return head.part(0..<0) }
    return fieldValue(at: index)
  }

  /// The first value under `name` (given in lower case) as text, or nil where it is absent or not UTF-8.
  public func fieldText(_ name: StaticString) -> String? {
    guard let index = fieldIndex(name) else { return nil }
    return String(validating: fieldValue(at: index))
  }

  /// Whether the content's type is `essence`, given in lower case, whatever parameters follow it (RFC 9110 8.3.1). One that
  /// is not said, or said in no words, is the empty essence.
  public func hasMediaType(_ essence: StaticString) -> Bool {
    let value = field("content-type")
    var end = 0
    while end < value.count, value[end] != UInt8(ascii: ";"), !ByteClass.isBlank(value[end]) { end += 1 }
    return value.part(0..<end).equalsIgnoringCase(essence)
  }

  /// The path's segments with their escapes undone, or nil where one does not decode.
  ///
  /// `/a/b%2Fc` gives `a` and `b/c`: splitting comes first, so an escaped slash stays within its segment.
  public func pathSegments() -> [String]? {
    var segments: [String] = []
    let path = path
    guard path.count > 0, path[0] == UInt8(ascii: "/") else { return segments }
    var start = 1
    while start <= path.count {
      let end = path.firstOffset(of: UInt8(ascii: "/"), from: start) ?? path.count
      guard let segment = PercentCoding.decode(path.part(start..<end)) else { return nil }
      segments.append(segment)
      start = end + 1
    }
    return segments
  }

  /// The first value under `name` in a form-encoded query, or nil where it is absent or does not decode.
  public func queryValue(_ name: String) -> String? { HTTPRequestView.value(of: name, in: query) }
}

extension String {
  /// The text, or nil where `bytes` are not UTF-8.
  init?(validating bytes: Span<UInt8>) {
    // The buffer is read within the closure only.
    let text = unsafe bytes.withUnsafeBufferPointer { unsafe String(validating: $0, as: UTF8.self) }
    guard let text else { return nil }
    self = text
  }
}
