/// Allocations that something takes each time it is done, to a hundredth: tables that double now and then make fractions.
struct Figure: Comparable {
  let hundredths: Int

  init(allocations: Int, in count: Int) { hundredths = (allocations * 100 + count / 2) / count }

  /// Reads ``description`` back.
  init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2, let whole = Int(parts[0]), parts[1].count == 2, let rest = Int(parts[1]), whole >= 0,
      rest >= 0
    else { return nil }
    hundredths = whole * 100 + rest
  }

  private init(hundredths: Int) { self.hundredths = hundredths }

  /// One more in a hundred: another version of the runtime or of a library may differ by so little.
  var tolerated: Figure { Figure(hundredths: hundredths + hundredths / 100) }
  var clearlyLess: Figure { Figure(hundredths: hundredths - hundredths / 100) }

  static func < (left: Figure, right: Figure) -> Bool { left.hundredths < right.hundredths }
}

extension Figure: CustomStringConvertible {
  var description: String { "\(hundredths / 100).\(hundredths % 100 / 10)\(hundredths % 10)" }
}
