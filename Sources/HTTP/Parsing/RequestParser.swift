/// Takes bytes as they come and finds requests in them (RFC 9112).
///
/// A request that lies whole in one span is described where it lies, without a copy; one that arrives in
/// pieces is gathered here. Any split of the same bytes gives the same requests and the same refusals.
///
///     switch try parser.parse(bytes) {
///     case .needsMore: …                       // all of `bytes` was taken
///     case .complete(let consumed):
///       handle(parser.request(in: bytes))      // the same `bytes`
///       parser.reset()                         // and go on behind `consumed`
///     }
///
/// After a refusal the connection is of no further use: where the next message begins cannot be known.
public struct RequestParser: ~Copyable {
  public enum Progress: Equatable, Sendable {
    /// All bytes were taken and the request is not whole yet.
    case needsMore
    /// The request is whole; its last byte is the `consumed`-th of those given last.
    case complete(consumed: Int)
  }

  /// How far the current request has come.
  public enum Stage: Equatable, Sendable {
    /// No byte of it has come.
    case idle
    /// Some of its head has come.
    case head
    /// Its head has come, its content not all of it.
    case body
    /// It is whole, until ``reset()``.
    case complete
  }

  private enum BodyPlace { case none, given(Range<Int>), gathered }

  public let limits: HTTPLimits
  public private(set) var stage = Stage.idle
  private var head = HeadScanner()
  private var gatheredHead: [UInt8] = []
  private var isHeadGathered = false
  private var body = BodyPlace.none
  private var gatheredBody: [UInt8] = []
  private var chunks = ChunkedBody()

  public init(limits: HTTPLimits = HTTPLimits()) {
    self.limits = limits
  }

  /// Whether the client waits for `100 Continue` before it sends the content (RFC 9110 10.1.1).
  public var isAwaitingContinue: Bool {
    stage == .body && head.framing.expectsContinue && gatheredBody.isEmpty
  }

  /// Bytes kept here for a request that is not whole.
  public var gatheredByteCount: Int { gatheredHead.capacity + gatheredBody.capacity }

  /// Takes the next bytes of the stream.
  ///
  /// - Throws: why they are refused. Behind that nothing may be parsed.
  /// - Precondition: no whole request is waiting for ``reset()``.
  public mutating func parse(_ bytes: Span<UInt8>) throws(HTTPParseError) -> Progress {
    precondition(stage != .complete, "the last request was not reset")
    guard bytes.count > 0 else { return .needsMore }
    var offset = 0
    if stage != .body {
      stage = .head
      guard let end = try parseHead(bytes) else { return .needsMore }
      offset = end
      stage = .body
    }
    if head.framing.isChunked {
      offset = try chunks.decode(bytes, from: offset, into: &gatheredBody, limits: limits)
      body = .gathered
      return chunks.stage == .finished ? finish(offset) : keepHead(bytes)
    }
    return gatherBody(bytes, from: offset, length: head.framing.contentLength ?? 0)
  }

  /// Goes on in the head. Returns where it ends in `bytes`, or nil if it has not ended.
  private mutating func parseHead(_ bytes: Span<UInt8>) throws(HTTPParseError) -> Int? {
    if gatheredHead.isEmpty {
      isHeadGathered = false
      guard try head.scan(bytes, limits: limits) else {
        gatheredHead.append(bytes)
        isHeadGathered = true
        return nil
      }
      return head.position
    }
    let earlierCount = gatheredHead.count
    gatheredHead.append(bytes)
    guard try head.scan(gathered: gatheredHead, limits: limits) else { return nil }
    let end = head.position
    gatheredHead.removeLast(gatheredHead.count - end)
    return end - earlierCount
  }

  private mutating func gatherBody(_ bytes: Span<UInt8>, from offset: Int, length: Int) -> Progress {
    if length == 0 {
      body = .none
      return finish(offset)
    }
    let missing = length - gatheredBody.count
    let count = min(missing, bytes.count - offset)
    if gatheredBody.isEmpty, count == length {
      body = .given(offset..<offset + count)
      return finish(offset + count)
    }
    // Grown as bytes come and not to the promised length: a promise costs the client nothing.
    gatheredBody.append(bytes.part(offset..<offset + count))
    body = .gathered
    return count == missing ? finish(offset + count) : keepHead(bytes)
  }

  private mutating func finish(_ consumed: Int) -> Progress {
    stage = .complete
    return .complete(consumed: consumed)
  }

  /// The span that holds the head is about to go while its request is not whole.
  private mutating func keepHead(_ bytes: Span<UInt8>) -> Progress {
    if !isHeadGathered {
      gatheredHead.append(bytes.part(0..<head.position))
      isHeadGathered = true
    }
    return .needsMore
  }

  /// The whole request, valid as long as `bytes` and until the parser changes.
  ///
  /// - Parameter bytes: what was given to the call of ``parse(_:)`` that completed it.
  /// - Precondition: a request is complete.
  @_lifetime(borrow self, copy bytes)
  public borrowing func request(in bytes: Span<UInt8>, from peer: PeerAddress = .unknown) -> HTTPRequestView {
    precondition(stage == .complete, "no request is whole")
    let headBytes: Span<UInt8> = isHeadGathered ? gatheredHead.span : bytes
    let content: Span<UInt8>
    switch body {
    case .none: content = bytes.part(0..<0)
    case .given(let range): content = bytes.part(range)
    case .gathered: content = gatheredBody.span
    }
    return HTTPRequestView(
      head: headBytes, lines: head.lines.span, body: content, method: head.method, version: head.version,
      target: head.target, targetRange: head.targetRange, peer: peer)
  }

  /// The method of the request whose head has come last.
  var method: HTTPMethod { head.method }
  var version: HTTPVersion { head.version }

  /// Whether the client lets the connection live on behind this request (RFC 9112 9.3).
  var isPersistent: Bool {
    if head.framing.wantsClose { return false }
    return head.version == .http11 || head.framing.wantsKeepAlive
  }

  /// Forgets the request and gets ready for the next. Memory beyond a kibibyte or two is given back.
  public mutating func reset() {
    stage = .idle
    head.reset()
    isHeadGathered = false
    body = .none
    chunks = ChunkedBody()
    gatheredHead.removeAll(keepingCapacity: gatheredHead.capacity <= 1024)
    gatheredBody.removeAll(keepingCapacity: gatheredBody.capacity <= 1024)
  }
}
