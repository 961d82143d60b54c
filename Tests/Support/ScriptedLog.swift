package import OrderDomain
import Synchronization

/// An append log whose disk does what the test says: writes at once, refuses, or holds each write until it is let go.
package final class ScriptedLog: AppendLog {
  package enum Disk: Sendable {
    case works
    case fails(Refusal)
    /// Every append waits for ``finish(with:)``.
    case holds
  }

  private typealias Verdict = Result<Void, AppendLogFailure>

  private struct State {
    var disk: Disk
    /// Every append that was begun, in order.
    var begun: [[UInt8]] = []
    var written: [UInt8] = []
    var held: (bytes: [UInt8], continuation: CheckedContinuation<Verdict, Never>)?
    var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    var overlapCount = 0
    var flushedCount = 0
  }

  private let state: Mutex<State>

  package init(_ disk: Disk = .works) { state = Mutex(State(disk: disk)) }

  package var begun: [[UInt8]] { state.withLock { $0.begun } }
  /// What is on the disk: the appends that succeeded.
  package var written: [UInt8] { state.withLock { $0.written } }
  /// Appends that were begun while another was in flight.
  package var overlapCount: Int { state.withLock { $0.overlapCount } }
  package var flushedCount: Int { state.withLock { $0.flushedCount } }

  package func set(_ disk: Disk) { state.withLock { $0.disk = disk } }

  package func append(_ bytes: [UInt8], isDurable: Bool) async throws(AppendLogFailure) {
    let verdict: Verdict = await withCheckedContinuation { continuation in
      let (verdict, woken) = state.withLock { state -> (Verdict?, [CheckedContinuation<Void, Never>]) in
        if state.held != nil { state.overlapCount += 1 }
        if isDurable { state.flushedCount += 1 }
        state.begun.append(bytes)
        let count = state.begun.count
        let woken = state.watchers.filter { $0.count <= count }.map(\.continuation)
        state.watchers.removeAll { $0.count <= count }
        switch state.disk {
        case .works:
          state.written += bytes
          return (.success(()), woken)
        case .fails(let refusal): return (.failure(AppendLogFailure(refusal)), woken)
        case .holds:
          state.held = (bytes, continuation)
          return (nil, woken)
        }
      }
      for watcher in woken { watcher.resume() }
      if let verdict { continuation.resume(returning: verdict) }
    }
    try verdict.get()
  }

  /// Suspends until so many appends have begun.
  package func begun(atLeast count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.begun.count >= count { return true }
        state.watchers.append((count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// Ends the append that is held: on disk, or refused.
  package func finish(with refusal: Refusal? = nil) {
    let held = state.withLock { state in
      defer { state.held = nil }
      if refusal == nil, let held = state.held { state.written += held.bytes }
      return state.held
    }
    held?.continuation.resume(returning: refusal.map { .failure(AppendLogFailure($0)) } ?? .success(()))
  }
}
