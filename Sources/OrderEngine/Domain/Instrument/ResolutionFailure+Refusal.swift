extension ResolutionFailure {
  /// The failure in a stable code, words and a fix.
  public var refusal: Refusal {
    switch self {
    case .notFound(let query, let suggestions):
      Refusal(
        code: "symbol.notFound", cause: "no instrument is named \(query)",
        fix: suggestions.isEmpty
          ? "check the spelling; names are those of the exchange, such as RELIANCE or NSE:RELIANCE"
          : "did you mean " + suggestions.joined(separator: ", ") + "?")
    case .ambiguous(let query, let candidates):
      Refusal(
        code: "symbol.ambiguous",
        cause: "\(query) names several instruments: " + candidates.joined(separator: ", "),
        fix: "name one of them, or give strike, option type and expiry date")
    case .noWeeklySeries(let underlying, let monthly):
      Refusal(
        code: "symbol.noWeeklySeries",
        cause: "\(underlying) has no weekly options"
          + (monthly.map { "; its nearest expiry is \($0), monthly" } ?? ""),
        fix: "send expiry MONTHLY" + (monthly.map { " or \($0)" } ?? ""))
    case .noSuchExpiry(let underlying, let available):
      Refusal(
        code: "symbol.noSuchExpiry", cause: "\(underlying) has no contract expiring then",
        fix: available.isEmpty
          ? "\(underlying) has no contracts that have not expired; is today's symbol file loaded?"
          : "send one of " + available.map(\.description).joined(separator: ", "))
    case .noSuchStrike(let underlying, let expiry, let strike, let nearest):
      Refusal(
        code: "symbol.noSuchStrike", cause: "\(underlying) of \(expiry) has no strike \(strike)",
        fix: nearest.isEmpty
          ? "check the option type" : "the nearest are " + nearest.map(\.description).joined(separator: ", "))
    case .expired(let symbol, let date):
      Refusal(
        code: "symbol.expired", cause: "\(symbol) expired on \(date)",
        fix: "name a contract that is still traded; WEEKLY and MONTHLY follow by themselves")
    case .notTradable(let symbol):
      Refusal(
        code: "symbol.notTradable", cause: "\(symbol) is an index, which takes no orders",
        fix: "name a future or an option of it")
    case .unfilledTemplate(let text):
      Refusal(
        code: "alert.unfilledTemplate", cause: "\(text) arrived as it stands: nothing was put in its place",
        fix: "TradingView fills it in when the alert fires; when you post by hand, write the symbol itself")
    case .notLoaded:
      Refusal(
        code: "symbol.notLoaded", cause: "no symbol file of the account's broker could be loaded yet",
        fix: "look for symbols.notLoaded in the log; it is tried again every minute")
    }
  }
}
