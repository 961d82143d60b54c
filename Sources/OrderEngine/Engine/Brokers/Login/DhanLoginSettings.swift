package import OrderDomain

/// What the engine may log in to a Dhan account with. Any of it may be missing.
package struct DhanLoginSettings: Sendable {
  /// Ten digits, kept as text.
  package let clientID: String
  /// Where the login's pages are: `https://auth.dhan.co`.
  package let address: String
  /// PIN and one-time password together make a token without a person.
  package var pin: Secret?
  package var oneTimePassword: OneTimePassword?
  /// Key and secret of the API together open a login page for a person.
  package var apiKey: Secret?
  package var apiSecret: Secret?

  package init(clientID: String, address: String) {
    self.clientID = clientID
    self.address = address
  }
}
