/// What an account at Fyers needs to be said of it.
package struct FyersSettings: Sendable {
  /// `ABCD1234EF-100`; stands before the token in every call.
  package let appID: String
  package let protectiveBand: ProtectiveBand

  package init(appID: String, protectiveBand: ProtectiveBand = ProtectiveBand()) {
    self.appID = appID
    self.protectiveBand = protectiveBand
  }
}
