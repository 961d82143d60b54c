/// Alerts as users have them, for the embedded sample's instruments.
enum AlertBodies {
  static func market(
    _ secret: String, symbol: String = "RELIANCE", side: String = "B", quantity: String = "10", id: String? = nil
  )
    -> String
  {
    let identity = id.map { "\"alert_id\":\"\($0)\"," } ?? ""
    return """
      {"secret":"\(secret)",\(identity)"alertType":"multi_leg_order","order_legs":[{"transactionType":"\(side)",\
      "orderType":"MKT","quantity":"\(quantity)","exchange":"NSE","symbol":"\(symbol)","instrument":"EQ",\
      "productType":"I","sort_order":"1","price":"0"}]}
      """
  }

  static func option(
    _ secret: String, quantity: Int = 30, product: String = "INTRADAY", expiry: String = "MONTHLY", exits: String = ""
  )
    -> String
  {
    """
    {"token":"\(secret)","symbol":"NSE:BANKNIFTY","strikeprice":48400,"optionType":"PE","expiry":"\(expiry)",\
    "action":"BUY","qty":\(quantity),"productType":"\(product)"\(exits)}
    """
  }

  /// One share order in the engine's own format.
  static func native(
    _ secret: String, id: String, quantity: Int = 5, symbol: String = "SBIN", side: String = "buy", more: String = ""
  ) -> String {
    """
    {"format":"order-engine/1","secret":"\(secret)","alert_id":"\(id)","legs":[{"symbol":"NSE:\(symbol)",\
    "side":"\(side)","quantity":\(quantity),"product":"intraday"\(more)}]}
    """
  }
}
