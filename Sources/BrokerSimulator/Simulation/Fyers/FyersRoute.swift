import HTTP

/// What a request asks of Fyers, by method and path alone.
enum FyersRoute: Hashable {
  case place, modify, cancel
  case cancelNamed(String)
  case placeMany, modifyMany, cancelMany
  /// The old address without `/sync`, which the edge answers by a page.
  case edge
  case orders, tradeBook, positions, exit, convert, holdings, funds, margin, profile, logout
  case quotes, depth, marketStatus, symbolTokens
  case login, exchangeCode, refresh

  /// What must be asked from a registered address, and counts as an order.
  var isOrder: Bool {
    switch self {
    case .place, .modify, .cancel, .cancelNamed, .placeMany, .modifyMany, .cancelMany, .exit: true
    case .edge, .orders, .tradeBook, .positions, .convert, .holdings, .funds, .margin, .profile, .logout, .quotes,
      .depth, .marketStatus, .symbolTokens, .login, .exchangeCode, .refresh:
      false
    }
  }

  /// For counting.
  var name: String {
    switch self {
    case .place: "fyers.place"
    case .modify: "fyers.modify"
    case .cancel, .cancelNamed: "fyers.cancel"
    case .placeMany: "fyers.placeMany"
    case .modifyMany: "fyers.modifyMany"
    case .cancelMany: "fyers.cancelMany"
    case .edge: "fyers.edge"
    case .orders: "fyers.orders"
    case .tradeBook: "fyers.tradebook"
    case .positions: "fyers.positions"
    case .exit: "fyers.exit"
    case .convert: "fyers.convert"
    case .holdings: "fyers.holdings"
    case .funds: "fyers.funds"
    case .margin: "fyers.margin"
    case .profile: "fyers.profile"
    case .logout: "fyers.logout"
    case .quotes: "fyers.quotes"
    case .depth: "fyers.depth"
    case .marketStatus: "fyers.marketStatus"
    case .symbolTokens: "fyers.symbolTokens"
    case .login, .exchangeCode, .refresh: "fyers.token"
    }
  }

  /// Whether a path is Fyers' at all, known or not.
  static func isFyers(_ path: String) -> Bool {
    path.hasPrefix("/api/v3/") || path.hasPrefix("/data/") || path.hasPrefix("/api/v2/")
  }

  init?(_ method: HTTPMethod, _ path: String) {
    switch (method, path) {
    case (.post, "/api/v3/orders/sync"): self = .place
    case (.patch, "/api/v3/orders/sync"): self = .modify
    case (.delete, "/api/v3/orders/sync"): self = .cancel
    case (.post, "/api/v3/multi-order/sync"): self = .placeMany
    case (.patch, "/api/v3/multi-order/sync"): self = .modifyMany
    case (.delete, "/api/v3/multi-order/sync"): self = .cancelMany
    case (.post, "/api/v3/orders"), (.patch, "/api/v3/orders"), (.delete, "/api/v3/orders"): self = .edge
    case (.get, "/api/v3/orders"): self = .orders
    case (.get, "/api/v3/tradebook"): self = .tradeBook
    case (.get, "/api/v3/positions"): self = .positions
    case (.delete, "/api/v3/positions"): self = .exit
    case (.post, "/api/v3/positions"), (.patch, "/api/v3/positions"): self = .convert
    case (.get, "/api/v3/holdings"): self = .holdings
    case (.get, "/api/v3/funds"): self = .funds
    case (.post, "/api/v3/multiorder/margin"): self = .margin
    case (.get, "/api/v3/profile"): self = .profile
    case (.post, "/api/v3/logout"): self = .logout
    case (.get, "/data/quotes"): self = .quotes
    case (.get, "/data/depth"): self = .depth
    case (.get, "/data/marketStatus"): self = .marketStatus
    case (.post, "/data/symbol-token"): self = .symbolTokens
    case (.get, "/api/v3/generate-authcode"): self = .login
    case (.post, "/api/v3/validate-authcode"): self = .exchangeCode
    case (.post, "/api/v3/validate-refresh-token"): self = .refresh
    default:
      let parts = path.split(separator: "/")
      guard method == .delete, parts.count == 5, path.hasPrefix("/api/v3/orders/"), parts[4] == "sync" else {
        return nil
      }
      self = .cancelNamed(String(parts[3]))
    }
  }
}
