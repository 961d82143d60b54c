internal import OrderDomain

extension Price {
  /// As JSON wants it, without needless zeros: `120.5`, `3`, `0.0025`.
  var wireText: String {
    let whole = String(tenThousandths / 10_000)
    let fraction = tenThousandths % 10_000
    if fraction == 0 { return whole }
    var digits = String(fraction + 10_000).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return whole + "." + digits
  }
}

/// Percent-encodes what goes into a path segment or a query value: everything but the unreserved characters of RFC 3986
/// section 2.3, and the colon and comma that both parts allow and brokers print bare.
enum WireText {
  static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: ","):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }
}
