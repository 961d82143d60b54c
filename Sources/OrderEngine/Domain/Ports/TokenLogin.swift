/// How one account comes to a new access token at its broker. Each call asks once; the caller repeats, waits and keeps what
/// it gets.
public protocol TokenLogin: Sendable {
  /// Whether ``renew(_:)`` can do without a person, as far as is known.
  func canRenew(_ known: StoredTokens?) async -> Bool

  /// A new token without a person. A broker may end the one before at the moment that it issues the next.
  ///
  /// - Parameter known: the newest tokens that are known, alive or not.
  func renew(_ known: StoredTokens?) async throws(TokenError) -> StoredTokens

  /// Where a person logs in. `state` comes back with the browser if the broker has a place for it.
  func beginLogin(state: String) async throws(TokenError) -> LoginPage

  /// Turns what a person brought into tokens.
  func finishLogin(_ grant: LoginGrant) async throws(TokenError) -> StoredTokens
}

/// A page of the broker's, where a person logs in.
public struct LoginPage: Sendable {
  public let address: String
  /// Whether the broker hands our `state` back. Without it a login is told only by being expected.
  public let returnsState: Bool

  public init(address: String, returnsState: Bool) {
    self.address = address
    self.returnsState = returnsState
  }
}

/// What a person brings.
public enum LoginGrant: Sendable {
  /// What the broker's page gave the browser: good for one exchange.
  case code(Secret)
  /// A whole access token, made by hand on the broker's website.
  case token(Secret)
  /// The code that stands in the settings.
  case configured
}
