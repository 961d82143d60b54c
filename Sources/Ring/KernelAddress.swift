internal import Glibc

/// A socket address as the kernel takes it.
@safe struct KernelAddress {
  /// First, so that a pointer to this value is one to the address.
  private var storage = sockaddr_storage()
  private(set) var length: socklen_t = 0

  init() {}

  init(_ address: SocketAddress) {
    switch address.host {
    case .v4(let host):
      var four = sockaddr_in()
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = address.port.bigEndian
      four.sin_addr.s_addr = host.bigEndian
      store(four)
    case .v6(let high, let low, let scope):
      var six = sockaddr_in6()
      six.sin6_family = sa_family_t(AF_INET6)
      six.sin6_port = address.port.bigEndian
      six.sin6_scope_id = scope
      unsafe withUnsafeMutableBytes(of: &six.sin6_addr) {
        unsafe $0.storeBytes(of: high.bigEndian, as: UInt64.self)
        unsafe $0.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      }
      store(six)
    }
  }

  private mutating func store<Family>(_ address: Family) {
    length = socklen_t(MemoryLayout<Family>.size)
    unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: address, as: Family.self) }
  }

  /// Nil for families other than IPv4 and IPv6.
  var address: SocketAddress? {
    unsafe withUnsafeBytes(of: storage) { bytes in
      switch Int32(storage.ss_family) {
      case AF_INET:
        let four = unsafe bytes.load(as: sockaddr_in.self)
        return SocketAddress(.v4(UInt32(bigEndian: four.sin_addr.s_addr)), port: UInt16(bigEndian: four.sin_port))
      case AF_INET6:
        let six = unsafe bytes.load(as: sockaddr_in6.self)
        let host = SocketAddress.Host(six.sin6_addr, scope: six.sin6_scope_id)
        return SocketAddress(host, port: UInt16(bigEndian: six.sin6_port))
      default: return nil
      }
    }
  }

  /// The pointer is valid during the call only.
  mutating func withPointer<R>(_ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> R) -> R {
    unsafe withUnsafeMutablePointer(to: &storage) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, &length) }
    }
  }

  /// For a call that fills the address in.
  mutating func fill(_ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Int32) -> SocketAddress? {
    length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return unsafe withPointer(body) == 0 ? address : nil
  }
}
