/// Who is at the door, as far as limits are concerned.
package struct Caller: Hashable, Sendable {
  package let address: SenderAddress
  /// Others come from the same address, whom the door cannot tell from this one: TradingView's customers, or everybody
  /// behind a proxy that does not say for whom it asks. Nobody may be shut out for what another has done.
  package let isShared: Bool

  package init(_ address: SenderAddress, isShared: Bool = false) {
    self.address = address
    self.isShared = isShared
  }

  /// What is counted together.
  var customer: Caller { Caller(address.customer, isShared: isShared) }
}
