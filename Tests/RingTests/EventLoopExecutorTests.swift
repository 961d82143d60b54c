import Ring
import Synchronization
import Testing

private actor Counter {
  private let loop: EventLoop
  private(set) var value = 0

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  init(_ loop: EventLoop) { self.loop = loop }

  func add(_ amount: Int) -> Bool {
    value += amount
    return loop.isOnLoop
  }

  func other(_ counter: Counter) async -> Int {
    _ = await counter.add(1)
    return value
  }
}

@Suite(.timeLimit(.minutes(1)))
struct EventLoopExecutorTests {
  @Test("An actor on the loop runs on its thread, called from many others", arguments: LoopBackend.available)
  func actorOnLoop(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let counter = Counter(loop)
      await withTaskGroup(of: Bool.self) { group in
        for _ in 0..<2000 { group.addTask { await counter.add(1) } }
        for await ranOnLoop in group { #expect(ranOnLoop) }
      }
      #expect(await counter.value == 2000)
    }
  }

  @Test(
    "A task that prefers the loop runs there, and so do its children and the actors it calls",
    arguments: LoopBackend.available)
  func preference(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let first = Counter(loop)
      let second = Counter(loop)
      let places = await Task(executorPreference: loop) {
        var places = [loop.isOnLoop]
        places.append(await first.add(1))
        places.append(loop.isOnLoop)
        async let child = loop.isOnLoop
        places.append(await child)
        _ = await first.other(second)
        places.append(loop.isOnLoop)
        await withTaskGroup(of: Bool.self) { group in
          for _ in 0..<8 { group.addTask { loop.isOnLoop } }
          for await place in group { places.append(place) }
        }
        await Task.yield()
        places.append(loop.isOnLoop)
        return places
      }.value
      #expect(places.allSatisfy { $0 })
      #expect(!loop.isOnLoop)
    }
  }

  @Test("A handler on the loop may assume the isolation of an actor that lives there", arguments: LoopBackend.available)
  func assumeIsolated(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let counter = Counter(loop)
      let value = try await loop.perform {
        counter.assumeIsolated { isolated in
          _ = isolated.add(41)
          return isolated.add(1)
        }
      }
      #expect(value)
      #expect(await counter.value == 42)
      #expect(loop.isIsolatingCurrentContext() == false)
    }
  }

  @Test("Jobs that enqueue jobs without end do not keep the loop from its sockets", arguments: LoopBackend.available)
  func jobsDoNotStarveSockets(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let server = try await EchoServer.start(loop)
      let address = server.address
      let spinners = (0..<600).map { _ in
        Task(executorPreference: loop) { while !Task.isCancelled { await Task.yield() } }
      }
      let answer = try await blocking {
        let client = try BlockingSocket(address)
        try client.send("through")
        return try client.receive(exactly: 7)
      }
      #expect(answer == Array("through".utf8))
      for spinner in spinners { spinner.cancel() }
      for spinner in spinners { await spinner.value }
    }
  }

  @Test("Work given from other threads runs once each, in the order of each giver", arguments: LoopBackend.available)
  func crossThread(_ backend: EventLoopConfiguration.Backend) async throws {
    final class Seen: @unchecked Sendable {
      // @unchecked: touched on the loop only.
      var last = [Int](repeating: -1, count: 4)
      var count = 0
    }
    try await withLoop(backend) { loop async throws in
      let seen = Seen()
      await withTaskGroup(of: Void.self) { group in
        for giver in 0..<4 {
          group.addTask {
            for number in 0..<5000 {
              loop.execute {
                #expect(seen.last[giver] == number - 1)
                seen.last[giver] = number
                seen.count += 1
              }
            }
          }
        }
      }
      while try await loop.perform({ seen.count }) < 20_000 { try await Task.sleep(for: .milliseconds(1)) }
      #expect(try await loop.perform { seen.count } == 20_000)
    }
  }

  @Test("A sleeping loop is woken by another thread", arguments: LoopBackend.available)
  func wakeUp(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      for _ in 0..<200 {
        #expect(try await loop.perform { loop.isOnLoop })
        await Task.yield()
      }
      #expect(try await loop.perform { loop.statistics.wakeUps } > 0)
    }
  }

  @Test("A spinning loop serves without sleeping", arguments: LoopBackend.available)
  func spinning(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend, { $0.spin = true }) { loop async throws in
      let server = try await EchoServer.start(loop)
      let address = server.address
      let answer = try await blocking {
        let client = try BlockingSocket(address)
        try client.send("spin")
        return try client.receive(exactly: 4)
      }
      #expect(answer == Array("spin".utf8))
      #expect(try await loop.perform { loop.statistics.wakeUps } == 0)
    }
  }

  @Test("The gauge shows the longest time away from the kernel, and can be reset", arguments: LoopBackend.available)
  func stretchGauge(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      try await loop.perform {
        let start = loop.clock.now
        while start.duration(to: loop.clock.now) < .milliseconds(20) {}
      }
      // Both in one stretch, which is noted only at its end.
      let (longest, afterReset) = try await loop.perform {
        (loop.longestStretchNanoseconds(reset: true), loop.longestStretchNanoseconds(reset: false))
      }
      #expect(longest >= 20_000_000)
      #expect(afterReset == 0)
    }
  }

  @Test("An actor whose loop has ended still answers", arguments: LoopBackend.available)
  func afterTheEnd(_ backend: EventLoopConfiguration.Backend) async throws {
    let thread = try EventLoop.start(configuration: EventLoopConfiguration(backend: backend))
    let counter = Counter(thread.loop)
    _ = await counter.add(1)
    await thread.stopAndWait()
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<200 { group.addTask { await counter.add(1) } }
      for await ranOnLoop in group { #expect(ranOnLoop) }
    }
    #expect(await counter.value == 201)
  }
}
