public import OrderDomain

/// Why a record was not made safe. Nothing may be answered 200, and nothing sent, on the strength of it.
public struct JournalFailure: Error, Sendable {
  public let refusal: Refusal
}

/// A record that is safe enough for what it speaks of to begin.
public struct JournalReceipt: Sendable {
  fileprivate let sequence: UInt64
  /// Whether it would survive a power cut already; else ``Journal/settle(_:)`` waits for that.
  public let isDurable: Bool
}

/// Owns the facts: every event is a record, and a record is a fact once its commit is on disk.
///
/// ``run()`` takes what has gathered, writes and flushes it, wakes everybody whose record was in it, and keeps the next
/// segment ready.
public actor Journal {
  private let executor: any SerialExecutor
  private let log: any AppendLog
  /// Asked once a commit. Were the journal generic over it, each of its calls would look its own type up.
  private let digest: any ChainDigest
  private let wallClock: @Sendable () -> Timestamp
  private let sleep: @Sendable (Duration) async throws -> Void
  private let alarm: @Sendable (Refusal) -> Void
  private let segmentClosed: @Sendable (UInt64) -> Void
  private var state: JournalState
  private var writeWaiters: [Waiter] = []
  private var flushWaiters: [Waiter] = []
  private var writer: CheckedContinuation<Void, Never>?
  private var flusher: CheckedContinuation<Void, Never>?
  private var isStopping = false
  private var farewell: JournalEvent?
  private var hasEnded = false
  public private(set) var counters = JournalCounters()

  private struct Waiter {
    let sequence: UInt64
    let resume: (Result<Void, JournalFailure>) -> Void
  }

  /// The engine's thread. Unowned, because the actor itself keeps `executor` alive.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  /// - Parameters:
  ///   - sleep: waits for so long, and throws when its task is cancelled.
  ///   - alarm: told what a person should know: once when room runs short, and once when the journal breaks.
  ///   - segmentClosed: told a segment's number when the next one has begun; all of it is durable then.
  public init(
    executor: any SerialExecutor, log: any AppendLog, digest: any ChainDigest, state: JournalState,
    wallClock: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void,
    alarm: @escaping @Sendable (Refusal) -> Void = { _ in },
    segmentClosed: @escaping @Sendable (UInt64) -> Void = { _ in }
  ) {
    self.executor = executor
    self.log = log
    self.digest = digest
    self.state = state
    self.wallClock = wallClock
    self.sleep = sleep
    self.alarm = alarm
    self.segmentClosed = segmentClosed
  }

  public var durability: Durability { state.settings.durability }

  /// `nil` while new things may begin; else why every alert must be refused.
  public var failure: Refusal? { isStopping ? JournalRefusals.stopped : state.failure }

  /// Whether nothing can be recorded any more until the next start.
  public var isBroken: Bool { state.isBroken }

  /// Whether the segment that is being written can be left.
  public var isNextSegmentReady: Bool { state.isNextSegmentReady }

  // MARK: Records

  /// Returns when what the event speaks of may begin: under ``Durability/strict`` the record would survive a power cut
  /// then, under ``Durability/overlapped`` the end of the process.
  public func record(_ event: JournalEvent) async throws(JournalFailure) -> JournalReceipt {
    try await withCheckedContinuation { continuation in
      record(event) { continuation.resume(returning: $0) }
    }.get()
  }

  /// ``record(_:)`` for who has nothing to wait with: `done` is called once on this actor's executor, at once when the
  /// event cannot be taken.
  public func record(
    _ event: JournalEvent, _ done: @escaping @Sendable (Result<JournalReceipt, JournalFailure>) -> Void
  ) {
    do throws(JournalFailure) {
      if isStopping { throw JournalFailure(refusal: JournalRefusals.stopped) }
      let sequence = try gather(event, for: event.beginsSomething ? .entry : .step)
      writeWaiters.append(
        Waiter(sequence: sequence) { [unowned self] result in
          done(
            result.map { JournalReceipt(sequence: sequence, isDurable: state.durableSequence >= sequence) })
        })
    } catch {
      done(.failure(error))
    }
  }

  /// Returns when the record would survive a power cut; nothing may be answered 200 before.
  public func settle(_ receipt: JournalReceipt) async throws(JournalFailure) {
    if receipt.isDurable || state.durableSequence >= receipt.sequence { return }
    if state.isBroken, let refusal = state.failure { throw JournalFailure(refusal: refusal) }
    let result = await withCheckedContinuation { continuation in
      flushWaiters.append(Waiter(sequence: receipt.sequence) { continuation.resume(returning: $0) })
    }
    try result.get()
  }

  /// ``record(_:)`` and ``settle(_:)``.
  public func commit(_ event: JournalEvent) async throws(JournalFailure) {
    try await settle(try await record(event))
  }

  /// Puts the event into the next commit without waiting for it: for outcomes, which a restart learns again from the
  /// broker. It outlasts a full disk. Returns why not, if it could not be taken.
  public func note(_ event: JournalEvent) -> JournalFailure? {
    isStopping ? JournalFailure(refusal: JournalRefusals.stopped) : take(event)
  }

  private func take(_ event: JournalEvent) -> JournalFailure? {
    do throws(JournalFailure) {
      _ = try gather(event, for: .outcome)
      return nil
    } catch {
      return error
    }
  }

  private func gather(_ event: JournalEvent, for purpose: JournalState.Purpose) throws(JournalFailure) -> UInt64 {
    switch state.append(type: event.type, time: wallClock(), for: purpose, encode: { event.encode(to: &$0) }) {
    case .gathered(let sequence):
      counters.recordCount += 1
      writer.take()?.resume()
      return sequence
    case .tooLarge(let byteCount): throw JournalFailure(refusal: JournalRefusals.tooLarge(byteCount))
    case .full: throw JournalFailure(refusal: JournalRefusals.full)
    case .refused(let refusal): throw JournalFailure(refusal: refusal)
    }
  }

  // MARK: Running

  /// Writes until ``stop(leaving:)``, and then what is left. Returns when nothing is in flight.
  public func run() async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.keepRoom() }
      if state.settings.durability == .overlapped { group.addTask { await self.flush() } }
      await write()
      hasEnded = true
      flusher.take()?.resume()
      group.cancelAll()
      await group.waitForAll()
    }
  }

  /// No more records; ``run()`` ends when all that was taken is on disk, and after it, in a commit of its own, `event`:
  /// its seal proves that everything before was flushed, so that a clean end leaves nothing that could be taken for torn.
  public func stop(leaving event: JournalEvent? = nil) {
    isStopping = true
    farewell = event
    writer.take()?.resume()
  }

  private func write() async {
    while true {
      if let commit = state.beginCommit(at: wallClock(), digest: digest) {
        await write(commit)
      } else if tellWritten() {
        // They may have left something to write.
        continue
      } else if state.isBroken {
        // What had gathered behind the commit in flight when a flush failed will never be written.
        if let refusal = state.failure { resume(.failure(JournalFailure(refusal: refusal)), writtenUpTo: .max) }
        return
      } else if isStopping, state.isWaitingForRoom {
        // What a full disk has kept waiting is learnt again from the brokers.
        return
      } else if isStopping, state.isIdle {
        guard let event = farewell.take(), take(event) == nil else { return }
      } else {
        await withCheckedContinuation { writer = $0 }
      }
    }
  }

  /// While the disk works on this commit, those whose records were in the one before are told: what they do next takes
  /// longer than the disk does.
  private func write(_ commit: JournalState.Commit) async {
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Void, AppendLogFailure>, Never>) in
      log.write(commit.bytes, at: commit.place, isDurable: commit.isDurable) { continuation.resume(returning: $0) }
      _ = tellWritten()
    }
    if case .failure(let error) = result { return await writeFailed(commit, error) }
    let closed = state.commitWritten()
    counters.commitCount += 1
    counters.byteCount += UInt64(commit.bytes.count)
    flusher.take()?.resume()
    if let closed { segmentClosed(closed) }
  }

  /// Tells everybody whose record has been written; `false` when there was nobody.
  private func tellWritten() -> Bool {
    guard let first = writeWaiters.first, first.sequence <= state.writtenSequence else { return false }
    resume(.success(()), writtenUpTo: state.writtenSequence)
    return true
  }

  private func writeFailed(_ commit: JournalState.Commit, _ error: AppendLogFailure) async {
    if state.failure == nil { alarm(error.refusal) }
    let refused: Result<Void, JournalFailure> = .failure(JournalFailure(refusal: error.refusal))
    let isBlank = await blank(commit)
    if error.kind == .noSpace, isBlank {
      state.commitRefused(error.refusal)
      counters.refusedCommitCount += 1
    } else {
      state.commitFailed(error.refusal)
      resume(refused, durableUpTo: .max)
    }
    resume(refused, writtenUpTo: .max)
  }

  /// Writes zeros over what a failed commit may have left in its place: nothing of it was acted on. After a full disk that
  /// makes the place fit to be written again. After any other failure the next start shall not carry out what was answered
  /// 503; nothing depends on that, because whoever sends again is recognised either way.
  private func blank(_ commit: JournalState.Commit) async -> Bool {
    let zeros = [UInt8](repeating: 0, count: commit.bytes.count)
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Void, AppendLogFailure>, Never>) in
      log.write(zeros, at: commit.place, isDurable: false) { continuation.resume(returning: $0) }
    }
    switch result {
    case .success: return true
    // The bytes that had found room find it again; behind them nothing was written.
    case .failure(let error): return error.kind == .noSpace
    }
  }

  /// The flushes that run beside the writes.
  private func flush() async {
    while true {
      if let flush = state.beginFlush() {
        do throws(AppendLogFailure) {
          try await log.sync(flush.segment)
          state.flushed()
          resume(.success(()), durableUpTo: flush.lastSequence)
        } catch {
          if !state.isBroken { alarm(error.refusal) }
          state.flushFailed(error.refusal)
          let failed: Result<Void, JournalFailure> = .failure(JournalFailure(refusal: error.refusal))
          resume(failed, durableUpTo: .max)
        }
        writer.take()?.resume()
      } else if hasEnded || state.isBroken {
        return
      } else {
        await withCheckedContinuation { flusher = $0 }
      }
    }
  }

  /// Keeps the next segment ready, and looks after a full disk, as long as its task lives.
  private func keepRoom() async {
    while true {
      if let next = state.beginPreparation() { await prepare(next) }
      await lookForRoom()
      do { try await sleep(JournalSettings.upkeepInterval) } catch { return }
    }
  }

  private func prepare(_ next: JournalState.Preparation) async {
    do throws(AppendLogFailure) {
      try await log.prepare(next.segment, byteCount: next.byteCount)
      state.prepared()
    } catch {
      let wasWell = state.failure == nil
      state.preparationFailed(error.refusal)
      if wasWell, state.failure != nil { alarm(error.refusal) }
      // A smaller one at once, then again at the next turn.
      if wasWell, state.failure == nil, let less = state.beginPreparation() { await prepare(less) }
    }
  }

  private func lookForRoom() async {
    do throws(AppendLogFailure) {
      try await log.checkRoom(JournalSettings.reserveByteCount)
      state.roomIsThere()
    } catch {
      if state.failure == nil { alarm(error.refusal) }
      state.roomIsShort(error.refusal)
      return
    }
    if state.retry() { _ = note(.writingResumed) }
    writer.take()?.resume()
  }

  private func resume(_ result: Result<Void, JournalFailure>, writtenUpTo sequence: UInt64) {
    for waiter in Journal.take(&writeWaiters, upTo: sequence) { waiter.resume(result) }
  }

  private func resume(_ result: Result<Void, JournalFailure>, durableUpTo sequence: UInt64) {
    for waiter in Journal.take(&flushWaiters, upTo: sequence) { waiter.resume(result) }
  }

  /// Waiters stand in the order of their sequences. They are taken out before one is resumed: what it does next may be to
  /// wait again.
  private static func take(_ waiters: inout [Waiter], upTo sequence: UInt64) -> [Waiter] {
    let count = waiters.prefix { $0.sequence <= sequence }.count
    defer { waiters.removeFirst(count) }
    return Array(waiters.prefix(count))
  }
}

/// Totals since the start.
public struct JournalCounters: Sendable {
  public var recordCount: UInt64 = 0
  public var commitCount: UInt64 = 0
  public var byteCount: UInt64 = 0
  /// Commits that a full disk refused.
  public var refusedCommitCount: UInt64 = 0
}

enum JournalRefusals {
  static let stopped = Refusal(
    code: "journal.stopped", cause: "the engine is stopping", fix: "send the alert again after the restart")
  static let full = Refusal(
    code: "journal.behind", cause: "the disk is slower than the alerts come, and the queue before it is full",
    fix: "send the alert again in a moment; a faster disk for DATA_DIR cures it")

  static func tooLarge(_ byteCount: Int) -> Refusal {
    Refusal(
      code: "journal.recordTooLarge",
      cause: "the alert's plan needs \(byteCount) bytes; a record holds \(JournalFormat.payloadLimit)",
      fix: "split the alert into smaller ones")
  }
}
