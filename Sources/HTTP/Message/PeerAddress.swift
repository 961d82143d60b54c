/// Where a connection comes from: an IPv4 address in its mapped form `::ffff:a.b.c.d`, or an IPv6 address.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
  /// The sixteen bytes of the address, most significant first.
  public let high: UInt64
  public let low: UInt64
  public let port: UInt16

  public init(high: UInt64, low: UInt64, port: UInt16) {
    self.high = high
    self.low = low
    self.port = port
  }

  /// - Parameter ipv4: the address in host order, `127.0.0.1` being `0x7F00_0001`.
  public init(ipv4: UInt32, port: UInt16) {
    self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(ipv4), port: port)
  }

  public static let unknown = PeerAddress(high: 0, low: 0, port: 0)

  /// The address as 32 bits in host order, or nil for an IPv6 one.
  public var ipv4: UInt32? {
    high == 0 && low >> 32 == 0xFFFF ? UInt32(truncatingIfNeeded: low) : nil
  }

  /// `127.0.0.0/8` or `::1`.
  public var isLoopback: Bool {
    if let ipv4 { return ipv4 >> 24 == 127 }
    return high == 0 && low == 1
  }

  /// The address without its port; an IPv6 address is written in full, without zero compression.
  public var description: String {
    if let ipv4 { return "\(ipv4 >> 24).\(ipv4 >> 16 & 255).\(ipv4 >> 8 & 255).\(ipv4 & 255)" }
    var groups: [String] = []
    for word in [high, low] {
      for shift in [48, 32, 16, 0] { groups.append(String((word >> UInt64(shift)) & 0xFFFF, radix: 16)) }
    }
    return groups.joined(separator: ":")
  }
}
