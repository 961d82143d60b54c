import HTTP

/// What a request asks of Dhan, by method and path alone.
enum DhanRoute: Hashable {
  enum FeedKind: String { case ltp, ohlc, quote }

  case place, slice
  case modify(String)
  case cancel(String)
  case orderBook
  case order(String)
  case external(String)
  case tradeBook
  case trades(String)
  case holdings, positions, exitAll, convert
  case funds, margin, margins
  case feed(FeedKind)
  case profile, renew
  case readKillSwitch, killSwitch
  case readAddress, setAddress, changeAddress
  case segmentFile(String)
  case mint, consent, login, consume

  /// How many of its calls Dhan allows goes by this.
  enum Budget { case orders, data, quotes, others, none }

  var budget: Budget {
    switch self {
    case .place, .slice, .modify, .cancel: .orders
    case .feed: .quotes
    case .segmentFile: .data
    case .mint, .consent, .login, .consume: .none
    case .orderBook, .order, .external, .tradeBook, .trades, .holdings, .positions, .exitAll, .convert, .funds, .margin,
      .margins, .profile, .renew, .readKillSwitch, .killSwitch, .readAddress, .setAddress, .changeAddress:
      .others
    }
  }

  /// For counting.
  var name: String {
    switch self {
    case .place: "dhan.place"
    case .slice: "dhan.slice"
    case .modify: "dhan.modify"
    case .cancel: "dhan.cancel"
    case .orderBook: "dhan.orders"
    case .order: "dhan.order"
    case .external: "dhan.external"
    case .tradeBook, .trades: "dhan.trades"
    case .holdings: "dhan.holdings"
    case .positions: "dhan.positions"
    case .exitAll: "dhan.exitAll"
    case .convert: "dhan.convert"
    case .funds: "dhan.funds"
    case .margin, .margins: "dhan.margin"
    case .feed(let kind): "dhan.\(kind.rawValue)"
    case .profile: "dhan.profile"
    case .renew: "dhan.renew"
    case .readKillSwitch, .killSwitch: "dhan.killSwitch"
    case .readAddress, .setAddress, .changeAddress: "dhan.address"
    case .segmentFile: "dhan.instruments"
    case .mint, .consent, .login, .consume: "dhan.token"
    }
  }

  init?(_ method: HTTPMethod, _ path: String) {
    var parts = path.split(separator: "/", omittingEmptySubsequences: true).map(String.init)
    guard !parts.isEmpty else { return nil }
    switch parts.removeFirst() {
    case "v2": self.init(method, parts)
    case "app", "partner", "login", "consent-login": self.init(login: path, method)
    default: return nil
    }
  }

  private init?(_ method: HTTPMethod, _ parts: [String]) {
    guard let noun = parts.first else { return nil }
    let second = parts.count > 1 ? parts[1] : nil
    switch (method, noun, second, parts.count) {
    case (.post, "orders", nil, 1): self = .place
    case (.post, "orders", "slicing"?, 2): self = .slice
    case (.put, "orders", let id?, 2): self = .modify(id)
    case (.delete, "orders", let id?, 2): self = .cancel(id)
    case (.get, "orders", nil, 1): self = .orderBook
    case (.get, "orders", "external"?, 3): self = .external(parts[2])
    case (.get, "orders", let id?, 2): self = .order(id)
    case (.get, "trades", nil, 1): self = .tradeBook
    case (.get, "trades", let id?, 2): self = .trades(id)
    case (.get, "holdings", nil, 1): self = .holdings
    case (.get, "positions", nil, 1): self = .positions
    case (.delete, "positions", nil, 1): self = .exitAll
    case (.post, "positions", "convert"?, 2): self = .convert
    case (.get, "fundlimit", nil, 1): self = .funds
    case (.post, "margincalculator", nil, 1): self = .margin
    case (.post, "margincalculator", "multi"?, 2): self = .margins
    case (.post, "marketfeed", let kind?, 2):
      guard let kind = FeedKind(rawValue: kind) else { return nil }
      self = .feed(kind)
    case (.get, "profile", nil, 1): self = .profile
    case (_, "RenewToken", nil, 1): self = .renew
    case (.get, "killswitch", nil, 1): self = .readKillSwitch
    case (.post, "killswitch", nil, 1): self = .killSwitch
    case (.get, "ip", "getIP"?, 2): self = .readAddress
    case (.post, "ip", "setIP"?, 2): self = .setAddress
    case (.put, "ip", "modifyIP"?, 2): self = .changeAddress
    case (.get, "instrument", let segment?, 2): self = .segmentFile(segment)
    default: return nil
    }
  }

  private init?(login path: String, _ method: HTTPMethod) {
    switch (method, path) {
    case (.post, "/app/generateAccessToken"): self = .mint
    case (.post, "/app/generate-consent"): self = .consent
    case (.get, "/login/consentApp-login"): self = .login
    // Both verbs are in use and reported to work.
    case (.get, "/app/consumeApp-consent"), (.post, "/app/consumeApp-consent"): self = .consume
    default: return nil
    }
  }
}
