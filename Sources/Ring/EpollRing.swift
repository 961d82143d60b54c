final class EpollRing {
  let pool: BufferPool
  var wakeDescriptor: Int32 { -1 }
  init(_ c: EventLoopConfiguration) throws(RingError) {
    pool = try BufferPool(count: 2, size: 64); throw RingError(.setupFailed)
  }
  func enter() throws(RingError) {}
  func leave() {}
  func submit(_ o: Operation, _ t: OperationToken) {}
  func wait(nanoseconds: Int64?) {}
  func reap(into b: UnsafeMutableBufferPointer<Completion>) -> Int { 0 }
  func rearmWake() {}
  func recycle(_ b: UInt16) {}
}
