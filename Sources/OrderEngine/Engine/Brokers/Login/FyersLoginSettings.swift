package import OrderDomain

/// What the engine may log in to a Fyers account with. Any of it may be missing.
package struct FyersLoginSettings: Sendable {
  /// `ABCD1234EF-100`.
  package let appID: String
  /// Where the login's pages are: `https://api-t1.fyers.in`.
  package let address: String
  package var secretID: Secret?
  /// Where Fyers sends the browser after the login, exactly as it was registered for the app.
  package var redirectAddress: String?
  package var pin: Secret?
  /// A code that was copied out of the browser by hand: good once, and for a few minutes.
  package var code: Secret?

  package init(appID: String, address: String) {
    self.appID = appID
    self.address = address
  }
}
