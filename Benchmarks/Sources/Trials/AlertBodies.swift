/// Alerts as strategies send them, for instruments of the embedded sample.
enum AlertBodies {
  static let secret = "test-secret"

  /// Dhan's format: so many market orders for as many shares.
  static func multiLeg(_ id: String, side: String = "B", legCount: Int = 1) -> [UInt8] {
    let shares = ["RELIANCE", "TCS", "INFY", "SBIN"]
    let legs = (1...legCount).map { number in
      """
      {"transactionType":"\(side)","orderType":"MKT","quantity":"10","exchange":"NSE","symbol":"\(shares[number - 1])",\
      "productType":"I","sort_order":"\(number)"}
      """
    }
    return Array(
      """
      {"secret":"\(secret)","alert_id":"\(id)","alertType":"multi_leg_order","order_legs":[\
      \(legs.joined(separator: ","))]}
      """.utf8)
  }

  /// The option bot's format.
  static let option = Array(
    """
    {"token":"\(secret)","symbol":"NSE:BANKNIFTY","strikeprice":48400,"optionType":"PE","expiry":"MONTHLY",\
    "action":"BUY","qty":30,"productType":"INTRADAY","sl":10.0,"tp":20.0}
    """.utf8)

  /// The engine's own format.
  static let native = Array(
    """
    {"format":"order-engine/1","secret":"\(secret)","alert_id":"a1","strategy":"breakout","valid_for_ms":10000,"legs":[\
    {"symbol":"NSE:SBIN","side":"buy","quantity":5,"product":"intraday","order_type":"limit","price":"820.50"}]}
    """.utf8)
}
