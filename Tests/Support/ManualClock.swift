package import OrderDomain
import Synchronization

/// A clock that stands still until a test moves it. Wait with ``sleepers(atLeast:)`` until the code under test sleeps, then
/// ``advance(by:)``: no test waits for real time.
package final class ManualClock: MonotonicClock {
  package typealias Instant = Uptime

  private struct Sleeper {
    let id: UInt64
    let deadline: Instant
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct Watcher {
    let count: Int
    let continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now = Instant(offset: .zero)
    var nextID: UInt64 = 0
    var sleepers: [Sleeper] = []
    /// Cancelled before they slept.
    var cancelled: Set<UInt64> = []
    var watchers: [Watcher] = []

    mutating func satisfiedWatchers() -> [CheckedContinuation<Void, Never>] {
      let ready = watchers.filter { $0.count <= sleepers.count }.map(\.continuation)
      watchers.removeAll { $0.count <= sleepers.count }
      return ready
    }
  }

  private let state: Mutex<State>

  package init(now: Instant = Instant(offset: .zero)) { state = Mutex(State(now: now)) }

  package var now: Instant { state.withLock { $0.now } }
  package var minimumResolution: Duration { .nanoseconds(1) }
  package var sleeperCount: Int { state.withLock { $0.sleepers.count } }
  /// When the first of the sleepers wakes.
  package var nextDeadline: Instant? { state.withLock { $0.sleepers.map(\.deadline).min() } }

  package func sleep(until deadline: Instant, tolerance: Duration?) async throws {
    let id = state.withLock { state in
      state.nextID += 1
      return state.nextID
    }
    let ranFull = await withTaskCancellationHandler {
      await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
        let (verdict, ready) = state.withLock { state -> (Bool?, [CheckedContinuation<Void, Never>]) in
          if state.cancelled.remove(id) != nil { return (false, []) }
          if deadline <= state.now { return (true, []) }
          state.sleepers.append(Sleeper(id: id, deadline: deadline, continuation: continuation))
          return (nil, state.satisfiedWatchers())
        }
        if let verdict { continuation.resume(returning: verdict) }
        for watcher in ready { watcher.resume() }
      }
    } onCancel: {
      let continuation = state.withLock { state -> CheckedContinuation<Bool, Never>? in
        guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
          state.cancelled.insert(id)
          return nil
        }
        return state.sleepers.remove(at: index).continuation
      }
      continuation?.resume(returning: false)
    }
    if !ranFull { throw CancellationError() }
  }

  /// Suspends until so many sleep at once.
  package func sleepers(atLeast count: Int) async {
    await withCheckedContinuation { continuation in
      let ready = state.withLock { state in
        state.watchers.append(Watcher(count: count, continuation: continuation))
        return state.satisfiedWatchers()
      }
      for watcher in ready { watcher.resume() }
    }
  }

  /// Suspends until somebody sleeps who wakes within `duration` from now; `false` if the test's time is up first.
  @discardableResult
  package func sleeper(wakesWithin duration: Duration) async -> Bool {
    while nextDeadline.map({ $0 > now.advanced(by: duration) }) ?? true {
      if Task.isCancelled { return false }
      await Task.yield()
    }
    return true
  }

  package func advance(by duration: Duration) { advance(to: now.advanced(by: duration)) }

  /// Moves the clock, never back, and wakes whose time has come, the earliest first.
  package func advance(to instant: Instant) {
    let woken = state.withLock { state -> [Sleeper] in
      state.now = max(state.now, instant)
      let now = state.now
      let woken = state.sleepers.filter { $0.deadline <= now }.sorted { ($0.deadline, $0.id) < ($1.deadline, $1.id) }
      state.sleepers.removeAll { $0.deadline <= now }
      return woken
    }
    for sleeper in woken { sleeper.continuation.resume(returning: true) }
  }
}

extension Uptime {
  package init(offset: Duration) { self = Uptime(nanoseconds: 0).advanced(by: offset) }

  package var offset: Duration { .nanoseconds(nanoseconds) }
}
