/// Where a field's value stands in the body and of which kind it is, in one word. Strings without their quotes.
struct RawValue: Hashable, Sendable {
  private let bits: UInt64

  static let absent = RawValue()
  /// What fits beside the kind: the bodies that are parsed are bounded far below.
  static let positionLimit = 1 << 30

  private init() { bits = 0 }

  init(_ kind: JSONKind, _ range: Range<Int>, isEscaped: Bool = false) {
    bits =
      UInt64(kind.rawValue) | (isEscaped ? 8 : 0) | UInt64(truncatingIfNeeded: range.lowerBound) << 4
      | UInt64(truncatingIfNeeded: range.upperBound) << 34
  }

  var kind: JSONKind? { JSONKind(rawValue: UInt8(truncatingIfNeeded: bits & 7)) }
  var start: Int { Int(truncatingIfNeeded: bits >> 4 & 0x3FFF_FFFF) }
  var end: Int { Int(truncatingIfNeeded: bits >> 34) }
  var isEscaped: Bool { bits & 8 != 0 }
  var text: JSONText { JSONText(start: start, end: end, isEscaped: isEscaped) }

  /// Not there, `null`, or an empty string: TradingView templates leave such holes, and all three say the same.
  var isEmpty: Bool {
    switch kind {
    case nil, .null: true
    case .string: start == end
    case .object, .array, .number, .boolean: false
    }
  }
}

/// The fields of one leg as they were found.
struct RawLeg: Sendable {
  private var values = InlineArray<32, RawValue>(repeating: .absent)
  /// One bit a field that was found.
  private(set) var present: UInt64 = 0

  init() {}

  subscript(_ field: AlertField) -> RawValue { values[Int(field.rawValue)] }

  mutating func set(_ field: AlertField, _ value: RawValue) {
    values[Int(field.rawValue)] = value
    present |= 1 << UInt64(field.rawValue)
  }

  func has(_ field: AlertField) -> Bool { present >> UInt64(field.rawValue) & 1 == 1 }

  mutating func remove(_ field: AlertField) {
    values[Int(field.rawValue)] = .absent
    present &= ~(1 << UInt64(field.rawValue))
  }
}

/// The fields at the top of an alert as they were found; those that a leg may have too are kept as a leg, because in
/// the option order they are one.
struct RawTop: Sendable {
  var leg = RawLeg()
  private var values = InlineArray<32, RawValue>(repeating: .absent)
  private var presentAbove: UInt64 = 0

  init() {}

  var present: UInt64 { leg.present | presentAbove }

  subscript(_ field: AlertField) -> RawValue {
    field.rawValue < AlertField.legFieldLimit ? leg[field] : values[Int(field.rawValue - AlertField.legFieldLimit)]
  }

  mutating func set(_ field: AlertField, _ value: RawValue) {
    if field.rawValue < AlertField.legFieldLimit { return leg.set(field, value) }
    values[Int(field.rawValue - AlertField.legFieldLimit)] = value
    presentAbove |= 1 << UInt64(field.rawValue)
  }

  func has(_ field: AlertField) -> Bool { present >> UInt64(field.rawValue) & 1 == 1 }

  mutating func remove(_ field: AlertField) {
    if field.rawValue < AlertField.legFieldLimit { return leg.remove(field) }
    values[Int(field.rawValue - AlertField.legFieldLimit)] = .absent
    presentAbove &= ~(1 << UInt64(field.rawValue))
  }
}
