/// How amounts counted in ten-thousandths of a rupee are written: at least two decimals, at most four, no grouping.
enum RupeeFormat {
  static func text(of tenThousandths: Int128) -> String {
    let magnitude = tenThousandths.magnitude
    let fraction = Int(magnitude % 10_000)
    var digits = String(fraction + 10_000).dropFirst()
    while digits.count > 2, digits.last == "0" { digits.removeLast() }
    return (tenThousandths < 0 ? "-" : "") + String(magnitude / 10_000) + "." + digits
  }
}
