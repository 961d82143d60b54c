import Glibc
import OrderEngine

/// What a person is told once alerts are taken: where to look, and something to paste.
struct Banner {
  let address: EngineService.ServingAddress

  func print() {
    Swift.print(
      """

      Paper trading: no account, no money, no network.

        Dashboard   \(dashboard)
        Try it      curl -s '\(address.base)/webhook?wait=1000' -d '{"secret":"\(secret)",
                      "alertType":"multi_leg_order","order_legs":[{"transactionType":"B","orderType":"MKT",
                      "quantity":"10","exchange":"NSE","symbol":"RELIANCE","instrument":"EQ",
                      "productType":"I","sort_order":"1","price":"0"}]}'

      """)
    // Whoever reads a pipe waits for it.
    fflush(nil)
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
