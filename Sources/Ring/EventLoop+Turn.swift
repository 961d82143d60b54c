internal import CURing
internal import Glibc
internal import Synchronization

extension EventLoop {
  /// Drives the loop on the calling thread until it is asked to stop and has drained. Once in a loop's life.
  package func run() throws(RingError) {
    precondition(thread.load(ordering: .relaxed) == 0 && phase == .fresh, "an event loop runs once")
    curing_block_signals(1)
    try backend.enter()
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    phase = .running
    now = MonotonicTime.now()
    stretchStart = now
    while phase != .ended { turn() }
    end()
  }

  private func turn() {
    counters.turns &+= 1
    let count = waitAndReap()
    for index in 0..<count { unsafe dispatch(batch[index]) }
    counters.completions &+= UInt64(count)
    fireTimers()
    openInbox()
    runJobs()
    if !resuming.isEmpty { resumeStreams() }
    backend.flushBuffers()
    if !starved.isEmpty { rearmStarved() }
    if !closed.isEmpty { tellClosed() }
    if phase == .draining { advanceStop() }
  }

  /// Submits, sleeps if there is nothing to do, and takes a batch of completions.
  private func waitAndReap() -> Int {
    let polledAt = MonotonicTime.now()
    noteStretch(polledAt - stretchStart)
    if isIdle {
      isAsleep.store(true, ordering: .sequentiallyConsistent)
      // Mail put in before the store above was not accompanied by a wake-up.
      let hasMail = hasMail.load(ordering: .sequentiallyConsistent)
      backend.wait(nanoseconds: hasMail ? 0 : sleepLimit(polledAt))
      isAsleep.store(false, ordering: .relaxed)
    } else {
      // The kernel's own thread that flushes for this loop would wait for the core until the loop's time is up.
      if hasNothingToDo, fileOperationCount > 0 { sched_yield() }
      backend.wait(nanoseconds: 0)
    }
    now = MonotonicTime.now()
    stretchStart = now
    return unsafe backend.reap(into: batch)
  }

  private var isIdle: Bool { hasNothingToDo && !configuration.spin }

  private var hasNothingToDo: Bool { jobs.isEmpty && localWork.isEmpty && resuming.isEmpty && closed.isEmpty }

  /// Until the first deadline; without end if there is none. A draining loop looks at its limit now and then.
  private func sleepLimit(_ now: Int64) -> Int64? {
    guard let deadline = timers.nextDeadline else { return nil }
    return max(0, deadline - now)
  }

  private func noteStretch(_ nanoseconds: Int64) {
    if nanoseconds > longestStretch.load(ordering: .relaxed) {
      longestStretch.store(nanoseconds, ordering: .relaxed)
    }
  }

  /// The longest time, in nanoseconds, that handlers, timers and jobs have kept the loop from looking at the kernel since
  /// the last reset. Any thread; a reset may lose a stretch that ends at the same moment.
  package func longestStretchNanoseconds(reset: Bool) -> Int64 {
    reset ? longestStretch.exchange(0, ordering: .relaxed) : longestStretch.load(ordering: .relaxed)
  }

  /// What has been counted so far. Loop's thread.
  package var statistics: EventLoopCounters {
    assertOnLoop()
    return counters
  }

  /// Result → what becomes of it: the one switch over all kinds of completions.
  @inline(__always)
  private func dispatch(_ completion: Completion) {
    let token = OperationToken(rawValue: completion.token)
    guard let kind = token.kind else { preconditionFailure("a completion of no operation") }
    switch kind {
    case .receive:
      if !completion.isMoreComing { kernelOperations -= 1 }
      completeReceive(token.id, completion)
    case .send:
      kernelOperations -= 1
      completeSend(token.id, completion.outcome)
    case .accept:
      if !completion.isMoreComing { kernelOperations -= 1 }
      completeAccept(token.id, completion)
    case .connect:
      kernelOperations -= 1
      completeConnect(token.id, completion.outcome)
    case .poll:
      kernelOperations -= 1
      completePoll(token.id, completion.outcome)
    case .write, .writeBeforeSync, .sync, .allocate:
      kernelOperations -= 1
      completeFileOperation(token.id, kind, completion.outcome)
    case .wake:
      counters.wakeUps &+= 1
      backend.rearmWake()
    case .cancel, .close:
      // Only failures come here. A cancellation that found nothing lost a race against the completion, which is
      // reaped like any other; a close reports errors of the network that nobody can act upon any more.
      return
    }
  }
}
