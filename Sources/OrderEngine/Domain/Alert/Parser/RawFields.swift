/// Where a field's value stands in the body and of which kind it is, in one word. Strings without their quotes.
struct RawValue: Hashable, Sendable {
  let bits: UInt64

  /// What fits beside the kind: the bodies that are parsed are bounded far below.
  static let positionLimit = 1 << 30

  /// No bits are an absent field.
  init(bits: UInt64) { self.bits = bits }

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
    let kind = UInt8(truncatingIfNeeded: bits & 7)
    return kind == 0 || kind == JSONKind.null.rawValue || (kind == JSONKind.string.rawValue && start == end)
  }
}

/// The fields of an alert and its legs as they were found, in one piece of memory: two words of marks, then a word a
/// field, for the top and for each leg. The top has room for every field, because in the option order it is a leg too.
struct RawFields: Sendable {
  private var words: [UInt64]

  private static let topSize = 66
  private static let legSize = 34

  init() {
    words = []
    // Enough for a bracket, so that the memory of most alerts is asked for once.
    words.reserveCapacity(RawFields.topSize + 4 * RawFields.legSize)
    words.append(contentsOf: repeatElement(0, count: RawFields.topSize))
  }

  mutating func addLeg() { words.append(contentsOf: repeatElement(0, count: RawFields.legSize)) }

  /// - Parameter place: of the leg in its array, counted from 0; `nil` is the top.
  subscript(_ field: AlertField, _ place: Int?) -> RawValue {
    RawValue(bits: words[RawFields.base(place) &+ 2 &+ Int(field.rawValue)])
  }

  /// - Parameter base: what ``base(_:)`` says of the place, once for all of its fields.
  @inline(__always)
  mutating func set(_ field: AlertField, _ value: RawValue, base: Int) {
    words[base &+ 2 &+ Int(field.rawValue)] = value.bits
  }

  /// Marks what ``set(_:_:base:)`` has noted, once for all fields of a place.
  mutating func mark(present: AlertFieldSet, filled: AlertFieldSet, at place: Int?) {
    words[RawFields.base(place)] = present.bits
    words[RawFields.base(place) + 1] = filled.bits
  }

  mutating func remove(_ field: AlertField, at place: Int?) {
    let base = RawFields.base(place)
    let bit: UInt64 = 1 << UInt64(field.rawValue)
    words[base] &= ~bit
    words[base + 1] &= ~bit
    words[base + 2 + Int(field.rawValue)] = 0
  }

  /// The fields that were found, empty or not.
  func present(at place: Int?) -> AlertFieldSet { AlertFieldSet(bits: words[RawFields.base(place)]) }

  /// The fields that say something.
  func filled(at place: Int?) -> AlertFieldSet { AlertFieldSet(bits: words[RawFields.base(place) + 1]) }

  /// Where the place's words start.
  @inline(__always)
  static func base(_ place: Int?) -> Int {
    if let place { topSize &+ place &* legSize } else { 0 }
  }
}
