/// Which addresses may send orders for an account, and what Dhan sees of this one.
package struct DhanAddresses: Hashable, Sendable {
  package var primary: String?
  package var secondary: String?
  /// The address that this call came from.
  package var detected: String?
  /// Dhan's word for the comparison: `MATCH`, `PRIMARY_MATCH`.
  package var match: String?
  /// Whether an order from here would be taken; `nil` where Dhan does not say.
  package var allowsOrders: Bool?
}
