/// The exchange's number for an instrument, unique within an ``ExchangeSegment`` and reassigned over time: valid for the
/// day of the symbol master it came from.
public struct SecurityID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let number: UInt64
  public init(_ number: UInt64) { self.number = number }
  public static func < (left: SecurityID, right: SecurityID) -> Bool { left.number < right.number }
  public var description: String { String(number) }
}

/// What names an instrument for the engine: books, positions and mailboxes are keyed by it, never by a label.
public struct InstrumentKey: Hashable, Sendable {
  public let segment: ExchangeSegment
  public let securityID: SecurityID

  public init(segment: ExchangeSegment, securityID: SecurityID) {
    self.segment = segment
    self.securityID = securityID
  }
}

public enum OptionType: UInt8, Hashable, Sendable {
  case call, put

  /// `CE` or `PE`, as everybody in India writes it.
  public var code: String { self == .call ? "CE" : "PE" }
}

/// What kind of contract an instrument is, with what only that kind has.
public enum Contract: Hashable, Sendable {
  case equity
  case index
  case future(expiry: CalendarDate)
  case option(expiry: CalendarDate, strike: Price, type: OptionType)

  public var expiry: CalendarDate? {
    switch self {
    case .equity, .index: nil
    case .future(let expiry), .option(let expiry, _, _): expiry
    }
  }
}

/// One tradable contract (or an index) as today's symbol master describes it. Immutable; equal when the key is.
public final class Instrument: Sendable {
  public let key: InstrumentKey
  public let contract: Contract
  /// The exchange's mnemonic of the share or the underlying: `RELIANCE`, `NIFTY`.
  public let underlying: String
  /// The master's human label, never a key: `RELIANCE`, `NIFTY-Sep2026-29150-CE`.
  public let tradingSymbol: String
  /// What the broker of this master wants in its requests where it wants a name: `NSE:SBIN-EQ` at Fyers. Equal to
  /// ``tradingSymbol`` at brokers that take the security id.
  public let brokerSymbol: String
  /// The series of a share (`EQ`, `BE`, `A`), empty otherwise.
  public let series: String
  public let lotSize: LotSize
  public let tickSize: TickSize
  /// `nil` when the master publishes none; then the rules' conservative slice applies.
  public let freezeQuantity: FreezeQuantity?
  /// Today's price band, where published.
  public let priceBand: ClosedRange<Price>?

  public init(
    key: InstrumentKey, contract: Contract, underlying: String, tradingSymbol: String, brokerSymbol: String,
    series: String = "", lotSize: LotSize, tickSize: TickSize, freezeQuantity: FreezeQuantity? = nil,
    priceBand: ClosedRange<Price>? = nil
  ) {
    self.key = key
    self.contract = contract
    self.underlying = underlying
    self.tradingSymbol = tradingSymbol
    self.brokerSymbol = brokerSymbol
    self.series = series
    self.lotSize = lotSize
    self.tickSize = tickSize
    self.freezeQuantity = freezeQuantity
    self.priceBand = priceBand
  }
}

extension Instrument: Hashable {
  public static func == (left: Instrument, right: Instrument) -> Bool { left.key == right.key }
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}
