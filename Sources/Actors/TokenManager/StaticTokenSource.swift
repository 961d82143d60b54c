package import OrderDomain

/// For an account that needs no token, and for a token that a person put into the configuration: the latter cannot be
/// renewed, only replaced.
package struct StaticTokenSource: TokenSource {
  private let issued: IssuedToken?

  /// No token needed.
  package static var paper: StaticTokenSource { StaticTokenSource(issued: .notNeeded) }

  /// A token from the configuration goes in by ``TokenManager/supply(_:)``; this source then says, when asked for the
  /// next, that a person must bring it.
  package static var configuration: StaticTokenSource { StaticTokenSource(issued: nil) }

  package func fetchToken() async throws(TokenError) -> IssuedToken {
    if let issued { return issued }
    throw TokenError(
      kind: .needsPerson,
      refusal: Refusal(
        code: "auth.tokenNeeded", cause: "The configured token is missing, expired or refused, and cannot be renewed.",
        fix: "Put a new token into the configuration, or configure a login."))
  }
}
