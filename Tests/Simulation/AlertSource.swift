import OrderDomain

/// Writes alerts as senders do: the two legacy formats and the native one, single legs, baskets, sequences, brackets, and
/// what senders get wrong.
struct AlertSource {
  struct Draft {
    var body: String
    /// From the `Idempotency-Key` header.
    var key: String?
    let name: String
    /// Whether it must not be taken, whatever happens.
    var isRefused = false
    var hasIdentity = true
  }

  let secret: String
  let accounts: [String]
  private var chance: Chance
  private var nextNumber = 1

  init(secret: String, accounts: [String], seed: UInt64) {
    self.secret = secret
    self.accounts = accounts
    chance = Chance(seed: seed, stream: 5)
  }

  /// - Parameter price: near where a share trades, in paise.
  mutating func draft(at time: Timestamp, faults: FaultPlan, price: (String) -> Int64) -> Draft {
    let number = nextNumber
    nextNumber += 1
    let account = chance.pick(accounts)
    let firedAt = faults.happens(.staleAlert) ? time.adding(nanoseconds: -600_000_000_000) : time
    let isKeyless = faults.happens(.repeatedWithoutKey)
    // An id, or the time it was fired at, or a key in the header: each makes it an alert of its own.
    let identity: (field: String, key: String?) =
      switch isKeyless ? 3 : chance.below(3) {
      case 0: ("\"alert_id\":\"a\(number)\",\"timenow\":\"\(firedAt)\",", nil)
      case 1: ("\"alert_id\":\"a\(number)\",", nil)
      case 2: ("\"timenow\":\"\(firedAt)\",", "k\(number)")
      default: ("", nil)
      }
    let top = "\"secret\":\"\(secret)\",\"account\":\"\(account)\",\(identity.field)"
    var draft = Draft(body: "", key: identity.key, name: "", hasIdentity: !isKeyless)
    if faults.happens(.badAlert) {
      let (name, body) = bad(top)
      return Draft(body: body, key: identity.key, name: name, isRefused: true)
    }
    let share = chance.pick(Instruments.shares)
    let isBuy = chance.perMille(600)
    let (name, body) =
      switch chance.below(9) {
      case 0, 1: market(top, share, isBuy)
      case 2: limit(top, share, isBuy, price(share))
      case 3: basket(top)
      case 4: sequence(top)
      case 5: bracket(top, share, price(share))
      case 6: guardedOption(top)
      case 7: slicedOption(top)
      default: native(top, share, isBuy)
      }
    draft.body = body
    return Draft(
      body: draft.body, key: draft.key, name: "\(name) at \(account)", hasIdentity: draft.hasIdentity)
  }

  /// The same identity, something else asked for.
  static func changed(_ draft: Draft) -> Draft {
    var other = draft
    other.body = draft.body.replacing("\"quantity\":\"1", with: "\"quantity\":\"2").replacing(
      "\"qty\":30", with: "\"qty\":60"
    )
    .replacing("\"lots\":1", with: "\"lots\":2")
    return other
  }

  // MARK: Bodies

  private func leg(
    _ symbol: String, _ isBuy: Bool, _ quantity: Int, _ type: String, price: Int64 = 0, trigger: Int64 = 0,
    order: Int = 1
  ) -> String {
    """
    {"transactionType":"\(isBuy ? "B" : "S")","orderType":"\(type)","quantity":"\(quantity)","exchange":"NSE",\
    "symbol":"\(symbol)","instrument":"EQ","productType":"I","sort_order":"\(order)","price":"\(rupees(price))"\
    \(trigger > 0 ? ",\"triggerPrice\":\"\(rupees(trigger))\"" : "")}
    """
  }

  private func rupees(_ paise: Int64) -> String { "\(paise / 100).\(String(paise % 100 + 100).dropFirst())" }

  private func legs(_ top: String, _ legs: [String], _ execution: String? = nil) -> String {
    let how = execution.map { "\"execution\":\"\($0)\"," } ?? ""
    return "{\(top)\(how)\"alertType\":\"multi_leg_order\",\"order_legs\":[\(legs.joined(separator: ","))]}"
  }

  private mutating func market(_ top: String, _ share: String, _ isBuy: Bool) -> (String, String) {
    ("market", legs(top, [leg(share, isBuy, 10 + chance.below(9), "MKT")]))
  }

  private mutating func limit(_ top: String, _ share: String, _ isBuy: Bool, _ price: Int64) -> (String, String) {
    let at = price + price * (chance.between(-20, 20)) / 10_000
    return ("limit", legs(top, [leg(share, isBuy, 10 + chance.below(9), "LMT", price: at / 10 * 10)]))
  }

  private mutating func basket(_ top: String) -> (String, String) {
    let count = 2 + chance.below(3)
    let legs = (1...count).map { number in
      leg(chance.pick(Instruments.shares), chance.perMille(500), 10 + chance.below(9), "MKT", order: number)
    }
    return ("basket of \(count)", self.legs(top, legs, "parallel"))
  }

  private mutating func sequence(_ top: String) -> (String, String) {
    let first = chance.pick(Instruments.shares)
    let second = chance.pick(Instruments.shares)
    return (
      "sequence",
      legs(top, [leg(first, true, 11, "MKT", order: 1), leg(second, false, 12, "MKT", order: 2)], "sequential")
    )
  }

  private mutating func bracket(_ top: String, _ share: String, _ price: Int64) -> (String, String) {
    let reach = price * chance.between(1, 30) / 1_000
    return (
      "bracket",
      legs(
        top,
        [
          leg(share, true, 10, "MKT", order: 1),
          leg(share, false, 10, "SL-M", trigger: (price - reach) / 10 * 10, order: 2),
          leg(share, false, 10, "LMT", price: (price + reach) / 10 * 10, order: 3),
        ])
    )
  }

  private mutating func guardedOption(_ top: String) -> (String, String) {
    (
      "option with exits",
      """
      {\(top)"symbol":"NSE:BANKNIFTY","strikeprice":48400,"optionType":"PE","expiry":"MONTHLY","action":"BUY",\
      "qty":30,"productType":"INTRADAY","sl":\(1 + chance.below(8)).0,"tp":\(1 + chance.below(8)).0}
      """
    )
  }

  private mutating func slicedOption(_ top: String) -> (String, String) {
    (
      "option in slices",
      """
      {\(top)"symbol":"NSE:BANKNIFTY","strikeprice":48400,"optionType":"PE","expiry":"MONTHLY",\
      "action":"\(chance.perMille(500) ? "BUY" : "SELL")","qty":\(630 + 30 * chance.below(30)),"productType":"INTRADAY"}
      """
    )
  }

  private mutating func native(_ top: String, _ share: String, _ isBuy: Bool) -> (String, String) {
    let exits = chance.perMille(500) ? ",\"stop_loss\":\(5 + chance.below(20)),\"target\":\(5 + chance.below(20))" : ""
    let side = isBuy ? "buy" : "sell"
    return (
      "native",
      """
      {"format":"order-engine/1",\(top)"valid_for_ms":\(5_000 + 5_000 * chance.below(6)),"legs":[\
      {"symbol":"NSE:\(share)","side":"\(side)","quantity":"1\(chance.below(9))","product":"intraday"\(exits)},\
      {"underlying":"NIFTY","strike":26000,"option_type":"CE","expiry":"2026-11-24","side":"buy","lots":1,\
      "product":"intraday"}]}
      """
    )
  }

  private mutating func bad(_ top: String) -> (String, String) {
    switch chance.below(4) {
    case 0: ("unknown symbol", legs(top, [leg("NOSUCHSHARE", true, 1, "MKT")]))
    case 1: ("half a lot", slicedOption(top).1.replacing("\"qty\":", with: "\"qty\":1"))
    case 2:
      ("wrong secret", legs(top.replacing(secret, with: "wrong"), [leg("INFY", true, 1, "MKT")]))
    default: ("cut short", String(legs(top, [leg("INFY", true, 1, "MKT")]).dropLast(3)))
    }
  }
}
