import Actors
import Logging
import OrderDomain

/// Writes what becomes of an account's tokens into the log, and never one of them.
struct TokenLog: Sendable {
  let account: AccountID
  let logger: Logger

  func tell(_ news: TokenKeeper.News) {
    switch news {
    case .readBack(let store, let expiry):
      logger.info(
        "token.readBack",
        metadata: ["account": "\(account)", "store": "\(store)", "expires": "\(TokenLog.words(expiry))"])
    case .renewed(let expiry):
      logger.info("token.renewed", metadata: ["account": "\(account)", "expires": "\(TokenLog.words(expiry))"])
    case .renewalFailed(let error):
      logger.error(
        "token.refreshError",
        metadata: [
          "account": "\(account)", "code": "\(error.refusal.code)", "cause": "\(error.refusal.cause)",
          "fix": "\(error.refusal.fix)",
        ])
    case .endsToday(let expiry):
      logger.warning(
        "token.endsToday",
        metadata: [
          "account": "\(account)", "expires": "\(TokenLog.words(expiry))",
          "fix": "open /auth-url?account=\(account) with the operator's token, and log in before then",
        ])
    case .storeFailed(let error):
      logger.error(
        "token.storeFailed",
        metadata: [
          "account": "\(account)", "store": "\(error.store)", "code": "\(error.refusal.code)",
          "cause": "\(error.refusal.cause)", "fix": "\(error.refusal.fix)",
        ])
    }
  }

  private static func words(_ expiry: Timestamp?) -> String { expiry?.indianDescription ?? "unknown" }
}

/// Names of logins that a person begins.
enum LoginState {
  /// 160 bits that nobody can guess, in letters and digits.
  @Sendable
  static func make() -> String {
    var generator = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")
    return String((0..<32).map { _ in digits[Int.random(in: 0..<32, using: &generator)] })
  }
}
