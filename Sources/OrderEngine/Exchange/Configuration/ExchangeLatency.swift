/// How long each step of an order's life takes, in nanoseconds. Nought means at once, within the call.
package struct ExchangeLatency: Hashable, Sendable {
  /// From the broker's acknowledgement to the exchange's: how long the order is in transit.
  package var transit: Int64
  /// From the exchange's acknowledgement to the first look for a counterparty.
  package var match: Int64
  package var modify: Int64
  package var cancel: Int64
  /// Added to each of the above when it is not nought: uniform in `0 … jitter`, from the seed.
  package var jitter: Int64

  package static let none = ExchangeLatency()

  package init(transit: Int64 = 0, match: Int64 = 0, modify: Int64 = 0, cancel: Int64 = 0, jitter: Int64 = 0) {
    self.transit = transit
    self.match = match
    self.modify = modify
    self.cancel = cancel
    self.jitter = jitter
  }
}
