/// Where access tokens of one account come from: a login, a renewal, the configuration.
public protocol TokenSource: Sendable {
  /// Asks once for a new token. It neither repeats nor waits: the caller does both. A broker may end the token before at
  /// the moment that it issues the next.
  func fetchToken() async throws(TokenError) -> IssuedToken
}

/// A token as its source handed it over.
public struct IssuedToken: Sendable {
  /// `nil` for an account that needs none.
  public let secret: Secret?
  /// `nil` if it does not expire.
  public let expiresAt: Timestamp?

  public init(secret: Secret?, expiresAt: Timestamp?) {
    self.secret = secret
    self.expiresAt = expiresAt
  }

  /// For the paper broker and whoever else asks nobody's leave.
  public static var notNeeded: IssuedToken { IssuedToken(secret: nil, expiresAt: nil) }
}

/// Why there is no token. Holds words that are fit for logs: never a token, a PIN or an address that contains them.
public struct TokenError: Error, Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    /// Trying again later may help: the network, the broker's 5xx, its "once every two minutes".
    case temporary
    /// Only a person helps: a login in the browser, a wrong PIN. Nothing is tried again by itself.
    case needsPerson
  }

  public let kind: Kind
  public let refusal: Refusal
  /// When the source asked for more patience than usual.
  public let retryAfter: Duration?

  public init(kind: Kind, refusal: Refusal, retryAfter: Duration? = nil) {
    self.kind = kind
    self.refusal = refusal
    self.retryAfter = retryAfter
  }
}
