package import OrderDomain

/// How an account's token is kept fresh.
package struct TokenManagerSettings: Hashable, Sendable {
  /// A new token is fetched in the background when less than this is left, 0 to 12 h.
  package var refreshBefore: Duration = .seconds(3_600)
  /// A token is no longer used when less than this is left, 0 to 10 min: the request has a way to go.
  package var expiryMargin: Duration = .seconds(5)
  /// From the start of one attempt to the next, at least, 5 s to 1 h. After each failure in a row it doubles.
  package var minimumInterval: Duration = .seconds(5)
  /// What the doubling ends at, `minimumInterval` to 1 h. Also bounds what a source asks for.
  package var maximumInterval: Duration = .seconds(300)
  /// An attempt without an answer has failed after this, 1 s to 5 min.
  package var attemptTimeout: Duration = .seconds(20)
  /// Calls that may wait for a token, 1 to 4,096; the next is refused.
  package var waiterLimit = 1_024

  package init() {}

  /// The first setting out of its range, for the check at start.
  package var problem: Refusal? {
    let name: String
    if !(.zero ... .seconds(43_200)).contains(refreshBefore) {
      name = "refreshBefore must be 0 to 12 h"
    } else if !(.zero ... .seconds(600)).contains(expiryMargin) {
      name = "expiryMargin must be 0 to 10 min"
    } else if !(.seconds(5) ... .seconds(3_600)).contains(minimumInterval) {
      name = "minimumInterval must be 5 s to 1 h"
    } else if maximumInterval < minimumInterval || maximumInterval > .seconds(3_600) {
      name = "maximumInterval must be minimumInterval to 1 h"
    } else if !(.seconds(1) ... .seconds(300)).contains(attemptTimeout) {
      name = "attemptTimeout must be 1 s to 5 min"
    } else if !(1...4_096).contains(waiterLimit) {
      name = "waiterLimit must be 1 to 4096"
    } else {
      return nil
    }
    return Refusal(code: "config.token", cause: "Token manager: \(name).", fix: "Correct the setting, or leave it out.")
  }
}
