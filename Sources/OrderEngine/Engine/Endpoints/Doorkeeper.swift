import HTTP
import OrderDomain

/// Who may see and do what, of those who are not webhooks: whoever holds the operator's token.
struct Doorkeeper: Sendable {
  private let operatorToken: Secret

  init(operatorToken: Secret) { self.operatorToken = operatorToken }

  static let cookieName = "order_engine"

  /// By `Authorization: Bearer …`, as programs do, or by the cookie that the printed address has set.
  func admits(_ request: borrowing HTTPRequestView) -> Bool {
    if request.fieldText("authorization")?.hasPrefix("Bearer ") == true { return admitsCaller(request) }
    guard let cookies = request.fieldText("cookie") else { return false }
    for cookie in cookies.split(separator: ";") {
      let pair = cookie.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
      if pair.count == 2, pair[0] == Doorkeeper.cookieName { return admits(token: String(pair[1])) }
    }
    return false
  }

  /// By `Authorization: Bearer …` alone, for what changes something: no page elsewhere can make a browser send that.
  func admitsCaller(_ request: borrowing HTTPRequestView) -> Bool {
    guard let authorization = request.fieldText("authorization"), authorization.hasPrefix("Bearer ") else {
      return false
    }
    return operatorToken.matches(Secret(String(authorization.dropFirst(7))))
  }

  func admits(token: String) -> Bool { operatorToken.matches(Secret(token)) }
}
