internal import Glibc
internal import Synchronization

extension EventLoop {
  /// Asks the loop to stop: nothing new is accepted, streams, listeners, watches and sleeps end, file operations under way
  /// are waited for; when the kernel holds nothing and no job is left, ``run()`` returns. Any thread; does not wait.
  package func requestStop() {
    execute { [self] in beginStop() }
  }

  /// Suspends until the loop has left its thread (after ``requestStop()``). Any thread but must not be awaited by what the
  /// loop itself has to run to its end.
  package func ended() async {
    await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
      let hasEnded = inbox.withLock { inbox in
        if !inbox.hasEnded { inbox.endWaiters.append { continuation.resume() } }
        return inbox.hasEnded
      }
      if hasEnded { continuation.resume() }
    }
  }

  private func beginStop() {
    guard phase == .running else { return }
    phase = .draining
    let limit = now + configuration.drainLimit.clampedNanoseconds
    drainDeadline = limit
    for id in listeners.ids() { closeListener(ListenerID(id: id)) }
    for id in streams.ids() { close(StreamID(id)) }
    for id in watches.ids() { unwatch(WatchID(id: id)) }
    dropTimers()
    // Ends a wait in the kernel that nothing else would end.
    _ = timers.schedule(at: limit, .handler {})
  }

  /// At the end of each turn of a draining loop.
  func advanceStop() {
    // Timers set while draining are of no use to anyone.
    let isDrained =
      kernelOperations == 0 && jobs.isEmpty && localWork.isEmpty && resuming.isEmpty && closed.isEmpty
      && !hasMail.load(ordering: .sequentiallyConsistent)
    if isDrained || MonotonicTime.now() >= drainDeadline { phase = .ended }
  }

  /// Leaves the kernel, then the thread.
  func end() {
    // The last closes are still in the queue.
    backend.wait(nanoseconds: 0)
    dropTimers()
    backend.leave()
    if kernelOperations > 0 { abandon() }
    var waiters: [@Sendable () -> Void] = []
    inbox.withLock { inbox in
      waiters = inbox.endWaiters
      inbox.endWaiters = []
      inbox.hasEnded = true
      isAsleep.store(false, ordering: .relaxed)
      inbox.isBeingDrained = true
    }
    // What came in at the last moment, here, while this thread still counts as the loop's.
    runMailAfterEnd()
    for waiter in waiters { waiter() }
  }

  /// The drain limit is over and the kernel still holds something: a disk that does not answer. Everyone who waits is
  /// told, and what the kernel may still read is never given back.
  private func abandon() {
    _ = unsafe Unmanaged.passRetained(self)
    for id in fileOperations.ids() {
      // Not taken out: its slot owns the bytes.
      fileOperations[id].completion(.failure(FileError(.syncFailed, .cancelled)))
    }
    for id in streams.ids() { streams[id].handler?.closed(StreamID(id)) }
  }
}
