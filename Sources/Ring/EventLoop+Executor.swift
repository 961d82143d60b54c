internal import CURing
internal import Glibc
internal import Synchronization

extension EventLoop {
  /// Any thread. From the loop's own: no lock, no system call. From another: one short lock, and a wake-up if the loop
  /// sleeps in the kernel.
  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    if isOnLoop {
      jobs.append(job)
    } else {
      post(.job(job))
    }
  }

  /// Runs `work` on the loop's thread, in the next turn. Any thread. After the loop has ended, on the calling thread
  /// before this returns.
  package func execute(_ work: @escaping @Sendable () -> Void) {
    if isOnLoop {
      localWork.append(work)
    } else {
      post(.work(work))
    }
  }

  package func isIsolatingCurrentContext() -> Bool? { isOnLoop }

  package func checkIsolated() { assertOnLoop() }

  private func post(_ mail: Inbox.Mail) {
    let mustDrain = inbox.withLock { inbox in
      inbox.mail.append(mail)
      if inbox.hasEnded {
        let isFirst = !inbox.isBeingDrained
        inbox.isBeingDrained = true
        return isFirst
      }
      hasMail.store(true, ordering: .sequentiallyConsistent)
      wakeIfAsleep()
      return false
    }
    if mustDrain { runMailAfterEnd() }
  }

  /// Called with the inbox locked, so that the loop cannot leave (and its descriptor's number pass to another) meanwhile.
  func wakeIfAsleep() {
    guard isAsleep.exchange(false, ordering: .sequentiallyConsistent) else { return }
    var one: UInt64 = 1
    // Fails only if the counter is full, in which case the loop is being woken anyway.
    _ = unsafe Glibc.write(backend.wakeDescriptor, &one, 8)
  }

  /// Runs a bounded batch, so that jobs which enqueue jobs cannot keep the loop from the kernel.
  func runJobs() {
    if !localWork.isEmpty { runLocalWork() }
    var remaining = configuration.jobBatchLimit
    let serial = unsafe asUnownedSerialExecutor()
    let tasks = unsafe asUnownedTaskExecutor()
    while remaining > 0, let job = jobs.popFirst() {
      unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: tasks)
      remaining -= 1
    }
    counters.jobs &+= UInt64(configuration.jobBatchLimit - remaining)
  }

  private func runLocalWork() {
    let work = localWork
    localWork = []
    for body in work { body() }
  }

  /// Takes what other threads have left into the loop's own queues.
  func openInbox() {
    guard hasMail.load(ordering: .acquiring) else { return }
    let mail = inbox.withLock { inbox in
      hasMail.store(false, ordering: .sequentiallyConsistent)
      let mail = inbox.mail
      // A fresh array: sharing the old one would copy it at the next append. Mail is not the hot path.
      inbox.mail = []
      return mail
    }
    for item in mail {
      switch item {
      case .job(let job): jobs.append(job)
      case .work(let work): localWork.append(work)
      }
    }
  }

  /// The loop has left its thread, yet an actor that lives on it is called: its jobs still run, one after another, on
  /// the threads that bring them, so that no task waits for ever. What they ask of the loop fails with `stopped`.
  func runMailAfterEnd() {
    // The last of these jobs may drop whoever kept the loop: an executor's caller does not own it.
    let loop = unsafe Unmanaged.passRetained(self)
    defer { unsafe loop.release() }
    let serial = unsafe asUnownedSerialExecutor()
    let tasks = unsafe asUnownedTaskExecutor()
    thread.store(UInt(pthread_self()), ordering: .relaxed)
    while true {
      while let job = jobs.popFirst() { unsafe job.runSynchronously(isolatedTo: serial, taskExecutor: tasks) }
      if !localWork.isEmpty { runLocalWork() }
      let (mail, isDone) = inbox.withLock { inbox in
        let mail = inbox.mail
        inbox.mail = []
        let isDone = mail.isEmpty && jobs.isEmpty && localWork.isEmpty
        if isDone {
          // Before the next one may start: two threads must never both count as the loop's.
          thread.store(0, ordering: .relaxed)
          inbox.isBeingDrained = false
        }
        return (mail, isDone)
      }
      if isDone { return }
      for item in mail {
        switch item {
        case .job(let job): jobs.append(job)
        case .work(let work): localWork.append(work)
        }
      }
    }
  }
}
