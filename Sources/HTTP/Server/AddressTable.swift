/// How many connections each address holds. No larger than the number of connections: an address without one is gone.
struct AddressTable {
  /// An IPv4 address, or the /64 of an IPv6 one, which is what one customer is given (RFC 6177).
  private struct Key: Hashable {
    let high: UInt64
    let low: UInt64

    init(_ address: PeerAddress) {
      high = address.high
      low = address.ipv4 == nil && !address.isLoopback ? 0 : address.low
    }
  }

  private var counts: [Key: Int] = [:]

  func count(_ address: PeerAddress) -> Int { counts[Key(address)] ?? 0 }

  mutating func add(_ address: PeerAddress) { counts[Key(address), default: 0] += 1 }

  mutating func remove(_ address: PeerAddress) {
    let key = Key(address)
    guard let count = counts[key] else { preconditionFailure("an address that holds no connection") }
    counts[key] = count > 1 ? count - 1 : nil
  }
}
