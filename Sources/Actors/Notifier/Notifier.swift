package import OrderDomain
internal import Synchronization

/// Tells people what happens, by every channel that there is, beside the orders and never in their way.
///
/// ``tell(_:)`` puts a notice into a bounded box and returns at once, from whichever thread; everything else happens on the
/// actor's executor, later. What goes when is ``NotifierState``'s decision, one for each channel, so that a channel that
/// fails holds up no other. ``run()`` takes the box out as long as its task lives; ``shutdown(within:)`` ends it.
package actor Notifier {
  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  /// How one channel stands, for people.
  package struct ChannelStatus: Hashable, Sendable {
    package let name: String
    package let health: NotifierState.Health
    package let waitingCount: Int

    init(name: String, health: NotifierState.Health, waitingCount: Int) {
      self.name = name
      self.health = health
      self.waitingCount = waitingCount
    }

    /// Of a channel that is there, and by which nothing has been sent.
    package init(unused name: String) { self.init(name: name, health: NotifierState.Health(), waitingCount: 0) }
  }

  /// What became of a notice that somebody waits for.
  package struct ChannelOutcome: Hashable, Sendable {
    package let name: String
    /// Of the first attempt; `nil` when it has not ended in time, and goes on.
    package let delivery: NoticeDelivery?
  }

  private struct Channel {
    let port: any NotificationChannel
    var state: NotifierState
    var alarm = Alarm()
    var delivery: Task<Void, Never>?
    var watchers: [UInt64: Waiter<NoticeDelivery?>] = [:]
  }

  private let executor: any SerialExecutor
  private let taskExecutor: (any TaskExecutor)?
  private let clock: any MonotonicClock
  private let wallClock: any WallClock
  private let attemptFailed: @Sendable (_ channel: String, Refusal) -> Void
  private let box = NoticeBox()
  private let posted: AsyncStream<Void>
  private nonisolated let hasNoChannel: Bool
  private nonisolated let signal: AsyncStream<Void>.Continuation
  private var channels: [Channel]
  private var finished: [CheckedContinuation<Void, Never>] = []
  private var isEnding = false

  /// - Parameter attemptFailed: told of each attempt that failed, for the log; they become rare by themselves.
  package init(
    executor: any SerialExecutor & Sendable, clock: any MonotonicClock, wallClock: any WallClock,
    channels: [any NotificationChannel], settings: NotifierSettings = NotifierSettings(),
    attemptFailed: @escaping @Sendable (_ channel: String, Refusal) -> Void = { _, _ in }
  ) {
    self.executor = executor
    taskExecutor = executor as? any TaskExecutor
    self.clock = clock
    self.wallClock = wallClock
    self.attemptFailed = attemptFailed
    (posted, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    hasNoChannel = channels.isEmpty
    self.channels = channels.map { Channel(port: $0, state: NotifierState(settings: settings)) }
  }

  // MARK: Telling

  /// Returns at once. After ``shutdown(within:)`` nothing is told any more.
  package nonisolated func tell(_ notice: Notice) {
    if hasNoChannel { return }
    box.put(notice)
    signal.yield()
  }

  /// Tells `notice` and waits for what becomes of the first attempt of each channel, at most for `limit`.
  package func deliver(_ notice: Notice, within limit: Duration) async -> [ChannelOutcome] {
    if hasNoChannel { return [] }
    takeOut()
    var waiters: [(String, Waiter<NoticeDelivery?>)] = []
    for index in channels.indices {
      let waiter = Waiter<NoticeDelivery?>()
      waiters.append((channels[index].port.name, waiter))
      switch channels[index].state.post(notice, at: clock.now) {
      case .queued(let id): channels[index].watchers[id] = waiter
      case .counted: break
      case .lost: _ = waiter.resolve(.refused(Notifier.noRoom))
      }
    }
    settle()
    let clock = clock
    return await withTaskGroup(of: (Int, ChannelOutcome)?.self) { group in
      for (index, (name, waiter)) in waiters.enumerated() {
        group.addTask { (index, ChannelOutcome(name: name, delivery: await waiter.wait(cancelled: nil))) }
      }
      group.addTask {
        do { try await clock.wait(for: limit) } catch { return nil }
        return nil
      }
      var outcomes: [(Int, ChannelOutcome)] = []
      for await outcome in group {
        if let outcome { outcomes.append(outcome) }
        // All have ended, or the time is up: the others answer at once, with nothing.
        if outcome == nil || outcomes.count == waiters.count { group.cancelAll() }
      }
      return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
    }
  }

  private static let noRoom = Refusal(
    code: "notify.noRoom", cause: "too many more urgent messages wait for this channel",
    fix: "see in the log why it takes none")

  package func status() -> [ChannelStatus] {
    channels.map { ChannelStatus(name: $0.port.name, health: $0.state.health, waitingCount: $0.state.waitingCount) }
  }

  // MARK: Life

  /// Takes out what is told, until ``shutdown(within:)``.
  package func run() async {
    for await _ in posted {
      takeOut()
      settle()
    }
  }

  /// Gives each notice that waits one attempt more, for `grace` at most; returns when nothing is under way.
  package func shutdown(within grace: Duration) async {
    takeOut()
    isEnding = true
    for index in channels.indices { channels[index].state.end() }
    settle()
    if !isIdle {
      let clock = clock
      let deadline = Task(executorPreference: taskExecutor) {
        do { try await clock.wait(for: grace) } catch { return }
        await self.giveUp()
      }
      await withCheckedContinuation { finished.append($0) }
      deadline.cancel()
      await deadline.value
    }
    for index in channels.indices { channels[index].alarm.cancel() }
    signal.finish()
  }

  private var isIdle: Bool { channels.allSatisfy(\.state.isIdle) }

  private func giveUp() {
    for index in channels.indices {
      channels[index].state.giveUp()
      // Whoever carries it returns soon, and that ends the wait.
      channels[index].delivery?.cancel()
    }
  }

  private func takeOut() {
    if isEnding { return }
    for notice in box.takeAll() {
      for index in channels.indices { _ = channels[index].state.post(notice, at: clock.now) }
    }
  }

  // MARK: Deliveries

  private func settle() { for index in channels.indices { settle(index) } }

  private func settle(_ index: Int) {
    switch channels[index].state.next(at: clock.now) {
    case .deliver(let message, let id):
      let port = channels[index].port
      channels[index].delivery = Task(executorPreference: taskExecutor) {
        let outcome = await port.deliver(message)
        await self.ended(outcome, id, index)
      }
    case .wait(let due):
      channels[index].alarm.set(to: isEnding ? nil : due) { due in
        Task(executorPreference: taskExecutor) { await self.ring(index, at: due) }
      }
    case .doNothing: break
    }
    if isEnding, isIdle {
      for waiter in finished { waiter.resume() }
      finished = []
    }
  }

  private func ended(_ outcome: NoticeDelivery, _ id: UInt64, _ index: Int) {
    channels[index].delivery = nil
    channels[index].state.ended(outcome, at: wallClock.now(), now: clock.now)
    _ = channels[index].watchers.removeValue(forKey: id)?.resolve(outcome)
    if let refusal = outcome.refusal { attemptFailed(channels[index].port.name, refusal) }
    settle(index)
  }

  private func ring(_ index: Int, at due: Uptime) async {
    do {
      try await clock.wait(until: due)
    } catch {
      return  // Cancelled: an earlier alarm took over, or the end did.
    }
    if channels[index].alarm.rang(for: due) { settle(index) }
  }
}

/// Where notices wait for the actor, a moment at most. A lock rather than the actor guards it: whoever tells something must
/// not wait, and need not be in a task.
private final class NoticeBox: Sendable {
  private static let limit = 256

  private let notices = Mutex<[Notice]>([])

  /// When it is full, the least severe gives way.
  func put(_ notice: Notice) {
    notices.withLock { notices in
      if notices.count >= NoticeBox.limit {
        guard let least = notices.lastIndex(where: { $0.severity < notice.severity }) else { return }
        notices.remove(at: least)
      }
      notices.append(notice)
    }
  }

  func takeAll() -> [Notice] {
    notices.withLock { notices in
      let all = notices
      notices.removeAll(keepingCapacity: true)
      return all
    }
  }
}
