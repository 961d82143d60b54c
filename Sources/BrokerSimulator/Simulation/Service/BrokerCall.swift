import HTTP

/// Whose a request is, told by its path.
enum BrokerCall: Hashable {
  case dhan(DhanRoute)
  case fyers(FyersRoute)
  case file(String)
  case unknownAtDhan
  case unknownAtFyers
  case unknown

  init(_ request: BrokerRequest) {
    let path = request.path
    if path.hasPrefix("/api-data/") || path.hasPrefix("/sym_details/") {
      self = request.method == .get || request.method == .head ? .file(path) : .unknown
    } else if let route = DhanRoute(request.method, path) {
      self = .dhan(route)
    } else if let route = FyersRoute(request.method, path) {
      self = .fyers(route)
    } else if path.hasPrefix("/v2/") || path == "/v2" {
      self = .unknownAtDhan
    } else {
      self = FyersRoute.isFyers(path) ? .unknownAtFyers : .unknown
    }
  }

  /// For counting, and for scripts.
  var endpoint: String {
    switch self {
    case .dhan(let route): route.name
    case .fyers(let route): route.name
    case .file: "files"
    case .unknownAtDhan: "dhan.unknown"
    case .unknownAtFyers: "fyers.unknown"
    case .unknown: "unknown"
    }
  }

  /// Under which the brokers' limits on orders count it; `nil` for the others.
  var orderClass: String? {
    switch self {
    case .dhan(let route): route.budget == .orders ? "dhan.allOrderCalls" : nil
    case .fyers(let route): route.isOrder ? "fyers.allOrderCalls" : nil
    case .file, .unknownAtDhan, .unknownAtFyers, .unknown: nil
    }
  }
}
