import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import Actors

/// Answers when the test says so, and counts how often it was asked.
private final class ScriptedTokenSource: TokenSource {
  private struct State {
    var asked = 0
    var pending: [CheckedContinuation<Result<IssuedToken, TokenError>, Never>] = []
  }
  private let state = Mutex(State())

  var asked: Int { state.withLock { $0.asked } }

  func fetchToken() async throws(TokenError) -> IssuedToken {
    try await withCheckedContinuation { continuation in
      state.withLock {
        $0.asked += 1
        $0.pending.append(continuation)
      }
    }.get()
  }

  /// Waits until it is asked, and answers the oldest question.
  func answer(_ result: Result<IssuedToken, TokenError>) async {
    while true {
      let continuation = state.withLock { $0.pending.isEmpty ? nil : $0.pending.removeFirst() }
      if let continuation { return continuation.resume(returning: result) }
      await Task.yield()
    }
  }
}

@Suite(.timeLimit(.minutes(1))) struct TokenManagerTests {
  private let clock = ManualClock()
  private let wallClock = ManualWallClock(Timestamp(nanoseconds: 0))
  private let source = ScriptedTokenSource()
  private let manager: TokenManager

  init() throws {
    manager = TokenManager(
      executor: SerialQueueExecutor(), clock: clock, wallClock: wallClock, account: try #require(AccountID("main")),
      source: source)
  }

  private func issued(hours: Int64) -> IssuedToken {
    IssuedToken(
      secret: Secret("hush-hush"), expiresAt: wallClock.now().adding(nanoseconds: hours * 3_600_000_000_000))
  }

  @Test func `whoever waits for the next token gets each one once, and is let go at the end`() async {
    let manager = manager
    #expect(await manager.supply(issued(hours: 20)))
    #expect(await manager.arrival(after: 0) == 1)
    async let second = manager.arrival(after: 1)
    await manager.reportRefused(1)
    await source.answer(.success(issued(hours: 22)))
    #expect(await second == 2)
    let cancelled = Task { await manager.arrival(after: 2) }
    cancelled.cancel()
    #expect(await cancelled.value == nil)
    async let last = manager.arrival(after: 2)
    await manager.shutdown()
    #expect(await last == nil)
  }

  private var soon: Uptime { clock.now.advanced(by: .seconds(30)) }

  private func startCallers(_ count: Int, within time: Duration = .seconds(30)) async -> [Task<
    Result<AccessToken, TokenError>, Never
  >] {
    let deadline = clock.now.advanced(by: time)
    let waiting = await manager.status().waiterCount
    let tasks = (0..<count).map { _ in
      Task { () -> Result<AccessToken, TokenError> in
        do throws(TokenError) { return .success(try await manager.token(until: deadline)) } catch {
          return .failure(error)
        }
      }
    }
    while await manager.status().waiterCount < waiting + count { await Task.yield() }
    return tasks
  }

  private func code(_ task: Task<Result<AccessToken, TokenError>, Never>) async -> String {
    switch await task.value {
    case .success(let token): "token \(token.generation)"
    case .failure(let error): error.refusal.code
    }
  }

  @Test func `a hundred callers wait for exactly one refresh`() async {
    let callers = await startCallers(100)
    await source.answer(.success(issued(hours: 24)))
    for caller in callers { #expect(await code(caller) == "token 1") }
    #expect(source.asked == 1)
    await manager.shutdown()
  }

  @Test func `expiry in mid-burst: old calls report, new calls wait, one refresh`() async throws {
    await manager.supply(issued(hours: 24))
    let first = try await manager.token(until: soon)
    clock.advance(by: .seconds(10))
    for _ in 0..<50 { await manager.reportRefused(first.generation) }
    let callers = await startCallers(50)
    for _ in 0..<50 { await manager.reportRefused(first.generation) }
    await source.answer(.success(issued(hours: 24)))
    for caller in callers { #expect(await code(caller) == "token 2") }
    await manager.reportRefused(first.generation)
    #expect(try await manager.token(until: soon).generation == 2)
    #expect(source.asked == 1)
    await manager.shutdown()
  }

  @Test func `a failed refresh gives every waiter the same error, and asking on does not ask the broker`() async {
    let error = TokenError(kind: .temporary, refusal: Refusal(code: "auth.outage", cause: "down", fix: "wait"))
    let callers = await startCallers(10)
    await source.answer(.failure(error))
    for caller in callers { #expect(await code(caller) == "auth.outage") }
    for _ in 0..<1_000 {
      await #expect(throws: TokenError(kind: .temporary, refusal: error.refusal, retryAfter: .seconds(5))) {
        _ = try await manager.token(until: soon)
      }
    }
    #expect(source.asked == 1)
    await clock.sleepers(atLeast: 1)
    clock.advance(by: .seconds(5))
    await source.answer(.success(issued(hours: 24)))
    while await !manager.status().valid { await Task.yield() }
    #expect(source.asked == 2)
    await manager.shutdown()
  }

  @Test func `it is renewed an hour before its end although nobody asks`() async {
    await manager.supply(issued(hours: 24))
    await clock.sleepers(atLeast: 1)
    clock.advance(by: .seconds(23 * 3_600))
    wallClock.jump(by: .seconds(23 * 3_600))
    await source.answer(.success(issued(hours: 24)))
    while await manager.status().generation < 2 { await Task.yield() }
    #expect(await manager.status().hoursRemaining == 24)
    await manager.shutdown()
  }

  @Test(arguments: [Duration.seconds(3_600), .seconds(-3_600), .seconds(86_400)])
  func `a jump of the wall clock changes nothing`(jump: Duration) async throws {
    await manager.supply(issued(hours: 2))
    wallClock.jump(by: jump)
    let status = await manager.status()
    #expect(status.valid && !status.needsRefresh && status.hoursRemaining == 2)
    #expect(source.asked == 0)
    await manager.shutdown()
  }

  @Test func `a deadline, a cancel and the end each answer their waiter, and the rest still get the token`() async {
    let early = await startCallers(1, within: .seconds(10))
    let later = await startCallers(3)
    later[0].cancel()
    #expect(await code(later[0]) == "auth.cancelled")
    await clock.sleepers(atLeast: 1)
    while clock.nextDeadline != clock.now.advanced(by: .seconds(10)) { await Task.yield() }
    clock.advance(by: .seconds(10))
    #expect(await code(early[0]) == "auth.deadlinePassed")
    await source.answer(.success(issued(hours: 24)))
    for caller in later.dropFirst() { #expect(await code(caller) == "token 1") }
    await manager.reportRefused(1)
    let last = await startCallers(1)
    await manager.shutdown()
    #expect(await code(last[0]) == "auth.shuttingDown")
    await source.answer(.success(issued(hours: 24)))
  }

  @Test func `a call cancelled before it waits does not wait`() async {
    let manager = manager
    let deadline = soon
    let task = Task { () -> String in
      withUnsafeCurrentTask { $0?.cancel() }
      do throws(TokenError) {
        return "token \(try await manager.token(until: deadline).generation)"
      } catch {
        return error.refusal.code
      }
    }
    #expect(await task.value == "auth.cancelled")
    #expect(await manager.status().waiterCount == 0)
    await manager.shutdown()
    await source.answer(.success(issued(hours: 1)))
  }

  @Test func `nothing that can be printed shows the token`() async throws {
    await manager.supply(issued(hours: 24))
    let token = try await manager.token(until: soon)
    var dumped = ""
    dump(token, to: &dumped)
    for text in ["\(token)", String(reflecting: token), dumped, "\(await manager.status())"] {
      #expect(!text.contains("hush"))
    }
    await manager.shutdown()
  }

  @Test func `paper needs no token, and a configured one can only be replaced`() async throws {
    let account = try #require(AccountID("paper"))
    let paper = TokenManager(
      executor: SerialQueueExecutor(), clock: clock, wallClock: wallClock, account: account,
      source: StaticTokenSource.paper)
    let token = try await paper.token(until: soon)
    #expect(token.secret == nil)
    let fixed = TokenManager(
      executor: SerialQueueExecutor(), clock: clock, wallClock: wallClock, account: account,
      source: StaticTokenSource.configuration)
    await fixed.supply(issued(hours: 24))
    let old = try await fixed.token(until: soon)
    await fixed.reportRefused(old.generation)
    await #expect(throws: TokenError.self) { _ = try await fixed.token(until: soon) }
    await fixed.supply(issued(hours: 24))
    #expect(try await fixed.token(until: soon).generation == 2)
    await paper.shutdown()
    await fixed.shutdown()
  }
}
