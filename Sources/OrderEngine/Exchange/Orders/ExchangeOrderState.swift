/// Where an order stands at the exchange.
package enum ExchangeOrderState: UInt8, Hashable, Sendable, CaseIterable {
  /// At the broker, not yet at the exchange. Leads to `pending`, `rejected`, and `expired` at the day's end.
  case transit
  /// At the exchange, nothing filled: looking for a counterparty, waiting for its trigger or for the opening.
  case pending
  case partiallyFilled
  case filled
  case rejected
  /// By the trader, or the rest of an IOC order; what filled before stays filled.
  case cancelled
  case expired

  package var isFinal: Bool {
    switch self {
    case .filled, .rejected, .cancelled, .expired: true
    case .transit, .pending, .partiallyFilled: false
    }
  }

  package var code: String {
    switch self {
    case .transit: "transit"
    case .pending: "pending"
    case .partiallyFilled: "partially_filled"
    case .filled: "filled"
    case .rejected: "rejected"
    case .cancelled: "cancelled"
    case .expired: "expired"
    }
  }
}

package enum CancelCause: UInt8, Hashable, Sendable {
  case trader
  /// The part of an IOC order that found no counterparty at once.
  case immediateOrCancel
}
