import OrderDomain

/// The price of one instrument as a function of the step number: seven octaves of seeded noise around an anchor.
///
/// It is not a chain of draws, so any moment costs the same to ask for, asking changes nothing, and an instrument nobody
/// asks about costs nothing. Octave `k` has a period of `4^k` steps and a height of `2^k` times the amplitude, which is
/// how a random walk spreads over as many steps; beyond 4,096 steps it returns to its anchor instead of drifting away.
struct PriceWalk: Sendable {
  private static let octaveCount = 7
  /// The sum of all octaves' heights, in amplitudes.
  private static let span: Int64 = 127

  private let seed: UInt64
  /// Ten-thousandths of a rupee at the step where the walk was last set.
  private var anchor: Int64
  private var anchorOffset: Int64
  private let amplitude: Int64

  /// `amplitude` is how far the finest octave reaches, in ticks; 0 holds the price still. It is lowered for prices of
  /// so few ticks that the walk would otherwise lie on the floor.
  init(seed: UInt64, key: InstrumentKey, reference: Price, tick: TickSize, amplitude: Int64) {
    self.seed = SeededGenerator.mix(seed ^ PriceWalk.number(of: key))
    anchor = max(reference.tenThousandths, tick.price.tenThousandths)
    anchorOffset = 0
    self.amplitude = amplitude
  }

  var moves: Bool { amplitude > 0 }

  /// Ten-thousandths of a rupee at `step`; on the tick when the anchor is, and at least one tick.
  func price(at step: Int64, tick: Int64) -> Int64 {
    guard amplitude > 0 else { return max(anchor / tick * tick, tick) }
    let base = anchor / tick
    return max(base + scaled(offset(at: step) - anchorOffset, base: base), 1) * tick
  }

  mutating func set(_ price: Price, at step: Int64) {
    anchor = price.tenThousandths
    anchorOffset = amplitude > 0 ? offset(at: step) : 0
  }

  /// Keeps a cheap instrument within half of its anchor, up or down.
  private func scaled(_ offset: Int64, base: Int64) -> Int64 {
    let reach = 2 * PriceWalk.span * amplitude
    return base / 2 >= reach ? offset : offset * (base / 2) / reach
  }

  private func offset(at step: Int64) -> Int64 {
    var sum: Int64 = 0
    for octave in 0..<PriceWalk.octaveCount {
      let shift = Int64(2 * octave)
      let height = amplitude << Int64(octave)
      let index = step >> shift
      let start = lattice(octave, index, height)
      let rest = step - index << shift
      sum += rest == 0 ? start : start + ((lattice(octave, index + 1, height) - start) * rest) >> shift
    }
    return sum
  }

  /// Uniform in `-height … height`.
  private func lattice(_ octave: Int, _ index: Int64, _ height: Int64) -> Int64 {
    let salted = seed ^ (UInt64(octave + 1) &* 0xD6E8_FEB8_6659_FD93)
    let drawn = SeededGenerator.mix(salted &+ UInt64(bitPattern: index) &* 0x9E37_79B9_7F4A_7C15)
    return Int64(((drawn >> 32) * UInt64(2 * height + 1)) >> 32) - height
  }

  private static func number(of key: InstrumentKey) -> UInt64 {
    SeededGenerator.mix(UInt64(key.segment.rawValue) << 56 ^ key.securityID.number)
  }

  /// What an instrument without a given reference price starts at: a share at ₹100 to ₹3,100, a future or an index at
  /// ₹5,000 to ₹55,000, an option at 0.2 % to 2.2 % of its strike. Fixed by the key alone, on the tick.
  static func derivedReference(of instrument: Instrument) -> Price {
    let drawn = SeededGenerator.mix(number(of: instrument.key) ^ 0x5EED) >> 32
    func within(_ low: Int64, _ high: Int64) -> Int64 { low + Int64((drawn * UInt64(high - low)) >> 32) }
    let raw: Int64 =
      switch instrument.contract {
      case .equity: within(1_000_000, 31_000_000)
      case .future, .index: within(50_000_000, 550_000_000)
      case .option(_, let strike, _): strike.tenThousandths / 1_000 * within(2, 22)
      }
    let price = Price(tenThousandths: max(raw, instrument.tickSize.price.tenThousandths)) ?? .limit
    let snapped = instrument.tickSize.round(price, .down) ?? price
    guard let band = instrument.priceBand else { return snapped }
    return min(max(snapped, band.lowerBound), band.upperBound)
  }
}
