internal import Glibc

/// An IPv4 or IPv6 address with a port.
package struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  package enum Host: Hashable, Sendable {
    /// In host order: 127.0.0.1 is 0x7f00_0001.
    case v4(UInt32)
    /// Both halves in host order, and the scope (0 for all but link-local addresses).
    case v6(high: UInt64, low: UInt64, scope: UInt32)
  }

  package let host: Host
  package let port: UInt16

  package init(_ host: Host, port: UInt16) {
    self.host = host
    self.port = port
  }

  package static func loopback(port: UInt16) -> SocketAddress { SocketAddress(.v4(0x7f00_0001), port: port) }

  /// Takes `127.0.0.1`, `::1` or `[::1]`; names are not resolved. Zones (`%eth0`) are not taken.
  package init(host text: String, port: UInt16) throws(RingError) {
    guard let host = Host(text) else { throw RingError(.invalidAddress) }
    self.init(host, port: port)
  }

  /// Takes `127.0.0.1:8080` or `[::1]:8080`.
  package init(_ text: String) throws(RingError) {
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")) else { throw RingError(.invalidAddress) }
    let hostText = String(text[..<colon])
    let portText = text[text.utf8.index(after: colon)...]
    // A bare IPv6 address would lose its last group to the port.
    let isUnambiguous = hostText.hasPrefix("[") || !hostText.utf8.contains(UInt8(ascii: ":"))
    let isNumber = portText.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    guard isUnambiguous, isNumber, let port = UInt16(portText), let host = Host(hostText) else {
      throw RingError(.invalidAddress)
    }
    self.init(host, port: port)
  }

  package var isLoopback: Bool {
    switch host {
    case .v4(let address): address >> 24 == 127
    case .v6(let high, let low, _): high == 0 && (low == 1 || low >> 24 == 0xffff_7f)
    }
  }

  /// The host alone, as it is written in text (IPv6 without brackets, RFC 5952).
  package var hostText: String { host.text }

  package var description: String {
    switch host {
    case .v4: "\(host.text):\(port)"
    case .v6: "[\(host.text)]:\(port)"
    }
  }
}

extension SocketAddress.Host {
  init?(_ text: String) {
    var bare = text
    if bare.hasPrefix("["), bare.hasSuffix("]") { bare = String(bare.dropFirst().dropLast()) }
    var four = in_addr()
    if unsafe inet_pton(AF_INET, bare, &four) == 1 {
      self = .v4(UInt32(bigEndian: four.s_addr))
      return
    }
    var six = in6_addr()
    guard unsafe inet_pton(AF_INET6, bare, &six) == 1 else { return nil }
    self.init(six, scope: 0)
  }

  init(_ six: in6_addr, scope: UInt32) {
    let (high, low) = unsafe withUnsafeBytes(of: six) {
      unsafe ($0.load(as: UInt64.self), $0.load(fromByteOffset: 8, as: UInt64.self))
    }
    self = .v6(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low), scope: scope)
  }

  var text: String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { buffer in
      let written =
        switch self {
        case .v4(let address): unsafe Self.print(AF_INET, address.bigEndian, into: buffer)
        case .v6(let high, let low, _): unsafe Self.print(AF_INET6, (high.bigEndian, low.bigEndian), into: buffer)
        }
      guard written, let start = buffer.baseAddress else { preconditionFailure("64 bytes hold any address") }
      return unsafe String(cString: start)
    }
  }

  private static func print<Bits>(_ family: Int32, _ bits: Bits, into buffer: UnsafeMutableBufferPointer<CChar>) -> Bool
  {
    unsafe withUnsafePointer(to: bits) {
      unsafe inet_ntop(family, $0, buffer.baseAddress, socklen_t(buffer.count)) != nil
    }
  }
}
