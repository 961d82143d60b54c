/// Secrets that this engine makes, as people copy them: digits and letters that are not mistaken for each other
/// (Crockford's base 32), five bits each.
enum RandomText {
  private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")

  /// - Parameter bits: rounded up to whole letters.
  static func make(bits: Int, using generator: inout some RandomNumberGenerator) -> String {
    String((0..<(bits + 4) / 5).map { _ in digits[Int.random(in: 0..<32, using: &generator)] })
  }

  /// From the system's source, which is made for secrets.
  static func make(bits: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    return make(bits: bits, using: &generator)
  }
}
