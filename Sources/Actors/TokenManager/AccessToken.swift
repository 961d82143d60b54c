package import OrderDomain

/// A token to send with a request, and which of the account's tokens it is: a refusal names that generation, so that a
/// hundred refused calls ask for one new token. Prints as redacted.
package struct AccessToken: Sendable, CustomStringConvertible, CustomReflectable {
  /// `nil` for an account that needs none.
  package let secret: Secret?
  package let generation: UInt64

  package var description: String { "<token \(generation)>" }
  package var customMirror: Mirror { Mirror(self, children: ["generation": generation]) }
}
