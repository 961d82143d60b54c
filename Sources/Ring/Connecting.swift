internal import Glibc

/// A connection on its way: the address, at a place that stays until the kernel has answered, and who is told.
@safe final class Connecting {
  let completion: (Result<StreamID, RingError>) -> Void
  private let address: UnsafeMutablePointer<KernelAddress>

  init(address: KernelAddress, completion: @escaping (Result<StreamID, RingError>) -> Void) {
    self.completion = completion
    unsafe self.address = .allocate(capacity: 1)
    unsafe self.address.initialize(to: address)
  }

  deinit { unsafe address.deallocate() }

  /// Valid while this object lives, which the stream's slot sees to.
  var pointer: (UnsafePointer<sockaddr>, socklen_t) {
    unsafe (UnsafeRawPointer(address).assumingMemoryBound(to: sockaddr.self), address.pointee.length)
  }
}
