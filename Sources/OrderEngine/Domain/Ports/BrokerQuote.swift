/// What a broker says an instrument trades at.
public struct BrokerQuote: Hashable, Sendable {
  public let instrument: InstrumentKey
  public let lastPrice: Price
  /// Best prices; `nil` where the call does not carry them or nobody bids.
  public let bid: Price?
  public let ask: Price?

  public init(instrument: InstrumentKey, lastPrice: Price, bid: Price? = nil, ask: Price? = nil) {
    self.instrument = instrument
    self.lastPrice = lastPrice
    self.bid = bid
    self.ask = ask
  }
}
