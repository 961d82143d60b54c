internal import CURing
internal import Glibc

/// Hands a loop over to its new thread and tells the starter whether it took hold.
final class ThreadStart: Sendable {
  private let loop: EventLoop
  private let name: String
  private let processor: Int?
  private let error = Locked<RingError?>(nil)
  /// Up once the thread drives the loop, or has failed to.
  private let hasEntered: Semaphore

  init(loop: EventLoop, name: String, processor: Int?) {
    self.loop = loop
    self.name = name
    self.processor = processor
    hasEntered = Semaphore()
  }

  func run() {
    curing_block_signals(0)
    unsafe name.withCString { unsafe curing_name_thread($0) }
    do throws(RingError) {
      if let processor {
        let result = (0..<1024).contains(processor) ? curing_pin_thread(Int32(processor)) : -EINVAL
        if result < 0 { throw RingError(.threadFailed, Errno(rawValue: -result)) }
      }
      loop.execute { [hasEntered] in hasEntered.signal() }
      try loop.run()
    } catch {
      self.error.withLock { $0 = error }
      hasEntered.signal()
    }
  }

  func waitUntilEntered() -> RingError? {
    hasEntered.wait()
    return error.withLock { $0 }
  }
}
