public import OrderDomain

/// Why a record was not made durable. Nothing may be answered 200, and nothing sent, on the strength of it.
public struct JournalFailure: Error, Sendable {
  public let refusal: Refusal
}

/// Owns the facts: every event is a record, and a record is a fact once its commit is on disk.
///
/// One writer (``run()``) takes what has gathered, writes and flushes it, and wakes everybody whose record was in it.
public actor Journal<Digest: ChainDigest> {
  private let executor: any SerialExecutor
  private let log: any AppendLog
  private let digest: Digest
  private let wallClock: @Sendable () -> Timestamp
  private var state: JournalState
  private var waiters: [Waiter] = []
  private var writer: CheckedContinuation<Void, Never>?
  /// Where each event is encoded before it is gathered; kept, so that a record costs no allocation of its own.
  private var scratch = RecordWriter(reserving: 4096)
  private var isStopping = false
  public private(set) var counters = JournalCounters()

  private struct Waiter {
    let sequence: UInt64
    let continuation: CheckedContinuation<Result<Void, JournalFailure>, Never>
  }

  /// The engine's thread. Unowned, because the actor itself keeps `executor` alive.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  public init(
    executor: any SerialExecutor, log: any AppendLog, digest: Digest, state: JournalState,
    wallClock: @escaping @Sendable () -> Timestamp
  ) {
    self.executor = executor
    self.log = log
    self.digest = digest
    self.state = state
    self.wallClock = wallClock
  }

  /// `nil` while the journal can be written; else why every alert must be refused.
  public var failure: Refusal? { isStopping ? JournalRefusals.stopped : state.failure }

  /// Returns when the event would survive a power cut.
  public func commit(_ event: JournalEvent) async throws(JournalFailure) {
    let sequence = try gather(event)
    let result = await withCheckedContinuation { continuation in
      waiters.append(Waiter(sequence: sequence, continuation: continuation))
    }
    try result.get()
  }

  /// Puts the event into the next commit without waiting for it: for outcomes, which a restart learns again from the
  /// broker. Returns why not, if it could not.
  public func note(_ event: JournalEvent) -> JournalFailure? {
    do throws(JournalFailure) {
      _ = try gather(event)
      return nil
    } catch {
      return error
    }
  }

  private func gather(_ event: JournalEvent) throws(JournalFailure) -> UInt64 {
    if isStopping { throw JournalFailure(refusal: JournalRefusals.stopped) }
    scratch.removeAll()
    event.encode(to: &scratch)
    guard scratch.bytes.count <= JournalFormat.payloadLimit else {
      throw JournalFailure(refusal: JournalRefusals.tooLarge(scratch.bytes.count))
    }
    switch state.append(type: event.type, time: wallClock(), payload: scratch.bytes) {
    case .gathered(let sequence):
      counters.recordCount += 1
      writer.take()?.resume()
      return sequence
    case .full: throw JournalFailure(refusal: JournalRefusals.full)
    case .broken(let refusal): throw JournalFailure(refusal: refusal)
    }
  }

  /// Writes until ``stop()``, and then what is left. Returns when nothing is in flight.
  public func run() async {
    while true {
      if let commit = state.beginCommit(at: wallClock(), digest: digest) {
        await write(commit)
      } else if isStopping || state.failure != nil {
        return
      } else {
        await withCheckedContinuation { writer = $0 }
      }
    }
  }

  /// No more records; ``run()`` ends when all that was taken is on disk.
  public func stop() {
    isStopping = true
    writer.take()?.resume()
  }

  private func write(_ commit: JournalState.Commit) async {
    do throws(AppendLogFailure) {
      try await log.append(commit.bytes, isDurable: true)
      state.commitSucceeded()
      counters.commitCount += 1
      counters.byteCount += UInt64(commit.bytes.count)
      resume(upTo: commit.lastSequence, with: .success(()))
    } catch {
      state.commitFailed(error.refusal)
      resume(upTo: .max, with: .failure(JournalFailure(refusal: error.refusal)))
    }
  }

  /// Waiters stand in the order of their sequences.
  private func resume(upTo sequence: UInt64, with result: Result<Void, JournalFailure>) {
    let count = waiters.prefix { $0.sequence <= sequence }.count
    for waiter in waiters.prefix(count) { waiter.continuation.resume(returning: result) }
    waiters.removeFirst(count)
  }
}

/// Totals since the start.
public struct JournalCounters: Sendable {
  public var recordCount: UInt64 = 0
  public var commitCount: UInt64 = 0
  public var byteCount: UInt64 = 0
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
