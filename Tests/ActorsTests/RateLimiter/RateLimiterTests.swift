import OrderDomain
import TestSupport
import Testing

@testable import Actors

@Suite(.timeLimit(.minutes(1))) struct RateLimiterTests {
  private typealias Limiter = RateLimiter
  private let clock = ManualClock()
  private let executor = SerialQueueExecutor()

  private func makeLimiter(
    _ policy: String, _ change: (inout RateLimiterSettings) -> Void = { _ in }
  ) throws -> Limiter {
    var settings = RateLimiterSettings(policy: try RateLimitPolicy(policy))
    settings.exitShare = 0
    settings.orderShare = 0
    settings.guardTime = .zero
    change(&settings)
    return Limiter(executor: executor, clock: clock, settings: settings)
  }

  private func spend(_ count: Int, _ limiter: Limiter) async throws {
    for _ in 0..<count { await limiter.spend(try await limiter.tryAcquire(.entries)) }
  }

  /// Waiting calls, each spending its permit when it comes; their reasons where they were refused.
  private func startWaiters(
    _ count: Int, _ limiter: Limiter, _ kind: RateClass = .entries, within time: Duration = .seconds(100)
  ) async -> [Task<RateLimited.Reason?, Never>] {
    let deadline = clock.now.advanced(by: time)
    var tasks: [Task<RateLimited.Reason?, Never>] = []
    for _ in 0..<count {
      let before = await waiterCount(limiter)
      tasks.append(
        Task {
          do throws(RateLimited) {
            await limiter.spend(try await limiter.acquire(kind, until: deadline))
            return nil
          } catch {
            return error.reason
          }
        })
      while await waiterCount(limiter) == before { await Task.yield() }
    }
    return tasks
  }

  private func waiterCount(_ limiter: Limiter) async -> Int {
    await limiter.forecast(.reads).waiterCounts.reduce(0, +)
  }

  @Test func `waiting calls go as the window frees, never more than its limit at once`() async throws {
    let limiter = try makeLimiter("10/1s")
    try await spend(10, limiter)
    let waiters = await startWaiters(25, limiter)
    for left in [15, 5, 0] {
      await clock.sleepers(atLeast: 1)
      clock.advance(by: .seconds(1))
      while await waiterCount(limiter) > left { await Task.yield() }
      let spent = UInt64(10 + 25 - left)
      while await limiter.forecast(.entries).counters.spent < spent { await Task.yield() }
      #expect(await waiterCount(limiter) == left)
    }
    for waiter in waiters { #expect(await waiter.value == nil) }
    await limiter.shutdown()
  }

  @Test func `a 429 holds waiting calls for exactly the rest it asked for`() async throws {
    let limiter = try makeLimiter("10/1s")
    #expect(await limiter.penalise(for: .seconds(5)) == RatePenalty(rest: .seconds(5), wasCapped: false))
    let waiters = await startWaiters(3, limiter)
    await clock.sleepers(atLeast: 1)
    #expect(clock.nextDeadline == clock.now.advanced(by: .seconds(5)))
    clock.advance(by: .milliseconds(4_999))
    #expect(await waiterCount(limiter) == 3)
    clock.advance(by: .milliseconds(1))
    for waiter in waiters { #expect(await waiter.value == nil) }
    await limiter.shutdown()
  }

  @Test func `a full row refuses with the time of the next free place`() async throws {
    let limiter = try makeLimiter("1/1s") { $0.waiterLimit = 2 }
    try await spend(1, limiter)
    let waiters = await startWaiters(2, limiter)
    let deadline = clock.now.advanced(by: .seconds(100))
    await #expect(throws: RateLimited(kind: .entries, reason: .queueFull, retryAfter: .seconds(1))) {
      _ = try await limiter.acquire(.entries, until: deadline)
    }
    await limiter.shutdown()
    for waiter in waiters { #expect(await waiter.value == .shuttingDown) }
    await #expect(throws: RateLimited(kind: .exits, reason: .shuttingDown, retryAfter: nil)) {
      _ = try await limiter.acquire(.exits, until: deadline)
    }
  }

  @Test func `a deadline and a cancel end a wait, and the rest of the row moves up`() async throws {
    let limiter = try makeLimiter("1/10s")
    try await spend(1, limiter)
    let early = await startWaiters(1, limiter, within: .seconds(3))
    let later = await startWaiters(2, limiter)
    later[0].cancel()
    #expect(await later[0].value == .cancelled)
    await clock.sleepers(atLeast: 1)
    clock.advance(by: .seconds(3))
    #expect(await early[0].value == .deadlinePassed)
    await clock.sleepers(atLeast: 1)
    clock.advance(by: .seconds(7))
    #expect(await later[1].value == nil)
    await limiter.shutdown()
  }

  @Test func `a wait cancelled before it began never waits`() async throws {
    let limiter = try makeLimiter("1/1s")
    try await spend(1, limiter)
    let deadline = clock.now.advanced(by: .seconds(100))
    let task = Task { () -> RateLimited.Reason? in
      withUnsafeCurrentTask { $0?.cancel() }
      do throws(RateLimited) {
        await limiter.giveBack(try await limiter.acquire(.entries, until: deadline))
        return nil
      } catch {
        return error.reason
      }
    }
    #expect(await task.value == .cancelled)
    #expect(await waiterCount(limiter) == 0)
    await limiter.shutdown()
  }

  @Test func `a permit given back wakes the next`() async throws {
    let limiter = try makeLimiter("1/1s")
    let permit = try await limiter.tryAcquire(.entries)
    let waiters = await startWaiters(1, limiter)
    await limiter.giveBack(permit)
    #expect(await waiters[0].value == nil)
    await limiter.shutdown()
  }

  @Test func `a dropped permit counts as spent, a dropped reservation as released`() async throws {
    let limiter = try makeLimiter("10/60s")
    do { _ = try await limiter.tryAcquire(.entries) }
    do { _ = try await limiter.reserve(9, .entries, until: clock.now.advanced(by: .seconds(50))) }
    let forecast = await limiter.forecast(.entries)
    #expect(forecast.windows.map(\.used) == [1])
    #expect(forecast.windows.map(\.left) == [9])
    #expect(forecast.counters.abandoned == 1)
    await limiter.shutdown()
  }

  @Test func `a plan draws what it reserved while others wait`() async throws {
    let limiter = try makeLimiter("5/60s")
    let plan = try await limiter.reserve(5, .entries, until: clock.now.advanced(by: .seconds(50)))
    let others = await startWaiters(1, limiter)
    for _ in 0..<4 { await limiter.spend(try await limiter.tryAcquire(from: plan)) }
    let left = await limiter.remaining(plan)
    #expect(left == 1)
    await limiter.release(plan)
    #expect(await others[0].value == nil)
    await limiter.shutdown()
  }

  @Test func `code on the engine's thread takes and spends without a suspension`() async throws {
    let limiter = try makeLimiter("3/1s")
    let reason = await executor.run { () -> RateLimited.Reason? in
      do throws(RateLimited) {
        for _ in 0..<3 { limiter.spendHere(try limiter.tryAcquireHere(.entries)) }
        limiter.giveBackHere(try limiter.tryAcquireHere(.exits))
        return nil
      } catch {
        return error.reason
      }
    }
    #expect(reason == .windowFull("1s"))
  }
}
