/// Lets one process at a time ask for a new token of an account: a broker may end the token before at the moment that it
/// issues the next, so that two who ask at once would each end the other's.
public protocol TokenTurn: Sendable {
  /// Tries once, and waits for nobody; `nil` while another has the turn.
  func take(_ account: AccountID) async throws(TokenStoreError) -> TokenTurnHold?
}

/// A turn that was taken. Whoever has it gives it back, whatever comes; the end of the process does, too.
public struct TokenTurnHold: Sendable {
  private let end: @Sendable () -> Void

  /// - Parameter end: called once.
  public init(_ end: @escaping @Sendable () -> Void) { self.end = end }

  public func giveBack() { end() }
}
