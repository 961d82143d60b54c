internal import Glibc

/// A counting semaphore between threads.
@safe final class Semaphore: @unchecked Sendable {
  // @unchecked: sem_post and sem_wait are made to be called from several threads on one semaphore.
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    unsafe semaphore = .allocate(capacity: 1)
    unsafe sem_init(semaphore, 0, 0)
  }

  deinit {
    unsafe sem_destroy(semaphore)
    unsafe semaphore.deallocate()
  }

  func signal() { unsafe sem_post(semaphore) }

  func wait() {
    // Interrupted by a signal: wait on.
    while unsafe sem_wait(semaphore) != 0 {}
  }
}
