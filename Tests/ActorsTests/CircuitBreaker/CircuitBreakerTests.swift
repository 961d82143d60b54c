import OrderDomain
import TestSupport
import Testing

@testable import Actors

@Suite(.timeLimit(.minutes(1))) struct CircuitBreakerTests {
  private typealias Breaker = CircuitBreaker
  private let clock = ManualClock()
  private let executor = SerialQueueExecutor()

  private func makeBreaker(_ change: (inout CircuitBreakerSettings) -> Void = { _ in }) -> Breaker {
    var settings = CircuitBreakerSettings()
    change(&settings)
    return Breaker(executor: executor, clock: clock, entries: settings, exits: settings)
  }

  private func trip(_ breaker: Breaker, _ lane: CircuitLane = .entries) async throws {
    for _ in 0..<5 { await breaker.finish(try await breaker.admit(lane), .failure) }
    #expect(await breaker.snapshot(lane).phase == .open)
  }

  /// The waiting calls, each admitted one giving its permit back as `outcome`; their reasons where they were refused.
  private func startWaiters(
    _ count: Int, _ breaker: Breaker, until deadline: Uptime, _ outcome: CallOutcome = .success
  ) async -> [Task<CircuitOpen.Reason?, Never>] {
    var tasks: [Task<CircuitOpen.Reason?, Never>] = []
    for _ in 0..<count {
      let before = await breaker.snapshot(.entries).waiterCount
      tasks.append(
        Task {
          do throws(CircuitOpen) {
            await breaker.finish(try await breaker.admitWhenClosed(.entries, until: deadline), outcome)
            return nil
          } catch {
            return error.reason
          }
        })
      while await breaker.snapshot(.entries).waiterCount == before { await Task.yield() }
    }
    return tasks
  }

  @Test func `a broken entry lane leaves exits alone`() async throws {
    let breaker = makeBreaker()
    try await trip(breaker)
    await #expect(throws: CircuitOpen(lane: .entries, reason: .open, retryAfter: .seconds(60))) {
      _ = try await breaker.admit(.entries)
    }
    await breaker.finish(try await breaker.admit(.exits), .success)
  }

  @Test func `waiting calls are held while it is open and all go when the probe passes`() async throws {
    let breaker = makeBreaker()
    try await trip(breaker)
    let waiters = await startWaiters(20, breaker, until: clock.now.advanced(by: .seconds(300)))
    clock.advance(by: .seconds(59))
    #expect(await breaker.snapshot(.entries).waiterCount == 20)
    await clock.sleepers(atLeast: 1)
    clock.advance(by: .seconds(1))
    for waiter in waiters { #expect(await waiter.value == nil) }
    let snapshot = await breaker.snapshot(.entries)
    #expect(snapshot.phase == .closed)
    #expect(snapshot.counters.succeeded == 20)
    await breaker.shutdown()
  }

  @Test func `exactly one of a hundred goes out as the probe`() async throws {
    let breaker = makeBreaker()
    try await trip(breaker)
    clock.advance(by: .seconds(60))
    let probe = try await breaker.admit(.entries)
    let isProbe = probe.isProbe
    #expect(isProbe)
    for _ in 0..<99 {
      await #expect(throws: CircuitOpen(lane: .entries, reason: .probing, retryAfter: .seconds(15))) {
        _ = try await breaker.admit(.entries)
      }
    }
    await breaker.finish(probe, .failure)
    #expect(await breaker.snapshot(.entries).phase == .open)
  }

  @Test func `a read probes where calls may not, and calls go after it`() async throws {
    let breaker = makeBreaker { $0.callsMayProbe = false }
    try await trip(breaker)
    let waiters = await startWaiters(3, breaker, until: clock.now.advanced(by: .seconds(300)))
    let deadline = clock.now.advanced(by: .seconds(300))
    let prober = Task {
      let permit = try await breaker.probe(.entries, until: deadline)
      let heldMeanwhile = await breaker.snapshot(.entries).waiterCount
      await breaker.finish(permit, .success)
      return heldMeanwhile
    }
    while await breaker.snapshot(.entries).waiterCount < 4 { await Task.yield() }
    await clock.sleepers(atLeast: 1)
    clock.advance(by: .seconds(60))
    #expect(try await prober.value == 3)
    for waiter in waiters { #expect(await waiter.value == nil) }
    await breaker.shutdown()
  }

  @Test func `a wait ends at its deadline, not before and not later`() async throws {
    let breaker = makeBreaker()
    try await trip(breaker)
    let waiters = await startWaiters(2, breaker, until: clock.now.advanced(by: .seconds(30)))
    await clock.sleepers(atLeast: 1)
    clock.advance(by: .seconds(29))
    #expect(await breaker.snapshot(.entries).waiterCount == 2)
    clock.advance(by: .seconds(1))
    for waiter in waiters { #expect(await waiter.value == .deadlinePassed) }
    await breaker.shutdown()
  }

  @Test func `the row is bounded, and the end refuses everybody in it`() async throws {
    let breaker = makeBreaker { $0.waiterLimit = 3 }
    try await trip(breaker)
    let deadline = clock.now.advanced(by: .seconds(300))
    let waiters = await startWaiters(3, breaker, until: deadline)
    await #expect(throws: CircuitOpen(lane: .entries, reason: .queueFull, retryAfter: nil)) {
      _ = try await breaker.admitWhenClosed(.entries, until: deadline)
    }
    await breaker.shutdown()
    for waiter in waiters { #expect(await waiter.value == .shuttingDown) }
    await #expect(throws: CircuitOpen(lane: .entries, reason: .shuttingDown, retryAfter: nil)) {
      _ = try await breaker.admitWhenClosed(.entries, until: deadline)
    }
  }

  @Test func `a cancelled wait ends at once and hands its turn on`() async throws {
    let breaker = makeBreaker()
    try await trip(breaker)
    let waiters = await startWaiters(3, breaker, until: clock.now.advanced(by: .seconds(300)))
    waiters[0].cancel()
    #expect(await waiters[0].value == .cancelled)
    await clock.sleepers(atLeast: 1)
    clock.advance(by: .seconds(60))
    for waiter in waiters.dropFirst() { #expect(await waiter.value == nil) }
    await breaker.shutdown()
  }

  @Test func `a wait that was cancelled before it began never waits`() async throws {
    let breaker = makeBreaker()
    try await trip(breaker)
    let deadline = clock.now.advanced(by: .seconds(300))
    let task = Task { () -> CircuitOpen.Reason? in
      withUnsafeCurrentTask { $0?.cancel() }
      do throws(CircuitOpen) {
        await breaker.finish(try await breaker.admitWhenClosed(.entries, until: deadline), .notSent)
        return nil
      } catch {
        return error.reason
      }
    }
    #expect(await task.value == .cancelled)
    #expect(await breaker.snapshot(.entries).waiterCount == 0)
    await breaker.shutdown()
  }

  @Test func `a dropped probe is counted as abandoned and another may go`() async throws {
    let breaker = makeBreaker()
    try await trip(breaker)
    clock.advance(by: .seconds(60))
    do { _ = try await breaker.admit(.entries) }
    await breaker.finish(try await breaker.admit(.entries), .success)
    let snapshot = await breaker.snapshot(.entries)
    #expect(snapshot.phase == .closed)
    #expect(snapshot.counters.abandoned == 1)
  }

  @Test func `a person opens it for as long as they like`() async throws {
    let breaker = makeBreaker()
    await breaker.open(.entries, reason: "kill switch")
    clock.advance(by: .seconds(86_400))
    await #expect(throws: CircuitOpen(lane: .entries, reason: .held(reason: "kill switch"), retryAfter: nil)) {
      _ = try await breaker.admit(.entries)
    }
    let waiters = await startWaiters(2, breaker, until: clock.now.advanced(by: .seconds(30)))
    await breaker.close(.entries, reason: "all clear")
    for waiter in waiters { #expect(await waiter.value == nil) }
    #expect(await breaker.snapshot(.entries).reason == "all clear")
    await breaker.shutdown()
  }

  @Test func `code on the engine's thread takes and gives permits without a suspension`() async {
    let breaker = makeBreaker()
    let isAdmitted = await executor.run {
      for _ in 0..<5 {
        do { breaker.finishHere(try breaker.admitHere(.entries), .failure) } catch { return false }
      }
      do throws(CircuitOpen) {
        breaker.finishHere(try breaker.admitHere(.entries), .success)
        return false
      } catch {
        return error.reason == .open
      }
    }
    #expect(isAdmitted)
  }
}
