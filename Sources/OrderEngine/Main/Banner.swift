import Glibc
import OrderDomain
import OrderEngine

/// What a person is told once alerts are taken: where to look, and something to paste.
struct Banner {
  let address: EngineService.ServingAddress

  func print(to descriptor: Int32) {
    let text = """

      \(heading)

        Dashboard   \(dashboard)
        Try it      curl -s '\(address.base)/webhook?wait=1000' -d '{"secret":"\(secret)",
                      "alertType":"multi_leg_order","order_legs":[{"transactionType":"B","orderType":"MKT",
                      "quantity":"10","exchange":"NSE","symbol":"RELIANCE","instrument":"EQ",
                      "productType":"I","sort_order":"1","price":"0"}]}'


      """
    let bytes = Array(text.utf8)
    // It is a greeting: whoever does not listen loses nothing.
    _ = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
  }

  /// What happens to an order: the first thing to know before one is sent.
  private var heading: String {
    let live = address.accounts.filter { $0.broker != .paper }
    if live.isEmpty { return "Paper trading: no account, no money, no network." }
    return live.map { account in
      let name = account.broker.code
      if !account.mayTrade { return "\(name): orders stay here; LIVE=true lets them leave." }
      return account.addresses?.isLoopback == true
        ? "\(name): orders go to a simulator on this machine." : "\(name): REAL ORDERS LEAVE for the exchange."
    }.joined(separator: "\n")
  }

  private var dashboard: String {
    switch address.operatorToken {
    case .made(let token): "\(address.base)/?token=\(token)"
    case .kept(let path): "\(address.base)/    (the token is in \(path))"
    case .configured(let setting): "\(address.base)/    (the token is \(setting))"
    }
  }

  /// As it stands within a text that the shell is given in single quotes.
  private var secret: String {
    switch address.webhookSecret {
    case .made(let secret): secret
    case .kept(let path): "'$(cat \"\(path)\")'"
    case .configured(let setting): "'\"$\(setting)\"'"
    }
  }
}
