import Ring
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventLoopTimerTests {
  final class Log: @unchecked Sendable {
    // @unchecked: touched on the loop only.
    var entries: [Int] = []
  }

  @Test(
    "Timers fire in the order of their deadlines, equal ones as they were scheduled", arguments: LoopBackend.available)
  func order(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let log = Log()
      let done: Void = await withCheckedContinuation { continuation in
        loop.execute {
          let start = loop.time
          loop.schedule(at: start.advanced(by: .milliseconds(9))) { continuation.resume() }
          loop.schedule(at: start.advanced(by: .milliseconds(5))) { log.entries.append(3) }
          loop.schedule(at: start.advanced(by: .milliseconds(2))) { log.entries.append(1) }
          loop.schedule(at: start.advanced(by: .milliseconds(2))) { log.entries.append(2) }
          loop.schedule(at: start.advanced(by: .milliseconds(-7))) { log.entries.append(0) }
        }
      }
      _ = done
      #expect(try await loop.perform { log.entries } == [0, 1, 2, 3])
    }
  }

  @Test("A cancelled timer does not fire, a moved one fires at its new deadline only", arguments: LoopBackend.available)
  func cancelAndMove(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let log = Log()
      let results = await withCheckedContinuation { (continuation: CheckedContinuation<[Bool], Never>) in
        loop.execute {
          let start = loop.time
          let cancelled = loop.schedule(at: start.advanced(by: .milliseconds(1))) { log.entries.append(-1) }
          let later = loop.schedule(at: start.advanced(by: .milliseconds(1))) { log.entries.append(2) }
          let earlier = loop.schedule(at: start.advanced(by: .seconds(100))) { log.entries.append(1) }
          var results = [loop.cancel(cancelled), loop.cancel(cancelled)]
          results.append(loop.move(later, to: start.advanced(by: .milliseconds(6))))
          results.append(loop.move(earlier, to: start.advanced(by: .milliseconds(3))))
          loop.schedule(at: start.advanced(by: .milliseconds(9))) {
            results.append(loop.move(later, to: start))
            results.append(loop.cancel(earlier))
            continuation.resume(returning: results)
          }
        }
      }
      #expect(results == [true, false, true, true, false, false])
      #expect(try await loop.perform { log.entries } == [1, 2])
      #expect(try await loop.perform { loop.timerCount } == 0)
    }
  }

  @Test("A sleep lasts until its deadline", arguments: LoopBackend.available)
  func sleep(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let clock = loop.clock
      let start = clock.now
      try await clock.sleep(for: .milliseconds(3))
      #expect(start.duration(to: clock.now) >= .milliseconds(3))
      let onLoop = try await Task(executorPreference: loop) {
        try await clock.sleep(for: .milliseconds(1))
        return loop.isOnLoop
      }.value
      #expect(onLoop)
    }
  }

  @Test("A cancelled sleep ends at once and leaves no timer", arguments: LoopBackend.available)
  func cancelledSleep(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      let sleepers = (0..<100).map { _ in Task { try await loop.clock.sleep(for: .seconds(1000)) } }
      while try await loop.perform({ loop.timerCount }) < 50 { try await Task.sleep(for: .milliseconds(1)) }
      for sleeper in sleepers { sleeper.cancel() }
      for sleeper in sleepers { await #expect(throws: CancellationError.self) { try await sleeper.value } }
      while try await loop.perform({ loop.timerCount }) > 0 { try await Task.sleep(for: .milliseconds(1)) }
    }
  }

  @Test("Sleeps that are cancelled as they begin end once, with an error or without", arguments: LoopBackend.available)
  func cancellationRace(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { loop async throws in
      await withTaskGroup(of: Void.self) { group in
        for index in 0..<500 {
          group.addTask {
            let sleeper = Task { try await loop.clock.sleep(for: .microseconds(index % 50)) }
            if index % 2 == 0 { await Task.yield() }
            sleeper.cancel()
            _ = await sleeper.result
          }
        }
      }
      while try await loop.perform({ loop.timerCount }) > 0 { try await Task.sleep(for: .milliseconds(1)) }
    }
  }

  @Test("Stopping the loop ends every sleep", arguments: LoopBackend.available)
  func sleepAtStop(_ backend: EventLoopConfiguration.Backend) async throws {
    let thread = try EventLoop.start(configuration: EventLoopConfiguration(backend: backend))
    let loop = thread.loop
    let sleepers = (0..<10).map { _ in Task { try await loop.clock.sleep(for: .seconds(1000)) } }
    while try await loop.perform({ loop.timerCount }) < 10 { try await Task.sleep(for: .milliseconds(1)) }
    await thread.stopAndWait()
    for sleeper in sleepers { await #expect(throws: CancellationError.self) { try await sleeper.value } }
    await #expect(throws: CancellationError.self) { try await loop.clock.sleep(for: .seconds(1000)) }
  }
}
