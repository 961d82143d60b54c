import OrderDomain

/// Last traded prices that were asked for lately: what a limit on an alert's value is judged by. Lives on the engine's
/// thread.
final class QuoteBook {
  /// A price is good enough for judging a limit for so long.
  static let freshness = Duration.seconds(60)
  /// Older ones are dropped when more than so many instruments are known.
  static let limit = 4_096

  private var prices: [InstrumentKey: (price: Price, at: Timestamp)] = [:]

  func add(_ quotes: [BrokerQuote], at now: Timestamp) {
    if prices.count + quotes.count > QuoteBook.limit { prices = prices.filter { isFresh($0.value.at, now) } }
    if prices.count + quotes.count > QuoteBook.limit { prices = [:] }
    for quote in quotes { prices[quote.instrument] = (quote.lastPrice, now) }
  }

  func lastPrice(_ instrument: InstrumentKey, at now: Timestamp) -> Price? {
    prices[instrument].flatMap { isFresh($0.at, now) ? $0.price : nil }
  }

  private func isFresh(_ time: Timestamp, _ now: Timestamp) -> Bool {
    let age = Duration.nanoseconds(now.nanoseconds(since: time))
    return age >= .zero && age <= QuoteBook.freshness
  }
}
