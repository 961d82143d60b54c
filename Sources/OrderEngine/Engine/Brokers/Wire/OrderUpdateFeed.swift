package import OrderDomain

/// Pushed news of one account's orders. A hint: what matters is read again.
package protocol OrderUpdateFeed: Sendable {
  func deliver(to sink: @escaping @Sendable (OrderReport) -> Void) async
}
