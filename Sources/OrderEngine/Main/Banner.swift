import OrderEngine

/// What a person at a terminal is shown once alerts are taken.
struct Banner {
  let address: EngineService.ServingAddress

  func print() {
    let secret = address.newWebhookSecret ?? "YOUR_WEBHOOK_SECRET"
    Swift.print(
      """

      Paper trading: no account, no money, no network.

        Dashboard   \(address.dashboard)
        Try it      curl -s '\(address.base)/webhook?wait=1000' -d '{"secret":"\(secret)",
                      "alertType":"multi_leg_order","order_legs":[{"transactionType":"B","orderType":"MKT",
                      "quantity":"10","exchange":"NSE","symbol":"RELIANCE","instrument":"EQ",
                      "productType":"I","sort_order":"1","price":"0"}]}'
      """)
    if address.newWebhookSecret == nil {
      Swift.print("  (the webhook secret is the one that you configured, or in \(address.secretPath))")
    }
    Swift.print("")
  }
}
