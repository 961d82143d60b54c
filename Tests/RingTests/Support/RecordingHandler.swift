import Ring
import Synchronization

/// Keeps what happens on streams and lets a test decide about each event. On the loop's thread, but for `events`.
final class RecordingHandler: ListenerHandler, StreamHandler, @unchecked Sendable {
  enum Event: Equatable, Sendable {
    case accepted
    case received(Int)
    case peerFinished
    case sendFinished
    case failed(RingError)
    case closed
  }

  let loop: EventLoop
  private let recorded = Mutex<[Event]>([])
  private(set) var bytes: [UInt8] = []
  private(set) var streams: [StreamID] = []
  var onAccept: (StreamID) -> Void = { _ in }
  var onReceive: (StreamID) -> Void = { _ in }
  var onPeerFinished: (StreamID) -> Void = { _ in }
  var onClosed: (StreamID) -> Void = { _ in }

  init(_ loop: EventLoop) { self.loop = loop }

  var events: [Event] { recorded.withLock { $0 } }

  private func record(_ event: Event) { recorded.withLock { $0.append(event) } }

  /// Listens on a port of the kernel's choice.
  func listen(_ options: ListenOptions = ListenOptions()) async throws -> SocketAddress {
    try await loop.perform { [self] in
      let listener = try loop.listen(on: .loopback(port: 0), options: options, handler: self)
      guard let address = loop.localAddress(listener) else { throw RingError(.listenFailed) }
      return address
    }
  }

  /// Looks again and again, on the loop, until `condition` holds.
  func wait(until condition: @escaping @Sendable (RecordingHandler) -> Bool) async throws {
    while !(try await loop.perform { [self] in condition(self) }) {
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  func wait(for event: Event, count: Int = 1) async throws {
    try await wait { handler in handler.events.filter { $0 == event }.count >= count }
  }

  func accepted(_ stream: StreamID, from peer: SocketAddress, on listener: ListenerID) -> (any StreamHandler)? {
    record(.accepted)
    streams.append(stream)
    onAccept(stream)
    return self
  }

  func received(_ bytes: Span<UInt8>, on stream: StreamID) {
    record(.received(bytes.count))
    for index in bytes.indices { self.bytes.append(bytes[index]) }
    onReceive(stream)
  }

  func peerFinished(_ stream: StreamID) {
    record(.peerFinished)
    onPeerFinished(stream)
  }

  func sendFinished(_ buffer: IOBuffer, on stream: StreamID) { record(.sendFinished) }

  func failed(_ error: RingError, on stream: StreamID) { record(.failed(error)) }

  func closed(_ stream: StreamID) {
    record(.closed)
    onClosed(stream)
  }
}
