import Glibc
import Ring
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventLoopStopTests {
  @Test(
    "A loop with things under way stops, tells everyone, and leaves no descriptor", arguments: LoopBackend.available)
  func stop(_ backend: EventLoopConfiguration.Backend) async throws {
    // In a process of its own: other tests open descriptors meanwhile.
    await #expect(processExitsWith: .success) { [name = backend.rawValue as String] in
      // The test's time limit does not reach into this process, and one that hangs would hold up all others.
      alarm(60)
      let backend = try #require(EventLoopConfiguration.Backend(rawValue: name))
      // Once beforehand, for what the runtime opens and keeps.
      try await Self.startAndStopBusyLoop(backend)
      let before = openDescriptorCount()
      for _ in 0..<3 { try await Self.startAndStopBusyLoop(backend) }
      // A task lets go of what it captured (the clients' sockets) a moment after its value is there.
      for _ in 0..<1_000 where openDescriptorCount() > before { try await Task.sleep(for: .milliseconds(5)) }
      #expect(openDescriptorCount() <= before)
    }
  }

  static func startAndStopBusyLoop(_ backend: EventLoopConfiguration.Backend) async throws {
    let path = "/tmp/ring-stop-\(getpid())"
    defer { unlink(path) }
    let thread = try EventLoop.start(name: "stop", configuration: EventLoopConfiguration(backend: backend))
    let loop = thread.loop
    let server = RecordingHandler(loop)
    let address = try await server.listen()
    let outbound = RecordingHandler(loop)
    let clients = try await blocking { try (0..<20).map { _ in try BlockingSocket(address, receiveBuffer: 4096) } }
    try await server.wait(for: .accepted, count: 20)
    let file = try AppendFile(path: path)
    let sleeper = Task { try await loop.clock.sleep(for: .seconds(1000)) }
    let written = Task {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        loop.execute {
          let buffer = IOBuffer([UInt8](repeating: 3, count: 1 << 20))
          loop.writeAndSync(buffer, to: file, at: 0) { continuation.resume(with: $0.mapError { $0 }) }
          // In the same turn: stopped while everything is under way.
          for stream in server.streams { loop.send(IOBuffer([UInt8](repeating: 1, count: 8 << 20)), on: stream) }
          loop.schedule(after: .seconds(1000)) {}
          let connected = Result { try loop.connect(to: address, handler: outbound) { _ in } }
          #expect((try? connected.get()) != nil)
          let watched = Result { try loop.watch(clients[0].descriptor, for: .readable) { _ in } }
          #expect((try? watched.get()) != nil)
          loop.requestStop()
        }
      }
    }
    // What was asked of the disk before the stop is done, and known.
    try await written.value
    await thread.stopAndWait()
    await #expect(throws: CancellationError.self) { try await sleeper.value }
    #expect(server.events.filter { $0 == .closed }.count >= 20)
    #expect(try file.size() == 1 << 20)
    await #expect(throws: FileError.self) {
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        loop.execute { loop.sync(file) { continuation.resume(with: $0.mapError { $0 }) } }
      }
    }
    await thread.stopAndWait()
    thread.stop()
  }

  @Test(
    "Short of descriptors, accepting rests without spinning, keeps a reserve, and goes on as streams close",
    arguments: LoopBackend.available)
  func descriptorsExhausted(_ backend: EventLoopConfiguration.Backend) async throws {
    // In a process of its own, whose limit can be lowered.
    await #expect(processExitsWith: .success) { [name = backend.rawValue as String] in
      // The test's time limit does not reach into this process, and one that hangs would hold up all others.
      alarm(60)
      let backend = try #require(EventLoopConfiguration.Backend(rawValue: name))
      // The clients' ends first: their descriptors must not be what is missing.
      let clients = (0..<30).map { _ in socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0) }
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      // Sixteen numbers are free below the reserve, whatever this process has inherited.
      var (number, freeCount) = (Int32(0), 0)
      while freeCount < 16 {
        if fcntl(number, F_GETFD) == -1 { freeCount += 1 }
        number += 1
      }
      limit.rlim_cur = rlim_t(number) + 48
      setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
      try await withLoop(backend, { $0.descriptorReserve = 48 }) { loop async throws in
        let server = RecordingHandler(loop)
        let address = try await server.listen()
        for (index, client) in clients.enumerated() {
          Self.connectLoopback(client, address.port)
          // One at a time: what the kernel accepts at one go may dip into the reserve.
          try await server.wait { _ in server.streams.count > index || loop.statistics.acceptPauses > 0 }
        }
        #expect(try await loop.perform { loop.statistics.acceptPauses } > 0)
        let accepted = server.events.filter { $0 == .accepted }.count
        #expect(accepted < 30)
        let before = try await loop.perform { loop.statistics.turns }
        try await loop.clock.sleep(for: .milliseconds(250))
        let turns = try await loop.perform { loop.statistics.turns } - before
        #expect(turns < 100)
        // Room for others all the while.
        let others = (0..<20).map { _ in open("/dev/null", O_RDONLY) }
        #expect(others.allSatisfy { $0 >= 0 })
        for other in others { close(other) }
        // Each stream that closes lets another in.
        for index in 0..<30 {
          try await server.wait { $0.streams.count > index }
          try await loop.perform { loop.close(server.streams[index]) }
        }
        try await server.wait(for: .closed, count: 30)
        let counters = try await loop.perform { loop.statistics }
        #expect(counters.acceptedStreams == 30 && counters.refusedStreams == 0)
      }
    }
  }

  static func connectLoopback(_ descriptor: Int32, _ port: UInt16) {
    var four = sockaddr_in()
    four.sin_family = sa_family_t(AF_INET)
    four.sin_port = port.bigEndian
    four.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let result = withUnsafePointer(to: &four) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    #expect(result == 0)
  }

  @Test("A stop that may not wait for the disk still tells who waits for it", arguments: LoopBackend.available)
  func impatientStop(_ backend: EventLoopConfiguration.Backend) async throws {
    // In a process of its own: what the kernel may still read is never given back.
    await #expect(processExitsWith: .success) { [name = backend.rawValue as String] in
      // The test's time limit does not reach into this process, and one that hangs would hold up all others.
      alarm(60)
      let backend = try #require(EventLoopConfiguration.Backend(rawValue: name))
      let path = "/tmp/ring-impatient-\(getpid())"
      defer { unlink(path) }
      var configuration = EventLoopConfiguration(backend: backend)
      configuration.drainLimit = .zero
      let thread = try EventLoop.start(configuration: configuration)
      let loop = thread.loop
      let file = try AppendFile(path: path)
      let result: Result<Void, FileError> = await withCheckedContinuation { continuation in
        loop.execute {
          let buffer = IOBuffer([UInt8](repeating: 1, count: 64 << 20))
          loop.writeAndSync(buffer, to: file, at: 0) { continuation.resume(returning: $0) }
          loop.requestStop()
        }
      }
      #expect(throws: FileError.self) { try result.get() }
      await thread.stopAndWait()
    }
  }

  @Test("The loop runs on the current thread, too", arguments: LoopBackend.available)
  func runHere(_ backend: EventLoopConfiguration.Backend) async throws {
    let turns = try await blocking {
      let loop = try EventLoop(configuration: EventLoopConfiguration(backend: backend))
      loop.execute { loop.schedule(after: .milliseconds(1)) { loop.requestStop() } }
      try loop.run()
      return loop.isOnLoop
    }
    #expect(!turns)
  }

  @Test("A loop that is asked to stop before it runs, runs and stops", arguments: LoopBackend.available)
  func stopBeforeRun(_ backend: EventLoopConfiguration.Backend) async throws {
    try await blocking {
      let loop = try EventLoop(configuration: EventLoopConfiguration(backend: backend))
      loop.requestStop()
      try loop.run()
    }
  }
}
