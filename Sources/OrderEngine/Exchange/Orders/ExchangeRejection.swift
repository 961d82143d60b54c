package import OrderDomain

/// Why an order is refused, before or after its acknowledgement.
package enum ExchangeRejection: Error, Hashable, Sendable {
  case unknownAccount
  case notTradable
  case contractExpired(on: CalendarDate)
  case marketClosed
  case marketOpen
  case productNotAllowed(ProductType)
  case immediateOrCancelNotAllowed
  case stopMarketNotAllowed
  case zeroQuantity
  case notLotMultiple(lot: LotSize)
  case aboveFreeze(largest: Quantity)
  case zeroPrice
  case notOnTick(price: Price, tick: TickSize)
  case outsideBand(price: Price, band: ClosedRange<Price>)
  /// A buy's trigger below the last price, or a sell's above it: it would fire at once.
  case triggerOnWrongSide(trigger: Price, lastPrice: Price)
  /// A buy's limit below its trigger, or a sell's above it.
  case limitShortOfTrigger(limit: Price, trigger: Price)
  case notEnoughHoldings(wanted: Quantity, sellable: Quantity)
  indirect case insufficientFunds(required: Money, available: Money)
  /// For a reason that is none of the rules', as a script words it.
  case inWords(String)

  /// By how much the funds fall short.
  package var shortfall: Money? {
    guard case .insufficientFunds(let required, let available) = self else { return nil }
    return required - available
  }

  /// Stable, for programs.
  package var code: String {
    switch self {
    case .unknownAccount: "exchange.unknownAccount"
    case .notTradable: "exchange.notTradable"
    case .contractExpired: "exchange.contractExpired"
    case .marketClosed: "exchange.marketClosed"
    case .marketOpen: "exchange.marketOpen"
    case .productNotAllowed: "exchange.productNotAllowed"
    case .immediateOrCancelNotAllowed: "exchange.immediateOrCancelNotAllowed"
    case .stopMarketNotAllowed: "exchange.stopMarketNotAllowed"
    case .zeroQuantity: "exchange.zeroQuantity"
    case .notLotMultiple: "exchange.notLotMultiple"
    case .aboveFreeze: "exchange.aboveFreeze"
    case .zeroPrice: "exchange.zeroPrice"
    case .notOnTick: "exchange.notOnTick"
    case .outsideBand: "exchange.outsideBand"
    case .triggerOnWrongSide: "exchange.triggerOnWrongSide"
    case .limitShortOfTrigger: "exchange.limitShortOfTrigger"
    case .notEnoughHoldings: "exchange.notEnoughHoldings"
    case .insufficientFunds: "exchange.insufficientFunds"
    case .inWords: "exchange.inWords"
    }
  }

  /// For people, as a risk desk would say it.
  package var words: String {
    switch self {
    case .unknownAccount: "There is no such account."
    case .notTradable: "An index cannot be traded."
    case .contractExpired(let date): "The contract expired on \(date)."
    case .marketClosed: "The market is closed."
    case .marketOpen: "The market is open: an after-market order is not taken."
    case .productNotAllowed(let product): "Product \(product.code) is not allowed for this instrument."
    case .immediateOrCancelNotAllowed: "Validity IOC is not allowed for this order."
    case .stopMarketNotAllowed: "Stop-loss market orders are not allowed for options."
    case .zeroQuantity: "The quantity must be above zero."
    case .notLotMultiple(let lot): "The quantity must be a multiple of the lot size \(lot.units)."
    case .aboveFreeze(let largest): "The quantity is above the freeze limit; at most \(largest) in one order."
    case .zeroPrice: "The price must be above zero."
    case .notOnTick(let price, let tick): "Price \(price) is not a multiple of the tick size \(tick.price)."
    case .outsideBand(let price, let band):
      "Order price \(price) needs to be within the circuit limits of \(band.lowerBound) to \(band.upperBound)."
    case .triggerOnWrongSide(let trigger, let last):
      "Trigger \(trigger) is on the wrong side of the last price \(last)."
    case .limitShortOfTrigger(let limit, let trigger):
      "Limit \(limit) does not reach past the trigger \(trigger)."
    case .notEnoughHoldings(let wanted, let sellable):
      "Selling \(wanted) for delivery, but holdings allow \(sellable)."
    case .insufficientFunds(let required, let available):
      "Margin shortfall: ₹\(required - available). Required ₹\(required), available ₹\(available)."
    case .inWords(let words): words
    }
  }
}
