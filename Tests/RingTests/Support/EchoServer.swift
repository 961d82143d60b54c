import Ring

/// Sends back what it receives, in order, one send at a time; finishes when the peer has finished.
final class EchoServer: ListenerHandler, StreamHandler, @unchecked Sendable {
  // @unchecked: everything is touched on the loop's thread only.
  private struct Connection {
    var flying = IOBuffer()
    var gathering = IOBuffer()
    var peerHasFinished = false
  }

  let loop: EventLoop
  private(set) var address = SocketAddress.loopback(port: 0)
  private(set) var listener: ListenerID?
  private var connections: [StreamID: Connection] = [:]
  private(set) var acceptedCount = 0
  private(set) var closedCount = 0
  private(set) var failures: [RingError] = []
  private(set) var streams: [StreamID] = []

  init(_ loop: EventLoop) { self.loop = loop }

  static func start(_ loop: EventLoop) async throws -> EchoServer {
    let server = EchoServer(loop)
    try await loop.perform {
      let listener = try loop.listen(on: .loopback(port: 0), handler: server)
      server.listener = listener
      server.address = loop.localAddress(listener) ?? server.address
    }
    return server
  }

  func accepted(_ stream: StreamID, from peer: SocketAddress, on listener: ListenerID) -> (any StreamHandler)? {
    acceptedCount += 1
    streams.append(stream)
    connections[stream] = Connection()
    return self
  }

  func received(_ bytes: Span<UInt8>, on stream: StreamID) {
    connections[stream]?.gathering.append(bytes)
    pump(stream)
  }

  private func pump(_ stream: StreamID) {
    guard !loop.isSending(stream), var connection = connections[stream] else { return }
    if connection.gathering.isEmpty {
      if connection.peerHasFinished { loop.close(stream) }
      return
    }
    swap(&connection.flying, &connection.gathering)
    connection.gathering.removeAll()
    connections[stream] = connection
    loop.send(connection.flying, on: stream)
  }

  func peerFinished(_ stream: StreamID) {
    connections[stream]?.peerHasFinished = true
    pump(stream)
  }

  func sendFinished(_ buffer: IOBuffer, on stream: StreamID) { pump(stream) }

  func failed(_ error: RingError, on stream: StreamID) { failures.append(error) }

  func closed(_ stream: StreamID) {
    closedCount += 1
    connections[stream] = nil
  }
}
