/// A request of its own memory, for whoever answers it later.
public struct HTTPRequest: Sendable {
  private let head: [UInt8]
  private let lines: [FieldLine]
  private let content: [UInt8]
  private let targetParts: RequestTarget
  private let targetRange: Range<Int>
  public let method: HTTPMethod
  public let version: HTTPVersion
  public let peer: PeerAddress

  /// Copies the head and the content once each; the ranges into them stay what they are.
  public init(_ view: borrowing HTTPRequestView) {
    var head: [UInt8] = []
    // Behind the last line's value nothing of the head is referred to.
    var end = view.targetRange.upperBound
    if view.lines.count > 0 { end = view.lines[view.lines.count - 1].value.upperBound }
    head.reserveCapacity(end)
    head.append(view.head.part(0..<end))
    var lines: [FieldLine] = []
    lines.reserveCapacity(view.lines.count)
    for index in 0..<view.lines.count { lines.append(view.lines[index]) }
    var content: [UInt8] = []
    content.append(view.body)
    self.head = head
    self.lines = lines
    self.content = content
    self.targetParts = view.targetParts
    self.targetRange = view.targetRange
    self.method = view.method
    self.version = view.version
    self.peer = view.peer
  }

  /// The request, to be read in the same way as where it came from.
  public var view: HTTPRequestView {
    @_lifetime(borrow self) get {
      HTTPRequestView(
        head: head.span, lines: lines.span, body: content.span, method: method, version: version,
        target: targetParts, targetRange: targetRange, peer: peer)
    }
  }
}
