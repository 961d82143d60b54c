import Ring
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventLoopStreamTests {
  @Test("Bytes come back in order", arguments: LoopBackend.available)
  func echo(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let server = try await EchoServer.start(loop)
      let address = server.address
      let answer = try await blocking {
        let client = try BlockingSocket(address)
        try client.send("hello ")
        try client.send("world")
        client.finish()
        return try client.receiveAll()
      }
      #expect(String(decoding: answer, as: UTF8.self) == "hello world")
    }
  }

  @Test("Many connections at once each get their own bytes back", arguments: LoopBackend.available)
  func manyConnections(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let server = try await EchoServer.start(loop)
      let address = server.address
      try await blocking {
        let clients = try (0..<200).map { _ in try BlockingSocket(address) }
        for round in 0..<5 {
          for (index, client) in clients.enumerated() { try client.send("round \(round) client \(index)\n") }
          for (index, client) in clients.enumerated() {
            let expected = Array("round \(round) client \(index)\n".utf8)
            #expect(try client.receive(exactly: expected.count) == expected)
          }
        }
      }
      #expect(try await loop.perform { server.acceptedCount } == 200)
    }
  }

  @Test("A large answer reaches a reader that is slow to begin", arguments: LoopBackend.available)
  func slowReader(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let handler = RecordingHandler(loop)
      let wanted = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
      handler.onAccept = { stream in loop.send(IOBuffer(wanted), on: stream) }
      let address = try await handler.listen()
      let client = try await blocking { try BlockingSocket(address, receiveBuffer: 4096) }
      try await handler.wait(for: .accepted)
      let isSending = try await loop.perform { loop.isSending(handler.streams[0]) }
      #expect(isSending)
      #expect(handler.events == [.accepted])
      let got = try await blocking { try client.receive(exactly: wanted.count) }
      #expect(got == wanted)
      try await handler.wait(for: .sendFinished)
    }
  }

  @Test("A send that the kernel takes in parts is continued and counted")
  func shortSends() async throws {
    // io_uring continues by itself (MSG_WAITALL); only epoll shows the parts.
    try await withLoop(.epoll) { loop async throws in
      let handler = RecordingHandler(loop)
      handler.onAccept = { stream in loop.send(IOBuffer([UInt8](repeating: 7, count: 8_000_000)), on: stream) }
      let address = try await handler.listen()
      let count = try await blocking {
        try BlockingSocket(address, receiveBuffer: 4096).receive(exactly: 8_000_000).count
      }
      #expect(count == 8_000_000)
      #expect(try await loop.perform { loop.statistics.shortSends } > 0)
    }
  }

  @Test("A reused buffer is free again when its send has finished", arguments: LoopBackend.available)
  func bufferReuse(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let handler = RecordingHandler(loop)
      let address = try await handler.listen()
      let client = try await blocking { try BlockingSocket(address) }
      try await handler.wait(for: .accepted)
      let wasInFlight = try await loop.perform {
        let buffer = IOBuffer("once")
        let before = buffer.isInFlight
        let sent = loop.send(buffer, on: handler.streams[0])
        return (before, sent, buffer.isInFlight)
      }
      #expect(wasInFlight == (false, true, true))
      try await handler.wait(for: .sendFinished)
      #expect(try await blocking { try client.receive(exactly: 4) } == Array("once".utf8))
    }
  }

  @Test(
    "Calls with the id of a closed stream do nothing, even after its slot was taken again",
    arguments: LoopBackend.available)
  func staleStream(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend, { $0.streamLimit = 1 }) { loop async throws in
      let handler = RecordingHandler(loop)
      let address = try await handler.listen()
      let first = try await blocking { try BlockingSocket(address) }
      try await handler.wait(for: .accepted)
      try await loop.perform { loop.close(handler.streams[0]) }
      try await handler.wait(for: .closed)
      #expect(try await blocking { try first.receiveAll() } == [])

      let second = try await blocking { try BlockingSocket(address) }
      try await handler.wait(for: .accepted, count: 2)
      let (old, new, sent) = try await loop.perform {
        let old = handler.streams[0]
        let sent = loop.send(IOBuffer("wrong"), on: old)
        loop.pauseReceiving(old)
        loop.resumeReceiving(old)
        loop.shutdownWrite(old)
        loop.close(old)
        return (old, handler.streams[1], sent)
      }
      #expect(old.index == new.index && old != new)
      #expect(!sent)
      try await blocking { try second.send("still here") }
      try await handler.wait { $0.bytes == Array("still here".utf8) }
    }
  }

  @Test("Nothing is received between pause and resume, and nothing is lost", arguments: LoopBackend.available)
  func pauseAndResume(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let handler = RecordingHandler(loop)
      // Paused from inside the first delivery: what follows in the same batch must be kept.
      handler.onReceive = { [unowned handler] stream in
        #expect(!loop.isReceivingPaused(stream))
        if handler.events.filter({ if case .received = $0 { true } else { false } }).count == 1 {
          loop.pauseReceiving(stream)
        }
      }
      let address = try await handler.listen()
      let wanted = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
      let client = try await blocking {
        let client = try BlockingSocket(address)
        try client.send(Array(wanted[..<100_000]))
        return client
      }
      try await handler.wait { !$0.bytes.isEmpty }
      let countAtPause = try await loop.perform { handler.bytes.count }
      try await blocking {
        try client.send(Array(wanted[100_000...]))
        client.finish()
      }
      // Many turns of the loop, none of which may deliver.
      for _ in 0..<50 { _ = try await loop.perform { loop.statistics.turns } }
      #expect(try await loop.perform { handler.bytes.count } == countAtPause)
      #expect(!handler.events.contains(.peerFinished))
      try await loop.perform { loop.resumeReceiving(handler.streams[0]) }
      try await handler.wait(for: .peerFinished)
      #expect(try await loop.perform { handler.bytes } == wanted)
      #expect(handler.events.last == .peerFinished)
    }
  }

  @Test("Pausing and resuming at every delivery loses no byte", arguments: LoopBackend.available)
  func pauseStorm(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend, { $0.receiveBufferSize = 1024 }) { loop async throws in
      let handler = RecordingHandler(loop)
      handler.onReceive = { [unowned handler] stream in
        #expect(!loop.isReceivingPaused(stream))
        loop.pauseReceiving(stream)
        if handler.bytes.count % 3 == 0 {
          loop.resumeReceiving(stream)
        } else {
          loop.schedule(after: .microseconds(20)) { loop.resumeReceiving(stream) }
        }
      }
      let address = try await handler.listen()
      let wanted = (0..<400_000).map { UInt8(truncatingIfNeeded: $0 / 5) }
      try await blocking {
        let client = try BlockingSocket(address)
        try client.send(wanted)
        client.finish()
      }
      try await handler.wait(for: .peerFinished)
      #expect(try await loop.perform { handler.bytes } == wanted)
    }
  }

  @Test("A peer that ended its half still gets its answer", arguments: LoopBackend.available)
  func halfClose(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let handler = RecordingHandler(loop)
      handler.onPeerFinished = { stream in
        loop.send(IOBuffer("answer"), on: stream)
        loop.schedule(after: .milliseconds(5)) { loop.shutdownWrite(stream) }
      }
      let address = try await handler.listen()
      let answer = try await blocking {
        let client = try BlockingSocket(address)
        client.finish()
        return try client.receiveAll()
      }
      #expect(answer == Array("answer".utf8))
      #expect(handler.events == [.accepted, .peerFinished, .sendFinished])
    }
  }

  @Test("A reset is told once as a failure, then the stream is closed", arguments: LoopBackend.available)
  func reset(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let handler = RecordingHandler(loop)
      let address = try await handler.listen()
      let client = try await blocking { try BlockingSocket(address) }
      try await handler.wait(for: .accepted)
      client.reset()
      try await handler.wait(for: .closed)
      #expect(handler.events == [.accepted, .failed(RingError(.receiveFailed, .connectionReset)), .closed])
    }
  }

  @Test(
    "Closing with a send under way cuts it and is told when the kernel has let go", arguments: LoopBackend.available)
  func closeWhileSending(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let handler = RecordingHandler(loop)
      let buffer = IOBuffer([UInt8](repeating: 1, count: 32_000_000))
      nonisolated(unsafe) let lent = buffer
      handler.onAccept = { stream in loop.send(lent, on: stream) }
      handler.onClosed = { _ in #expect(!lent.isInFlight) }
      let address = try await handler.listen()
      let client = try await blocking { try BlockingSocket(address, receiveBuffer: 4096) }
      try await handler.wait(for: .accepted)
      try await loop.perform { loop.close(handler.streams[0]) }
      try await handler.wait(for: .closed)
      #expect(handler.events == [.accepted, .closed])
      _ = client
    }
  }

  @Test("A stream refused by its listener's handler is closed", arguments: LoopBackend.available)
  func refusedStream(_ backend: EventLoopConfiguration.Backend) async throws {
    final class Refusing: ListenerHandler {
      func accepted(_ stream: StreamID, from peer: SocketAddress, on listener: ListenerID) -> (any StreamHandler)? {
        nil
      }
    }
    try await withLoop(backend) { loop async throws in
      let address = try await loop.perform {
        loop.localAddress(try loop.listen(on: .loopback(port: 0), handler: Refusing()))
      }
      let rest = try await blocking { try BlockingSocket(try #require(address)).receiveAll() }
      #expect(rest == [])
      #expect(try await loop.perform { loop.streamCount } == 0)
    }
  }

  @Test("Connections above the limit are closed and counted", arguments: LoopBackend.available)
  func streamLimit(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend, { $0.streamLimit = 2 }) { loop async throws in
      let handler = RecordingHandler(loop)
      let address = try await handler.listen()
      let kept = try await blocking { try [BlockingSocket(address), BlockingSocket(address)] }
      try await handler.wait(for: .accepted, count: 2)
      #expect(try await blocking { try BlockingSocket(address).receiveAll() } == [])
      #expect(try await loop.perform { loop.statistics.refusedStreams } == 1)
      _ = kept
    }
  }

  @Test("Few buffers and many senders: flow control, not loss", arguments: LoopBackend.available)
  func bufferExhaustion(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend, { ($0.receiveBufferCount, $0.receiveBufferSize) = (2, 64) }) { loop async throws in
      let server = try await EchoServer.start(loop)
      let address = server.address
      try await blocking {
        let clients = try (0..<32).map { _ in try BlockingSocket(address) }
        let message = (0..<4096).map { UInt8(truncatingIfNeeded: $0) }
        for client in clients { try client.send(message) }
        for client in clients { #expect(try client.receive(exactly: message.count) == message) }
      }
      #expect(try await loop.perform { loop.statistics.buffersExhausted } > 0)
    }
  }

  @Test("An outbound connection talks to a listener of the same loop", arguments: LoopBackend.available)
  func connect(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let server = try await EchoServer.start(loop)
      let client = RecordingHandler(loop)
      try await loop.perform {
        _ = try loop.connect(to: server.address, handler: client) { result in
          guard case .success(let stream) = result else { return }
          loop.send(IOBuffer("ping"), on: stream)
        }
      }
      try await client.wait { $0.bytes == Array("ping".utf8) }
    }
  }

  @Test("A refused connection is an error by name", arguments: LoopBackend.available)
  func connectRefused(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let handler = RecordingHandler(loop)
      let result: Result<StreamID, RingError> = await withCheckedContinuation { continuation in
        loop.execute {
          do throws(RingError) {
            // Port 1 of loopback: nobody listens there.
            try loop.connect(to: .loopback(port: 1), handler: handler) { continuation.resume(returning: $0) }
          } catch {
            continuation.resume(returning: .failure(error))
          }
        }
      }
      #expect(result == .failure(RingError(.connectFailed, .connectionRefused)))
      #expect(handler.events == [])
      #expect(try await loop.perform { loop.streamCount } == 0)
    }
  }

  @Test("Two listeners on one port: the second is refused by name", arguments: LoopBackend.available)
  func addressInUse(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let handler = RecordingHandler(loop)
      let address = try await handler.listen()
      await #expect(
        performing: {
          try await loop.perform { _ = try loop.listen(on: address, handler: handler) }
        }, throws: { ($0 as? RingError)?.code == .addressInUse })
    }
  }

  @Test("The peer's address is the client's", arguments: LoopBackend.available)
  func peerAddress(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let server = RecordingHandler(loop)
      let client = RecordingHandler(loop)
      let address = try await server.listen()
      let stream = try await loop.perform { try loop.connect(to: address, handler: client) { _ in } }
      try await server.wait(for: .accepted)
      let (peerOfClient, peerOfServer) = try await loop.perform {
        (loop.peerAddress(stream), loop.peerAddress(server.streams[0]))
      }
      #expect(peerOfClient == address)
      #expect(peerOfServer?.isLoopback == true && peerOfServer != address)
    }
  }

  @Test("IPv6 works where the machine has it", arguments: LoopBackend.available)
  func ipv6(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let server = RecordingHandler(loop)
      let client = RecordingHandler(loop)
      let address: SocketAddress?
      do {
        address = try await loop.perform {
          loop.localAddress(try loop.listen(on: SocketAddress(host: "::1", port: 0), handler: server))
        }
      } catch let error as RingError where error.code == .addressNotAvailable || error.code == .setupFailed {
        return
      }
      let target = try #require(address)
      try await loop.perform {
        _ = try loop.connect(to: target, handler: client) { result in
          if case .success(let stream) = result { loop.send(IOBuffer("six"), on: stream) }
        }
      }
      try await server.wait { $0.bytes == Array("six".utf8) }
    }
  }

  @Test("A closed listener accepts no more, its streams live on", arguments: LoopBackend.available)
  func closeListener(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let server = try await EchoServer.start(loop)
      let address = server.address
      let client = try await blocking {
        let client = try BlockingSocket(address)
        try client.send("a")
        _ = try client.receive(exactly: 1)
        return client
      }
      try await loop.perform { if let listener = server.listener { loop.closeListener(listener) } }
      // A turn later the cancellation has come back and the descriptor is closed.
      while (try? await blocking { try BlockingSocket(address) }) != nil { try await Task.sleep(for: .milliseconds(1)) }
      let answer = try await blocking {
        try client.send("b")
        return try client.receive(exactly: 1)
      }
      #expect(answer == Array("b".utf8))
    }
  }
}
