/// RFC 4648, sections 4 and 5.
enum Base64 {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// With padding.
  static func text(_ bytes: [UInt8]) -> String {
    String(decoding: encoded(bytes, isForAddresses: false), as: UTF8.self)
  }

  /// With `-` and `_`, without padding: for JWTs (RFC 7515, section 2).
  static func urlText(_ bytes: [UInt8]) -> String {
    String(decoding: encoded(bytes, isForAddresses: true), as: UTF8.self)
  }

  private static func encoded(_ bytes: [UInt8], isForAddresses: Bool) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var index = 0
    while index < bytes.count {
      let count = min(3, bytes.count - index)
      var group = 0
      for offset in 0..<3 { group = group << 8 | (offset < count ? Int(bytes[index + offset]) : 0) }
      for digit in 0..<4 {
        if digit <= count {
          text.append(digits[group >> (18 - 6 * digit) & 63])
        } else if !isForAddresses {
          text.append(UInt8(ascii: "="))
        }
      }
      index += 3
    }
    guard isForAddresses else { return text }
    return text.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: "-") : $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 }
  }

  /// `nil` for what is not canonical: another digit, wrong padding, bits that are left over.
  static func bytes(_ text: String) -> [UInt8]? {
    let text = Array(text.utf8)
    guard text.count % 4 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    for start in stride(from: 0, to: text.count, by: 4) {
      let isLast = start + 4 == text.count
      let padding = text[start..<start + 4].reversed().prefix { $0 == UInt8(ascii: "=") }.count
      guard padding <= (isLast ? 2 : 0) else { return nil }
      var group = 0
      for index in start..<start + 4 - padding {
        guard let digit = digits.firstIndex(of: text[index]) else { return nil }
        group = group << 6 | digit
      }
      group <<= 6 * padding
      guard group & (1 << (8 * padding) - 1) == 0 else { return nil }
      for index in 0..<3 - padding { bytes.append(UInt8(truncatingIfNeeded: group >> (16 - 8 * index))) }
    }
    return bytes
  }
}
