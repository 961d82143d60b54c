/// How an alert names an instrument, before a symbol master has been asked.
public enum InstrumentQuery: Hashable, Sendable {
  /// Any single name: a trading symbol, a broker symbol, a security id with its exchange, TradingView's `NSE:RELIANCE`,
  /// `RELIANCE`, `RELIANCE-EQ`, `BANKNIFTY1!`. `hint` says what the alert's instrument field asked for, if it had one.
  case symbol(String, exchange: Exchange?, hint: InstrumentHint?)
  /// An option by what it is. `underlying` may carry an exchange prefix (`NSE:BANKNIFTY`).
  case option(underlying: String, exchange: Exchange?, strike: Price, type: OptionType, expiry: ExpirySelector)
}

/// The `instrument` field of a leg: which kind of contract is meant when a name alone could be several.
public enum InstrumentHint: UInt8, Hashable, Sendable {
  case equity, index, future, option
}

/// Which expiry of an option series is meant. Expiries are read from the master, never computed from a weekday.
public enum ExpirySelector: Hashable, Sendable {
  /// The nearest contract of a weekly series; refused, with the nearest monthly named, where no weekly series exists.
  case weekly
  /// The nearest month's last expiry.
  case monthly
  case date(CalendarDate)
}

/// Why a query found no instrument, or not one. Nothing unresolved is ever sent.
public enum ResolutionFailure: Error, Hashable, Sendable {
  /// Nothing by that name; up to five names that are near.
  case notFound(query: String, suggestions: [String])
  /// Several instruments fit and nothing says which; their names.
  case ambiguous(query: String, candidates: [String])
  /// The underlying has no weekly options; the nearest monthly expiry, if any.
  case noWeeklySeries(underlying: String, nearestMonthly: CalendarDate?)
  /// The underlying has options, but none expiring then; the nearest expiries (at most five).
  case noSuchExpiry(underlying: String, available: [CalendarDate])
  /// The series has no such strike; the strikes next to it (at most four).
  case noSuchStrike(underlying: String, expiry: CalendarDate, strike: Price, nearest: [Price])
  /// The contract's expiry lies before today.
  case expired(symbol: String, on: CalendarDate)
  /// Names an index, which cannot be traded itself.
  case notTradable(symbol: String)
  /// A template variable that was never filled in, such as `{{ticker}}`.
  case unfilledTemplate(String)
  /// No symbol file of the account's broker has been loaded yet.
  case notLoaded
}

/// One consistent symbol table to resolve a whole alert against.
public protocol InstrumentResolver {
  /// `today` is the trading day in India: expired contracts are refused, expiry words are read relative to it.
  func resolve(_ query: InstrumentQuery, today: CalendarDate) -> Result<Instrument, ResolutionFailure>
}

/// What an account resolves against until its first symbol file is there.
public struct NoSymbols: InstrumentResolver, Sendable {
  public init() {}

  public func resolve(_ query: InstrumentQuery, today: CalendarDate) -> Result<Instrument, ResolutionFailure> {
    .failure(.notLoaded)
  }
}
