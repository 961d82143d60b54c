/// `uri-host [ ":" port ]` (RFC 9110 7.2, RFC 3986 3.2.2), with a host that is not empty.
enum HostRule {
  static func isValid(_ value: Span<UInt8>) -> Bool {
    guard value.count > 0 else { return false }
    var index = 0
    if value[0] == UInt8(ascii: "[") {
      guard let close = value.firstOffset(of: UInt8(ascii: "]")), isIPv6(value.part(1..<close)) else { return false }
      index = close + 1
    } else {
      while index < value.count, value[index] != UInt8(ascii: ":") {
        if value[index] == UInt8(ascii: "%") {
          guard PercentCoding.isEscape(value, at: index) else { return false }
          index += 3
        } else {
          guard ByteClass.isRegisteredName(value[index]) else { return false }
          index += 1
        }
      }
      guard index > 0 else { return false }
    }
    guard index < value.count else { return true }
    return value[index] == UInt8(ascii: ":") && isPort(value.part(index + 1..<value.count))
  }

  /// Digits or nothing (RFC 3986 3.2.3), within 16 bits.
  private static func isPort(_ digits: Span<UInt8>) -> Bool {
    guard digits.count <= 5 else { return false }
    var number = 0
    for index in 0..<digits.count {
      guard ByteClass.isDigit(digits[index]) else { return false }
      number = number * 10 + Int(digits[index] - 0x30)
    }
    return number <= 65_535
  }

  /// `IPv6address` (RFC 3986 3.2.2): eight groups, or fewer around one `::`, the last two perhaps as IPv4.
  private static func isIPv6(_ text: Span<UInt8>) -> Bool {
    var groupCount = 0
    var hasGap = false
    var index = 0
    if text.count >= 2, text[0] == UInt8(ascii: ":") {
      guard text[1] == UInt8(ascii: ":") else { return false }
      hasGap = true
      index = 2
    }
    while index < text.count {
      let start = index
      while index < text.count, ByteClass.hexValue(text[index]) != nil { index += 1 }
      if index < text.count, text[index] == UInt8(ascii: ".") {
        guard isIPv4(text.part(start..<text.count)) else { return false }
        groupCount += 2
        index = text.count
        break
      }
      guard (1...4).contains(index - start) else { return false }
      groupCount += 1
      guard index < text.count else { break }
      guard text[index] == UInt8(ascii: ":"), index + 1 < text.count else { return false }
      index += 1
      if text[index] == UInt8(ascii: ":") {
        guard !hasGap else { return false }
        hasGap = true
        index += 1
      }
    }
    return hasGap ? groupCount <= 7 : groupCount == 8
  }

  /// Four decimal octets without leading zeros (RFC 3986 3.2.2, dec-octet).
  private static func isIPv4(_ text: Span<UInt8>) -> Bool {
    var octetCount = 0
    var index = 0
    while true {
      let start = index
      var number = 0
      while index < text.count, index - start < 3, ByteClass.isDigit(text[index]) {
        number = number * 10 + Int(text[index] - 0x30)
        index += 1
      }
      guard index > start, number <= 255, index - start == 1 || text[start] != UInt8(ascii: "0") else { return false }
      octetCount += 1
      if index == text.count { return octetCount == 4 }
      guard text[index] == UInt8(ascii: "."), octetCount < 4 else { return false }
      index += 1
    }
  }
}
