package import OrderDomain

/// One client of Fyers' with his one app.
package struct FyersClient: Sendable {
  package let id: String
  package let account: AccountID
  package let appID: String
  package let appSecret: String
  package let appHash: String
  /// The newest token; earlier ones live on until they expire.
  package internal(set) var token = ""
  /// The newest, if there was a login.
  var refreshToken: String?
  package let pin = "1234"
  /// Codes that may be exchanged once, with the moment when that ends.
  var codes: [String: Timestamp] = [:]
  var addresses: Set<String> = []
  var isReadOnly = false
  /// Where his orders' news is posted to, beside the socket.
  var postbackAddress: String?

  private var budget = Budget()

  private struct Budget: Sendable {
    var second = CallWindow(limit: 10, seconds: 1)
    var minute = CallWindow(limit: 200, seconds: 60)
    var day = CallWindow(limit: 100_000, seconds: 86_400)
    var lastBreach: Timestamp?
    var breaches = 0
    var blockedOn: CalendarDate?
  }

  mutating func resetBudgets() { budget = Budget() }

  init(number: Int, mint: inout TokenMint) {
    id = "XS\(String(100_000 + number).dropFirst())"
    guard let account = AccountID("fyers-\(id)") else { preconditionFailure("letters and digits make an account id") }
    self.account = account
    appID = "SIMAPP\(String(10_000 + number).dropFirst())-100"
    appSecret = String(mint.identifier().filter { $0 != "-" }.prefix(10))
    appHash = TokenMint.appHash(id: appID, secret: appSecret)
  }

  /// Takes a call, or says for how many nanoseconds none is taken. After more than three breaches of the minute's limit
  /// on one day, none is until midnight.
  mutating func take(_ count: Int, at time: Timestamp) -> Int64? {
    let today = time.indianDate
    if budget.blockedOn == today { return Int64(86_400 - time.indianSecondOfDay) * 1_000_000_000 }
    for _ in 0..<count {
      if let wait = wait(at: time, today) { return wait }
      budget.second.take(at: time)
      budget.minute.take(at: time)
      budget.day.take(at: time)
    }
    return nil
  }

  private mutating func wait(at time: Timestamp, _ today: CalendarDate) -> Int64? {
    if !budget.minute.admits(at: time) {
      if budget.lastBreach?.indianDate != today { budget.breaches = 0 }
      // A storm of calls within one minute is one breach of its limit.
      if budget.lastBreach.map({ time.nanoseconds(since: $0) >= 60_000_000_000 }) ?? true {
        budget.breaches += 1
        budget.lastBreach = time
      }
      if budget.breaches > 3 { budget.blockedOn = today }
      return budget.minute.nanosecondsUntilFree(at: time)
    }
    if !budget.second.admits(at: time) { return budget.second.nanosecondsUntilFree(at: time) }
    return budget.day.admits(at: time) ? nil : budget.day.nanosecondsUntilFree(at: time)
  }
}

struct FyersToken: Sendable {
  let client: Int
  let expires: Timestamp
  var isDead = false
}
