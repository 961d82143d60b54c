package import OrderDomain

/// How far beyond its trigger the limit lies of a stop that is sent in the place of a stop-market order: the wider of a
/// number of ticks and a part of the trigger, so that it means something for an option of ₹2 and for a share of ₹2,000.
package struct ProtectiveBand: Hashable, Sendable {
  /// At least 1.
  package let ticks: Int64
  package let hundredthsOfPercent: Int64

  package init(ticks: Int64 = 20, hundredthsOfPercent: Int64 = 100) {
    precondition(ticks >= 1 && hundredthsOfPercent >= 0, "a band has at least one tick")
    self.ticks = ticks
    self.hundredthsOfPercent = hundredthsOfPercent
  }

  /// The limit, in the direction in which the order fills: above the trigger of a buy, below that of a sell, on a tick,
  /// at least one tick away and inside today's price band. `nil` when no price is all of that.
  package func limit(beyond trigger: Price, side: Side, instrument: Instrument) -> Price? {
    let tick = instrument.tickSize
    let step = tick.price.tenThousandths
    let part = trigger.fraction(hundredthsOfPercent: hundredthsOfPercent) ?? .zero
    let (wide, overflow) = step.multipliedReportingOverflow(by: ticks)
    guard !overflow else { return nil }
    let distance = Price(tenThousandths: max(wide, part.tenThousandths)) ?? .limit
    let nearest: Int64
    var limit: Price?
    switch side {
    case .buy:
      nearest = trigger.tenThousandths + step
      limit = trigger.raised(by: distance).flatMap { tick.round($0, .up) }
      if let top = instrument.priceBand.flatMap({ tick.round($0.upperBound, .down) }) {
        limit = min(limit ?? top, top)
      }
      guard let limit, limit.tenThousandths >= nearest else { return nil }
      return limit
    case .sell:
      nearest = trigger.tenThousandths - step
      limit = trigger.lowered(by: distance).flatMap { tick.round($0, .down) }
      let lowest = instrument.priceBand.flatMap { tick.round($0.lowerBound, .up) } ?? tick.price
      limit = max(limit ?? lowest, lowest, tick.price)
      guard let limit, limit.tenThousandths <= nearest else { return nil }
      return limit
    }
  }
}
