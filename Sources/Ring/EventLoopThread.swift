internal import CURing
internal import Glibc

/// Owns the thread that a loop runs on. Stop it, or it runs for ever; a stopped one may be dropped.
package final class EventLoopThread: Sendable {
  package let loop: EventLoop
  private let handle: Locked<pthread_t?>

  fileprivate init(_ loop: EventLoop, _ handle: pthread_t) {
    self.loop = loop
    self.handle = Locked(handle)
  }

  /// Asks the loop to stop and waits for its thread to end. Blocks: not from the loop's own thread, nor from a task that
  /// should rather suspend (see ``stopAndWait()``). May be called again.
  package func stop() {
    precondition(!loop.isOnLoop, "the loop cannot wait for its own end")
    loop.requestStop()
    join()
  }

  /// As ``stop()``, suspending the task. Not from a task that the loop has to run to its end.
  package func stopAndWait() async {
    loop.requestStop()
    await loop.ended()
    // The thread has nothing left to do but return.
    join()
  }

  private func join() {
    guard let thread = handle.withLock({ $0.take() }) else { return }
    pthread_join(thread, nil)
  }
}

extension EventLoop {
  /// Starts a loop on a thread of its own, with all signals blocked that are not the thread's own fault. `name` is cut at
  /// 15 bytes; `processor` binds the thread to one core.
  package static func start(
    name: String = "event-loop", configuration: EventLoopConfiguration = EventLoopConfiguration(), processor: Int? = nil
  ) throws(RingError) -> EventLoopThread {
    let loop = try EventLoop(configuration: configuration)
    let start = ThreadStart(loop: loop, name: name, processor: processor)
    var handle = pthread_t()
    // The new thread takes the reference over.
    let argument = unsafe Unmanaged.passRetained(start).toOpaque()
    let result = unsafe pthread_create(
      &handle, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
        start.run()
        return nil
      }, argument)
    if result != 0 {
      unsafe Unmanaged<ThreadStart>.fromOpaque(argument).release()
      throw RingError(.threadFailed, Errno(rawValue: result))
    }
    if let error = start.waitUntilEntered() {
      pthread_join(handle, nil)
      throw error
    }
    return EventLoopThread(loop, handle)
  }
}
