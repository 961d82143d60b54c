internal import OrderDomain

/// A text with secrets in it, put together without one of them ever being a `String`.
struct SecretText {
  private var bytes: [UInt8] = []

  var secret: Secret { Secret(bytes) }

  mutating func append(_ text: String) { bytes += text.utf8 }

  /// As a value in a query: all but the unreserved characters of RFC 3986 section 2.3 escaped.
  mutating func append(escaped secret: Secret) {
    secret.withBytes { part in
      for index in part.indices { append(escaped: part[index]) }
    }
  }

  private mutating func append(escaped byte: UInt8) {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      bytes.append(byte)
    default:
      bytes += [UInt8(ascii: "%"), SecretText.hexadecimal[Int(byte >> 4)], SecretText.hexadecimal[Int(byte & 15)]]
    }
  }

  /// As a JSON string, quotes and all. Bytes above ASCII go as they are: they come from a text.
  mutating func append(quoted secret: Secret) {
    bytes.append(UInt8(ascii: "\""))
    secret.withBytes { part in
      for index in part.indices {
        switch part[index] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), part[index]]
        case 0..<0x20:
          bytes += "\\u00".utf8
          bytes += [SecretText.hexadecimal[Int(part[index] >> 4)], SecretText.hexadecimal[Int(part[index] & 15)]]
        default: bytes.append(part[index])
        }
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let hexadecimal = Array("0123456789ABCDEF".utf8)
}

extension WireReader {
  /// A string that is a secret, straight from the bytes: no token ever is a `String`. `nil` for anything else.
  mutating func secret() throws(JSONError) -> Secret? {
    guard try scanner.peek() == .string else {
      try scanner.skipValue()
      return nil
    }
    let bytes = scanner.utf8(try scanner.string())
    return bytes.isEmpty ? nil : Secret(bytes)
  }
}
