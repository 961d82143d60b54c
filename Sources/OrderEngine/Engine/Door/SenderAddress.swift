import HTTP

/// Where a request comes from: an IPv4 address in its mapped form `::ffff:a.b.c.d` (RFC 4291 2.5.5.2), or an IPv6 one.
package struct SenderAddress: Hashable, Sendable {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  init(_ bits: UInt128) { self.init(high: UInt64(bits >> 64), low: UInt64(truncatingIfNeeded: bits)) }

  var bits: UInt128 { UInt128(high) << 64 | UInt128(low) }
  /// Also for an IPv4 address that was written in its mapped form.
  var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }
  var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

  /// Whose address it is, as far as anybody can tell: an IPv4 address is one customer's, of an IPv6 one the /64 is
  /// (RFC 6177), out of which he takes as many as he likes.
  var customer: SenderAddress { isIPv4 || isLoopback ? self : SenderAddress(high: high, low: 0) }
}

extension SenderAddress: CustomStringConvertible {
  package var description: String { PeerAddress(high: high, low: low, port: 0).description }
}

/// Reading addresses. Strict: what two programs could read in two ways is no address.
extension SenderAddress {
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    self.init(bytes.span)
  }

  /// `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`: nothing before or behind, no zone.
  init?(_ text: Span<UInt8>) {
    // The longest there is: eight groups, the last two as an IPv4 address.
    guard text.count <= 45 else { return nil }
    var index = 0
    while index < text.count, text[index] != UInt8(ascii: ":") { index += 1 }
    if index < text.count {
      guard let bits = SenderAddress.ipv6(text) else { return nil }
      self.init(bits)
    } else {
      guard let bits = SenderAddress.ipv4(text) else { return nil }
      self.init(high: 0, low: 0xFFFF_0000_0000 | UInt64(bits))
    }
  }

  /// Four numbers. One with a leading zero is refused: some read it as octal.
  private static func ipv4(_ text: Span<UInt8>) -> UInt32? {
    var bits: UInt32 = 0
    var (count, digits, number) = (0, 0, UInt32(0))
    for index in 0...text.count {
      if index == text.count || text[index] == UInt8(ascii: ".") {
        guard digits > 0, number <= 255, count < 4 else { return nil }
        bits = bits << 8 | number
        (count, digits, number) = (count + 1, 0, 0)
      } else {
        let digit = text[index] &- UInt8(ascii: "0")
        guard digit <= 9, digits < 3, !(digits > 0 && number == 0) else { return nil }
        number = number * 10 + UInt32(digit)
        digits += 1
      }
    }
    return count == 4 ? bits : nil
  }

  /// RFC 4291 2.2: groups of one to four hexadecimal digits, at most one gap `::` that stands for one group or more, and
  /// the last two groups perhaps as an IPv4 address.
  private static func ipv6(_ text: Span<UInt8>) -> UInt128? {
    let colon = UInt8(ascii: ":")
    var (head, tail) = (UInt128(0), UInt128(0))
    var (headCount, tailCount) = (0, 0)
    var hasGap = false
    func add(_ group: UInt128, _ bitCount: Int) {
      if hasGap {
        tail = tail << UInt128(bitCount) | group
        tailCount += bitCount / 16
      } else {
        head = head << UInt128(bitCount) | group
        headCount += bitCount / 16
      }
    }
    var index = 0
    if text[0] == colon {
      guard text.count >= 2, text[1] == colon else { return nil }
      hasGap = true
      index = 2
    }
    while index < text.count {
      var end = index
      var isDotted = false
      while end < text.count, text[end] != colon {
        if text[end] == UInt8(ascii: ".") { isDotted = true }
        end += 1
      }
      if isDotted {
        guard end == text.count, let bits = ipv4(text.extracting(index..<end)) else { return nil }
        add(UInt128(bits), 32)
      } else {
        guard let group = hexadecimal(text.extracting(index..<end)) else { return nil }
        add(UInt128(group), 16)
      }
      guard headCount + tailCount <= 8 else { return nil }
      index = end
      guard index < text.count else { break }
      index += 1
      if index < text.count, text[index] == colon {
        guard !hasGap else { return nil }
        hasGap = true
        index += 1
      } else if index == text.count {
        return nil
      }
    }
    let count = headCount + tailCount
    guard hasGap ? count <= 7 : count == 8 else { return nil }
    return head << UInt128(16 * (8 - headCount)) | tail
  }

  private static func hexadecimal(_ text: Span<UInt8>) -> UInt16? {
    guard (1...4).contains(text.count) else { return nil }
    var value: UInt16 = 0
    for index in 0..<text.count {
      guard let digit = HexDigit.value(of: text[index]) else { return nil }
      value = value << 4 | UInt16(digit)
    }
    return value
  }
}

enum HexDigit {
  /// 0 to 15, or `nil` for what is no digit; either case.
  static func value(of byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
