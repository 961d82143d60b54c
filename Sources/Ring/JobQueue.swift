/// Jobs in the order they came: a ring buffer that grows by doubling and never shrinks. One thread's.
@safe struct JobQueue: ~Copyable {
  private var jobs: UnsafeMutablePointer<UnownedJob>
  private var capacity = 1024
  private var head = 0
  private(set) var count = 0

  init() { unsafe jobs = .allocate(capacity: capacity) }

  deinit { unsafe jobs.deallocate() }

  var isEmpty: Bool { count == 0 }

  @inline(__always)
  mutating func append(_ job: UnownedJob) {
    if count == capacity { grow() }
    unsafe (jobs + ((head &+ count) & (capacity &- 1))).initialize(to: job)
    count &+= 1
  }

  @inline(__always)
  mutating func popFirst() -> UnownedJob? {
    if count == 0 { return nil }
    let job = unsafe jobs[head]
    head = (head &+ 1) & (capacity &- 1)
    count &-= 1
    return job
  }

  private mutating func grow() {
    let larger = UnsafeMutablePointer<UnownedJob>.allocate(capacity: capacity * 2)
    for index in 0..<count {
      unsafe (larger + index).initialize(to: jobs[(head + index) & (capacity - 1)])
    }
    unsafe jobs.deallocate()
    unsafe jobs = larger
    head = 0
    capacity *= 2
  }
}
