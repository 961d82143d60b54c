package import OrderDomain
import Synchronization

/// An append log whose disk does what the test says: works at once, refuses, is full, or holds each operation until it is
/// let go. It keeps the bytes as files do.
package final class ScriptedLog: AppendLog {
  package enum Disk: Sendable {
    case works
    case fails(Refusal)
    /// Takes so many bytes of a write, and not the rest.
    case full(Refusal, taking: Int)
    /// Every operation waits to be let go.
    case holds
  }

  package enum Operation: Equatable, Sendable {
    case write(LogPlace, byteCount: Int, isDurable: Bool)
    case sync(UInt64)
    case prepare(UInt64, byteCount: UInt64)
  }

  private typealias Verdict = Result<Void, AppendLogFailure>

  private struct State {
    var disk = Disk.works
    var flushes = Disk.works
    var preparations = Disk.works
    var shortage: Refusal?
    var operations: [Operation] = []
    /// Every write that was begun, in order.
    var begun: [[UInt8]] = []
    var files: [UInt64: [UInt8]] = [1: []]
    var heldWrite: (bytes: [UInt8], place: LogPlace, ended: Ending)?
    var heldSync: CheckedContinuation<Verdict, Never>?
    var watchers: [(kind: Watched, count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    var overlapCount = 0
    var flushedCount = 0
    var syncCount = 0

    mutating func put(_ bytes: some Collection<UInt8>, at place: LogPlace) {
      var file = files[place.segment] ?? []
      let start = Int(place.offset)
      if file.count < start + bytes.count {
        file += [UInt8](repeating: 0, count: start + bytes.count - file.count)
      }
      file.replaceSubrange(start..<start + bytes.count, with: bytes)
      files[place.segment] = file
    }

    func count(_ kind: Watched) -> Int {
      switch kind {
      case .writes: begun.count
      case .syncs: syncCount
      case .preparations: operations.count { if case .prepare = $0 { true } else { false } }
      }
    }

    mutating func takeWatchers() -> [CheckedContinuation<Void, Never>] {
      let due = watchers.filter { count($0.kind) >= $0.count }
      watchers = watchers.filter { count($0.kind) < $0.count }
      return due.map(\.continuation)
    }
  }

  package enum Watched: Sendable { case writes, syncs, preparations }

  private let state: Mutex<State>

  package init(_ disk: Disk = .works) {
    state = Mutex(State())
    set(disk)
  }

  package var begun: [[UInt8]] { state.withLock { $0.begun } }
  package var operations: [Operation] { state.withLock { $0.operations } }
  /// What is in a segment's file.
  package func file(_ segment: UInt64) -> [UInt8] { state.withLock { $0.files[segment] ?? [] } }
  /// Writes that were begun while another was in flight.
  package var overlapCount: Int { state.withLock { $0.overlapCount } }
  package var flushedCount: Int { state.withLock { $0.flushedCount } }
  package var syncCount: Int { state.withLock { $0.syncCount } }

  package func set(_ disk: Disk) { state.withLock { $0.disk = disk } }
  package func setFlushes(_ disk: Disk) { state.withLock { $0.flushes = disk } }
  package func setPreparations(_ disk: Disk) { state.withLock { $0.preparations = disk } }
  package func setShortage(_ refusal: Refusal?) { state.withLock { $0.shortage = refusal } }

  package func write(
    _ bytes: [UInt8], at place: LogPlace, isDurable: Bool, ended: @escaping Ending
  ) {
    let (verdict, woken) = state.withLock { state -> (Verdict?, [CheckedContinuation<Void, Never>]) in
      if state.heldWrite != nil { state.overlapCount += 1 }
      if isDurable { state.flushedCount += 1 }
      state.begun.append(bytes)
      state.operations.append(.write(place, byteCount: bytes.count, isDurable: isDurable))
      let woken = state.takeWatchers()
      switch state.disk {
      case .works:
        state.put(bytes, at: place)
        return (.success(()), woken)
      case .fails(let refusal): return (.failure(AppendLogFailure(.unknown, refusal)), woken)
      case .full(let refusal, let taken):
        state.put(bytes.prefix(taken), at: place)
        return (.failure(AppendLogFailure(.noSpace, refusal)), woken)
      case .holds:
        state.heldWrite = (bytes, place, ended)
        return (nil, woken)
      }
    }
    for watcher in woken { watcher.resume() }
    if let verdict { ended(verdict) }
  }

  package func sync(_ segment: UInt64) async throws(AppendLogFailure) {
    let verdict: Verdict = await withCheckedContinuation { continuation in
      let (verdict, woken) = state.withLock { state -> (Verdict?, [CheckedContinuation<Void, Never>]) in
        if state.heldSync != nil { state.overlapCount += 1 }
        state.syncCount += 1
        state.operations.append(.sync(segment))
        let woken = state.takeWatchers()
        switch state.flushes {
        case .works: return (.success(()), woken)
        case .fails(let refusal): return (.failure(AppendLogFailure(.unknown, refusal)), woken)
        case .full(let refusal, _): return (.failure(AppendLogFailure(.unknown, refusal)), woken)
        case .holds:
          state.heldSync = continuation
          return (nil, woken)
        }
      }
      for watcher in woken { watcher.resume() }
      if let verdict { continuation.resume(returning: verdict) }
    }
    try verdict.get()
  }

  package func prepare(_ segment: UInt64, byteCount: UInt64) async throws(AppendLogFailure) {
    let (refusal, woken) = state.withLock { state -> (AppendLogFailure?, [CheckedContinuation<Void, Never>]) in
      state.operations.append(.prepare(segment, byteCount: byteCount))
      let woken = state.takeWatchers()
      switch state.preparations {
      case .works, .holds:
        state.files[segment] = [UInt8](repeating: 0, count: Int(byteCount))
        return (nil, woken)
      case .fails(let refusal): return (AppendLogFailure(.unknown, refusal), woken)
      case .full(let refusal, let largest):
        if byteCount <= largest {
          state.files[segment] = [UInt8](repeating: 0, count: Int(byteCount))
          return (nil, woken)
        }
        return (AppendLogFailure(.noSpace, refusal), woken)
      }
    }
    for watcher in woken { watcher.resume() }
    if let refusal { throw refusal }
  }

  package func checkRoom(_ byteCount: UInt64) async throws(AppendLogFailure) {
    if let shortage = state.withLock({ $0.shortage }) { throw AppendLogFailure(.noSpace, shortage) }
  }

  /// Suspends until so many operations of a kind have begun.
  package func begun(atLeast count: Int, _ kind: Watched = .writes) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.count(kind) >= count { return true }
        state.watchers.append((kind, count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }

  /// Ends the write that is held: in the file, or refused.
  package func finish(with failure: AppendLogFailure? = nil) {
    let held = state.withLock { state in
      defer { state.heldWrite = nil }
      if failure == nil, let held = state.heldWrite { state.put(held.bytes, at: held.place) }
      return state.heldWrite
    }
    held?.ended(failure.map { .failure($0) } ?? .success(()))
  }

  /// Ends the write that is held: all of it is in the file, and what was to follow has failed.
  package func finishWritten(with failure: AppendLogFailure) {
    let held = state.withLock { state in
      defer { state.heldWrite = nil }
      if let held = state.heldWrite { state.put(held.bytes, at: held.place) }
      return state.heldWrite
    }
    held?.ended(.failure(failure))
  }

  /// Ends the flush that is held.
  package func finishSync(with failure: AppendLogFailure? = nil) {
    let held = state.withLock { state in
      defer { state.heldSync = nil }
      return state.heldSync
    }
    held?.resume(returning: failure.map { .failure($0) } ?? .success(()))
  }
}
