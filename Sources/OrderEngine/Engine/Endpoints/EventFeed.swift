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
  private struct Watcher {
    let stream: HTTPStream
    /// Whether he would be let in still: a key may be revoked, a session end.
    let mayStay: () -> Bool
  }

  private var streams: [UInt64: Watcher] = [:]
  private var nextID: UInt64 = 0
  private var subscription: UInt64?
  private var keepAlive: TimerID?

  init(engine: OrderEngine, loop: EventLoop) {
    self.engine = engine
    self.loop = loop
  }

  /// - Parameter mayStay: asked every few seconds; the stream ends when it no longer holds.
  func add(_ responder: HTTPResponder, _ fields: HTTPFields, mayStay: @escaping () -> Bool) {
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
    streams[id] = Watcher(stream: stream, mayStay: mayStay)
    send(": the engine's news, as they happen\n\n", to: id)
    if subscription == nil { subscribe() }
  }

  func close() {
    for watcher in streams.values { watcher.stream.end() }
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
      keepAlive = nil
      for id in streams.keys.sorted() {
        if let watcher = streams[id], !watcher.mayStay() {
          streams[id] = nil
          watcher.stream.end()
        } else {
          send(": still here\n\n", to: id)
        }
      }
      if streams.isEmpty { return unsubscribe() }
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
    // The page shows what was taken; the sender was told why this was not.
    case .refused: return
    }
    let message = Array("event: \(name)\ndata: ".utf8) + data + Array("\n\n".utf8)
    for id in streams.keys.sorted() { streams[id]?.stream.send(message.span) }
  }

  private func send(_ text: String, to id: UInt64) {
    let bytes = Array(text.utf8)
    streams[id]?.stream.send(bytes.span)
  }
}

/// The listener is called by the engine on its own thread, which is the only one that ever touches the feed.
private struct UncheckedFeed: @unchecked Sendable {
  unowned let feed: EventFeed
}
