import HTTP
import OrderDomain
import Ring

/// The engine's news as server-sent events, to everybody who watches. Lives on the engine's thread.
final class EventFeed {
  /// Watchers beyond this are refused: each may keep a backlog in memory.
  static let watcherLimit = 32
  private static let keepAliveInterval = Duration.seconds(15)

  private let engine: OrderEngine
  private let loop: EventLoop
  private var streams: [UInt64: HTTPStream] = [:]
  private var nextID: UInt64 = 0
  private var subscription: UInt64?
  private var keepAlive: TimerID?

  init(engine: OrderEngine, loop: EventLoop) {
    self.engine = engine
    self.loop = loop
  }

  func add(_ responder: HTTPResponder, _ fields: HTTPFields) {
    guard streams.count < EventFeed.watcherLimit else {
      let reply = EngineReply.refused(
        503,
        [
          Refusal(
            code: "events.tooMany", cause: "\(EventFeed.watcherLimit) pages are watching already",
            fix: "close some of them")
        ])
      return responder.respond(HTTPResponse(.serviceUnavailable, fields: fields, body: reply.body))
    }
    let id = nextID
    nextID += 1
    guard
      let stream = responder.startStream(fields: fields, onClose: { [unowned self] in remove(id) })
    else { return }
    streams[id] = stream
    send(": the engine's news, as they happen\n\n", to: id)
    if subscription == nil { subscribe() }
  }

  func close() {
    for stream in streams.values { stream.end() }
    streams = [:]
    unsubscribe()
  }

  private func remove(_ id: UInt64) {
    streams[id] = nil
    if streams.isEmpty { unsubscribe() }
  }

  private func subscribe() {
    let feed = UncheckedFeed(feed: self)
    subscription = engine.assumeIsolated { engine in
      engine.addListener { news in feed.feed.publish(news) }
    }
    scheduleKeepAlive()
  }

  private func unsubscribe() {
    if let subscription { engine.assumeIsolated { $0.removeListener(subscription) } }
    subscription = nil
    if let keepAlive { loop.cancel(keepAlive) }
    keepAlive = nil
  }

  private func scheduleKeepAlive() {
    keepAlive = loop.schedule(after: EventFeed.keepAliveInterval) { [unowned self] in
      for id in streams.keys.sorted() { send(": still here\n\n", to: id) }
      if subscription != nil { scheduleKeepAlive() }
    }
  }

  private func publish(_ news: EngineNews) {
    let name: String
    let data: [UInt8]
    switch news {
    case .alert(let identity):
      guard let json = engine.assumeIsolated({ $0.alertJSON(identity) }) else { return }
      (name, data) = ("alert", json)
    case .order(let order):
      var json = JSONWriter()
      order.write(to: &json, broker: nil)
      (name, data) = ("order", json.bytes)
    }
    let message = Array("event: \(name)\ndata: ".utf8) + data + Array("\n\n".utf8)
    for id in streams.keys.sorted() { streams[id]?.send(message.span) }
  }

  private func send(_ text: String, to id: UInt64) {
    let bytes = Array(text.utf8)
    streams[id]?.send(bytes.span)
  }
}

/// The listener is called by the engine on its own thread, which is the only one that ever touches the feed.
private struct UncheckedFeed: @unchecked Sendable {
  unowned let feed: EventFeed
}
