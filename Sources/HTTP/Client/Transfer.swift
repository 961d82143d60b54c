internal import CCurl
internal import Ring

/// One request and its answer, on an easy handle of its own that serves one transfer after another.
///
/// Owner: ``HTTPClient``, which holds it while it runs and among its spares. libcurl knows its address (unretained) for the
/// callbacks, which come only between `CurlMulti.add` and `CurlMulti.remove`. Loop's thread only.
final class Transfer {
  /// Why one of our callbacks stopped libcurl.
  enum Stop: Equatable {
    /// The kept connection that it had chosen is not sound; nothing was sent.
    case connectionUnsound
    /// It was about to begin the request once more than allowed.
    case resendPrevented
    case headTooLarge
    case bodyTooLarge(limit: Int)
    case headMalformed
  }

  /// What a streamed request keeps of an answer that is not a success, and is given whole.
  private static let unstreamedLimit = 64 * 1024

  let easy: CurlEasy
  /// Outlives it: both are the client's.
  unowned let multi: CurlMulti
  let headLimit: Int
  let fieldLimit: Int

  // What is asked:
  /// Where it goes; from ``prepare(_:to:)`` until its next one.
  private(set) var record: OriginRecord?
  var origin: String { record?.text ?? "" }
  private(set) var body: [UInt8] = []
  private var attemptLimit = 1
  private var list = CurlList()
  /// What the handle has been told, so that a call like the one before it need not tell it again.
  private var toldFields: HTTPFields?
  private var toldURL: String?
  private var toldMethod: HTTPMethod?
  private var toldContent = false
  private var toldCompression: Bool?
  private var toldBodyLimit: Int?
  private var isToldFresh = false
  private(set) var bodyLimit = 0
  var call: TransferCall?
  /// Takes the content of a success as it comes; without it, all content is kept until the end.
  var pieces: PieceQueue?
  var deadlineTimer: TimerID?
  /// Counts the client's transfers.
  var number: UInt64 = 0
  /// Since when it has waited for its turn, if it does; libcurl does not have it then.
  private var waitingSince: LoopClock.Instant?
  /// How long that was.
  private(set) var waited = Duration.zero
  var isWaiting: Bool { waitingSince != nil }

  // What became of it:
  /// How often the request was begun: from the first one on the peer perhaps has it.
  private(set) var attemptCount = 0
  /// Kept connections that were turned down before the request was put on them.
  private(set) var unsoundCount = 0
  private(set) var stop: Stop?
  private(set) var hasOpenedSocket = false
  private var connectionUse: CurlMulti.ConnectionUse?
  private(set) var status: UInt16 = 0
  private(set) var fields = ReceivedFields()
  private(set) var content: [UInt8] = []
  private var headByteCount = 0
  private var contentByteCount = 0
  private var isHeadComplete = false

  init(multi: CurlMulti, configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    easy = try CurlEasy()
    self.multi = multi
    headLimit = configuration.headLimit
    fieldLimit = configuration.fieldLimit
    try setChoices(configuration)
    try setCallbacks()
  }

  /// Takes a request that is known to be sound.
  func prepare(_ request: HTTPClientRequest, to record: OriginRecord) throws(HTTPClientError) {
    self.record = record
    body = request.body
    bodyLimit = request.bodyLimit
    attemptLimit = request.attemptLimit
    attemptCount = 0
    unsoundCount = 0
    stop = nil
    hasOpenedSocket = false
    waited = .zero
    forgetAnswer()
    easy.clearFailureText()
    if toldURL != request.url {
      toldURL = nil
      try easy.set(CURLOPT_URL, request.url)
      toldURL = request.url
    }
    try setMethod(request.method)
    if toldFields != request.fields {
      toldFields = nil
      try setFields(request.fields)
      toldFields = request.fields
    }
    if toldCompression != request.acceptsCompression {
      try easy.set(CURLOPT_ACCEPT_ENCODING, request.acceptsCompression ? "gzip" : nil)
      toldCompression = request.acceptsCompression
    }
    if isToldFresh {
      try easy.set(CURLOPT_FRESH_CONNECT, false)
      isToldFresh = false
    }
    // Refused by its announced length already. To libcurl 0 is no limit; and to HEAD the length promises nothing.
    let limit = request.method == .head ? 0 : request.bodyLimit
    if toldBodyLimit != limit {
      try easy.set(CURLOPT_MAXFILESIZE_LARGE, offset: limit)
      toldBodyLimit = limit
    }
  }

  func hasTold(_ fields: HTTPFields) -> Bool { toldFields == fields }

  /// Where the address leads that the handle was told last, if it is this one.
  func record(toldFor url: String) -> OriginRecord? { toldURL == url ? record : nil }

  /// The body is libcurl's own copy, so that it leaves together with the head. `beforeRequest` is asked before each sending
  /// and keeps the second one: libcurl itself would send a request again when a kept connection breaks.
  private func setMethod(_ method: HTTPMethod) throws(HTTPClientError) {
    let hasContent =
      switch method {
      case .post, .put, .patch: true
      case .delete: !body.isEmpty
      case .get, .head, .options, .trace: false
      }
    if toldMethod != method || toldContent != hasContent {
      toldMethod = nil
      // Undoes what the last transfer left.
      try easy.set(CURLOPT_HTTPGET, true)
      if method == .head { try easy.set(CURLOPT_NOBODY, true) }
      if hasContent { try easy.set(CURLOPT_POST, true) }
      try easy.set(CURLOPT_CUSTOMREQUEST, method == .get || method == .head ? nil : "\(method.name)")
      toldMethod = method
      toldContent = hasContent
    }
    if hasContent { try easy.setContent(body) }
  }

  private func setFields(_ fields: HTTPFields) throws(HTTPClientError) {
    var list = CurlList()
    // Otherwise libcurl holds larger bodies back until the peer says that it would take them.
    var isComplete = list.append("Expect:")
    // Nor shall it call the content of a POST a form.
    if !fields.contains("content-type") { isComplete = list.append("Content-Type:") && isComplete }
    for line in fields.bytes.split(separator: UInt8(ascii: "\n")) {
      var text = String(decoding: line.dropLast(), as: UTF8.self)
      // To libcurl a name without a value means: leave it out; with a semicolon: send it empty.
      if text.hasSuffix(": ") { text = text.dropLast(2) + ";" }
      isComplete = list.append(text) && isComplete
    }
    if !isComplete { throw .libraryFailed("no memory for fields") }
    self.list = list
    try easy.set(CURLOPT_HTTPHEADER, list: self.list)
  }

  /// Ready to be begun again: nothing has been sent.
  func prepareAgain() throws(HTTPClientError) {
    stop = nil
    // Three dead ones in a row: take none that was kept.
    if unsoundCount >= 3 {
      try easy.set(CURLOPT_FRESH_CONNECT, true)
      isToldFresh = true
    }
  }

  /// Lets go of everything that belonged to one transfer, but for a little memory.
  func clear() {
    waitingSince = nil
    call = nil
    pieces = nil
    body = []
    content = []
    fields = ReceivedFields()
  }

  /// Of heads and content, as far as they were looked at.
  var receivedByteCount: Int { headByteCount + contentByteCount }
  /// Of the bodies that libcurl began to send.
  var sentByteCount: Int { attemptCount * body.count }

  func takeContent() -> [UInt8] {
    let taken = content
    content = []
    return taken
  }

  // MARK: Its turn

  func wait(since now: LoopClock.Instant) { waitingSince = now }

  func runs(at clock: LoopClock) {
    guard let since = waitingSince.take() else { return }
    waited = since.duration(to: clock.now)
  }

  // MARK: What the callbacks bring

  /// The request is about to leave. False keeps it.
  func permitRequest(localPort: Int, peer: String, peerPort: Int32) -> Bool {
    endUse(isMultiplexed: false)
    if attemptCount >= attemptLimit {
      stop = .resendPrevented
      return false
    }
    guard
      let use = multi.beginRequest(
        localPort: localPort, peer: peer, peerPort: peerPort, origin: origin)
    else {
      unsoundCount += 1
      stop = .connectionUnsound
      return false
    }
    connectionUse = use
    attemptCount += 1
    return true
  }

  /// The connection is not this transfer's any more.
  func endUse(isMultiplexed: Bool) {
    if let use = connectionUse.take() { multi.endRequest(use, isMultiplexed: isMultiplexed) }
  }

  func openedSocket() { hasOpenedSocket = true }

  /// Takes one line of a head, or of the trailers behind chunked content. False ends the transfer.
  func receiveLine(_ line: Span<UInt8>) -> Bool {
    headByteCount += line.count
    if headByteCount > headLimit { return end(.headTooLarge) }
    // Trailers are counted and dropped: nothing that comes behind the content may change what the head said.
    if isHeadComplete, status >= 200 { return true }
    if isHeadComplete || status == 0 { return receiveStatusLine(line) }
    if line.count <= 2, line[0] == UInt8(ascii: "\r") || line[0] == UInt8(ascii: "\n") {
      isHeadComplete = true
      return true
    }
    if fields.count >= fieldLimit { return end(.headTooLarge) }
    return fields.append(line) || end(.headMalformed)
  }

  private func receiveStatusLine(_ line: Span<UInt8>) -> Bool {
    // What an interim answer said is not the answer's (RFC 9110 15.2).
    forgetAnswer(keepingCount: true)
    guard let space = line.firstOffset(of: UInt8(ascii: " ")), line.count >= space + 4 else {
      return end(.headMalformed)
    }
    var code: UInt16 = 0
    for index in space + 1...space + 3 {
      guard ByteClass.isDigit(line[index]) else { return end(.headMalformed) }
      code = code * 10 + UInt16(line[index] - 0x30)
    }
    guard code >= 100 else { return end(.headMalformed) }
    status = code
    return true
  }

  /// What becomes of a piece of the content.
  enum Intake { case taken, paused, refused }

  func receiveContent(_ bytes: Span<UInt8>) -> Intake {
    let isStreamed = pieces != nil && (200..<300).contains(status)
    let limit = pieces == nil || isStreamed ? bodyLimit : min(bodyLimit, Self.unstreamedLimit)
    if contentByteCount + bytes.count > limit {
      stop = .bodyTooLarge(limit: limit)
      return .refused
    }
    if isStreamed, let pieces {
      if !pieces.append(bytes) { return .paused }
    } else {
      content.append(bytes)
    }
    contentByteCount += bytes.count
    return .taken
  }

  private func end(_ reason: Stop) -> Bool {
    stop = reason
    return false
  }

  private func forgetAnswer(keepingCount: Bool = false) {
    status = 0
    fields.removeAll()
    content.removeAll(keepingCapacity: true)
    isHeadComplete = false
    contentByteCount = 0
    if !keepingCount { headByteCount = 0 }
  }
}
