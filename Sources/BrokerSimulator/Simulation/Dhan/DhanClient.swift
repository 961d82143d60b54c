package import OrderDomain

/// One client of Dhan's, with what only Dhan keeps of him.
package struct DhanClient: Sendable {
  package let id: String
  package let account: AccountID
  package let pin: String
  package let oneTimeSecret: String
  package let appID: String
  package let appSecret: String
  /// The one token that is alive.
  package internal(set) var token = ""
  var mintedAt: Timestamp?
  var isKilled = false
  /// Where his orders' news is posted to, beside the socket.
  var postbackAddress: String?
  var primaryAddress: RegisteredAddress?
  var secondaryAddress: RegisteredAddress?
  /// Consents that wait for a login, and logins that wait to be consumed.
  var consents: [String] = []
  var logins: [String] = []

  struct RegisteredAddress: Sendable {
    var address: String
    var date: CalendarDate
  }

  private var budgets = Budgets()

  private struct Budgets: Sendable {
    var orders = CallBudget([
      CallWindow(limit: 10, seconds: 1), CallWindow(limit: 250, seconds: 60), CallWindow(limit: 1_000, seconds: 3_600),
      CallWindow(limit: 7_000, seconds: 86_400),
    ])
    var data = CallBudget([CallWindow(limit: 5, seconds: 1), CallWindow(limit: 100_000, seconds: 86_400)])
    var quotes = CallBudget([CallWindow(limit: 1, seconds: 1)])
    var others = CallBudget([CallWindow(limit: 20, seconds: 1)])
  }

  mutating func resetBudgets() {
    budgets = Budgets()
    mintedAt = nil
  }

  init(number: Int, mint: inout TokenMint) {
    id = String(1_000_000_000 + number)
    guard let account = AccountID("dhan-\(id)") else { preconditionFailure("digits make an account id") }
    self.account = account
    pin = "123456"
    oneTimeSecret = mint.secret()
    appID = String(mint.identifier().prefix(8))
    appSecret = mint.identifier()
  }

  func allows(_ address: String) -> Bool {
    address == primaryAddress?.address || address == secondaryAddress?.address
  }

  mutating func take(_ budget: DhanRoute.Budget, at time: Timestamp) -> Bool {
    switch budget {
    case .orders: budgets.orders.take(at: time) == nil
    case .data: budgets.data.take(at: time) == nil
    case .quotes: budgets.quotes.take(at: time) == nil
    case .others: budgets.others.take(at: time) == nil
    case .none: true
    }
  }
}

/// A token that Dhan has issued, alive or not.
struct DhanToken: Sendable {
  let client: Int
  /// `SELF` when made on the website, `APP` when made by PIN and one-time password.
  let consumer: String
  let expires: Timestamp
}
