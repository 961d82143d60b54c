/// Every draw of a world comes from one of these, and each of these from the world's one seed (SplitMix64).
struct Chance: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A stream of its own, so that one concern's draws do not move another's.
  init(seed: UInt64, stream: UInt64) {
    state = seed ^ (stream &* 0xD1B5_4A32_D192_ED03)
    state = next()
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  mutating func between(_ low: Int64, _ high: Int64) -> Int64 { low + Int64(next() % UInt64(high - low + 1)) }

  /// Nanoseconds, given in milliseconds.
  mutating func milliseconds(_ low: Int64, _ high: Int64) -> Int64 { between(low * 1_000_000, high * 1_000_000) }

  /// Whether something happens that happens so many times in a thousand.
  mutating func perMille(_ chance: Int) -> Bool { below(1_000) < chance }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }
}
