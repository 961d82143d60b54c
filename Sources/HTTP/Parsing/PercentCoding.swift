/// Percent-encoding (RFC 3986 2.1), read strictly.
public enum PercentCoding {
  /// Whether a `%` with two hexadecimal digits stands at `index`.
  static func isEscape(_ bytes: Span<UInt8>, at index: Int) -> Bool {
    index + 2 < bytes.count && bytes[index] == UInt8(ascii: "%") && ByteClass.hexValue(bytes[index + 1]) != nil
      && ByteClass.hexValue(bytes[index + 2]) != nil
  }

  /// The text that `bytes` encode, or nil where an escape is broken, the result is not UTF-8, or it holds
  /// a control character, which nothing that we are asked for has in its name.
  ///
  /// - Parameter plusIsSpace: whether `+` stands for a space, as in form-encoded queries.
  public static func decode(_ bytes: Span<UInt8>, plusIsSpace: Bool = false) -> String? {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      var byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "%") {
        guard index + 1 < bytes.count, let high = ByteClass.hexValue(bytes[index]),
          let low = ByteClass.hexValue(bytes[index + 1])
        else { return nil }
        byte = high << 4 | low
        index += 2
      } else if plusIsSpace, byte == UInt8(ascii: "+") {
        byte = .space
      }
      guard byte >= 0x20, byte != 0x7F else { return nil }
      decoded.append(byte)
    }
    return String(validating: decoded, as: UTF8.self)
  }
}
