/// What a scanned string or number says.
extension JSONScanner {
  /// The string with its escapes resolved.
  public func text(_ text: JSONText) -> String {
    if text.isEscaped {
      let decoded = JSONScanner.decoded(text, in: bytes)
      return String(decoding: decoded, as: UTF8.self)
    }
    // The scanner has already checked these bytes against RFC 3629.
    return unsafe String(copying: UTF8Span(unchecked: bytes.extracting(text.range)))
  }

  /// The string's bytes in UTF-8 with its escapes resolved.
  public func utf8(_ text: JSONText) -> [UInt8] { JSONScanner.decoded(text, in: bytes) }

  /// The exact value of a number that ``number()`` found.
  public func decimal(_ range: Range<Int>) throws(JSONError) -> Decimal {
    guard let decimal = Decimal(jsonNumber: bytes.extracting(range)) else {
      throw JSONError(.numberOutOfRange, at: range.lowerBound)
    }
    return decimal
  }

  static func decoded(_ text: JSONText, in bytes: Span<UInt8>) -> [UInt8] {
    if !text.isEscaped {
      // The buffer is copied before the closure ends.
      return unsafe bytes.extracting(text.range).withUnsafeBufferPointer { unsafe Array($0) }
    }
    var result: [UInt8] = []
    result.reserveCapacity(text.end - text.start)
    var index = text.start
    while index < text.end {
      let byte = bytes[index]
      index += 1
      guard byte == UInt8(ascii: "\\") else {
        result.append(byte)
        continue
      }
      let letter = bytes[index]
      index += 1
      switch letter {
      case UInt8(ascii: "b"): result.append(0x08)
      case UInt8(ascii: "f"): result.append(0x0C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      case UInt8(ascii: "t"): result.append(0x09)
      case UInt8(ascii: "u"):
        var scalar = unit(at: index, in: bytes)
        index += 4
        if scalar & 0xFC00 == 0xD800 {
          scalar = 0x10000 + (scalar & 0x3FF) << 10 + unit(at: index + 2, in: bytes) & 0x3FF
          index += 6
        }
        append(scalar, to: &result)
      default: result.append(letter)
      }
    }
    return result
  }

  private static func unit(at index: Int, in bytes: Span<UInt8>) -> UInt32 {
    var unit: UInt32 = 0
    for offset in 0..<4 { unit = unit << 4 | (hexadecimalDigit(bytes[index + offset]) ?? 0) }
    return unit
  }

  private static func append(_ scalar: UInt32, to result: inout [UInt8]) {
    switch scalar {
    case 0..<0x80:
      result.append(UInt8(scalar))
    case 0x80..<0x800:
      result.append(UInt8(0xC0 | scalar >> 6))
      result.append(UInt8(0x80 | scalar & 0x3F))
    case 0x800..<0x10000:
      result.append(UInt8(0xE0 | scalar >> 12))
      result.append(UInt8(0x80 | scalar >> 6 & 0x3F))
      result.append(UInt8(0x80 | scalar & 0x3F))
    default:
      result.append(UInt8(0xF0 | scalar >> 18))
      result.append(UInt8(0x80 | scalar >> 12 & 0x3F))
      result.append(UInt8(0x80 | scalar >> 6 & 0x3F))
      result.append(UInt8(0x80 | scalar & 0x3F))
    }
  }
}
