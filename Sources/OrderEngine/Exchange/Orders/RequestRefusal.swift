package import OrderDomain

/// Why an order cannot be changed or cancelled. Nothing has happened to it.
package enum RequestRefusal: Error, Hashable, Sendable {
  case unknownOrder
  case alreadyFinal(ExchangeOrderState)
  /// Not at the exchange yet; ask again in a moment.
  case inTransit
  case tooManyModifications(limit: Int)
  /// The new quantity is not above what has filled.
  case quantityNotAboveFilled(Quantity)
  /// The stop has been triggered and can no longer become a stop.
  case alreadyTriggered
  /// The order as it would become breaks a rule.
  case rejected(ExchangeRejection)

  package var words: String {
    switch self {
    case .unknownOrder: "There is no such order."
    case .alreadyFinal(let state): "The order is already \(state.code)."
    case .inTransit: "The order is in transit."
    case .tooManyModifications(let limit): "The order has been modified \(limit) times, which is the limit."
    case .quantityNotAboveFilled(let filled): "The quantity must be above the \(filled) already filled."
    case .alreadyTriggered: "The stop has already been triggered."
    case .rejected(let rejection): rejection.words
    }
  }
}
