package import OrderDomain

extension Money {
  /// `5,25,690.20`: two decimals, the last three digits of the rupees grouped, then pairs.
  package var indianText: String {
    let paise = tenThousandths.magnitude / 100
    var digits = Array(String(paise / 100))
    var groups: [String] = [String(digits.suffix(3))]
    digits.removeLast(min(3, digits.count))
    while !digits.isEmpty {
      groups.insert(String(digits.suffix(2)), at: 0)
      digits.removeLast(min(2, digits.count))
    }
    let fraction = String(paise % 100 + 100).dropFirst()
    return (tenThousandths < 0 ? "-" : "") + groups.joined(separator: ",") + "." + fraction
  }
}
