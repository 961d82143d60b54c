public enum Side: UInt8, Hashable, Sendable {
  case buy, sell

  public var opposite: Side { self == .buy ? .sell : .buy }
  /// +1 for a buy, -1 for a sell.
  public var sign: Int64 { self == .buy ? 1 : -1 }
  public var code: String { self == .buy ? "buy" : "sell" }
}

/// How an order wants to be priced, with the prices that this way needs and no others.
public enum OrderType: Hashable, Sendable {
  case market
  case limit(Price)
  /// Becomes a limit order at `limit` once the market trades at `trigger`.
  case stopLimit(trigger: Price, limit: Price)
  /// Becomes a market order at `trigger`. Exchanges no longer let these rest for options; a gateway that must emulate
  /// says so.
  case stopMarket(trigger: Price)

  public var limitPrice: Price? {
    switch self {
    case .market, .stopMarket: nil
    case .limit(let price), .stopLimit(_, let price): price
    }
  }

  public var triggerPrice: Price? {
    switch self {
    case .market, .limit: nil
    case .stopLimit(let trigger, _), .stopMarket(let trigger): trigger
    }
  }

  public var code: String {
    switch self {
    case .market: "market"
    case .limit: "limit"
    case .stopLimit: "stop_limit"
    case .stopMarket: "stop_market"
    }
  }
}

public enum Validity: UInt8, Hashable, Sendable {
  case day, immediateOrCancel

  public var code: String { self == .day ? "day" : "ioc" }
}

public enum ProductType: UInt8, Hashable, Sendable, CaseIterable {
  /// Squared off the same day.
  case intraday
  /// Shares taken into the demat account (CNC).
  case delivery
  /// Derivatives carried overnight (Dhan MARGIN, NRML elsewhere).
  case margin

  public var code: String {
    switch self {
    case .intraday: "intraday"
    case .delivery: "delivery"
    case .margin: "margin"
    }
  }
}

/// A broker whose protocol, or whose imitation, the engine speaks.
public enum Broker: UInt8, Hashable, Sendable, CaseIterable {
  case paper, dhan, fyers

  public var code: String {
    switch self {
    case .paper: "paper"
    case .dhan: "dhan"
    case .fyers: "fyers"
    }
  }
}
