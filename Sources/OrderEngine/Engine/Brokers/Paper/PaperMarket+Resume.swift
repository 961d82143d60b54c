package import Actors
package import OrderDomain
import SimulatedExchange

/// A restart ends the simulated market, not what was traded on it: accounts, positions and working orders go on.
extension PaperMarket {
  /// Opens an account with what an earlier run left of it. Orders that had been acknowledged today work again for what is
  /// left of them; those of earlier days have expired, and stay away.
  package func resume(_ id: AccountID, funds: Money, positions: [Position], orders: [Order]) {
    let own = positions.filter { $0.account == id }
    guard exchange.openAccount(id, holding: PaperMarket.state(after: own, funds: funds)) else { return }
    for order in orders where order.request.account == id && !order.state.isFinal {
      guard let number = order.brokerOrderID, order.remainingQuantity > .zero,
        order.lastChange.indianDate == now().indianDate
      else { continue }
      let request = order.request
      var rest = NewOrder(request)
      rest.quantity = order.remainingQuantity
      // One that the rules refuse now stays away too: asked for its tag, the market knows none.
      if case .acknowledged(let newNumber) = exchange.submit(rest, account: id, at: now()) {
        carried.add(number, here: newNumber, filled: order.filledQuantity, value: order.filledValue)
      }
    }
    arm()
  }

  /// Cash and possessions that are worth together what the funds and all trades make, to the last ₹0.0001.
  static func state(after positions: [Position], funds: Money) -> ExchangeAccountState {
    var state = ExchangeAccountState(cash: funds)
    for position in positions {
      state.cash = state.cash + position.soldValue - position.boughtValue
      let net = position.netUnits
      guard net != 0 else { continue }
      let cost = position.openCost
      if position.product == .delivery, net > 0 {
        state.holdings.append(
          ExchangeAccountState.Holding(instrument: position.instrument, units: net, cost: cost))
      } else {
        // An open position blocks a margin; its cost is not paid until it closes.
        state.cash = net > 0 ? state.cash + cost : state.cash - cost
        state.positions.append(
          ExchangeAccountState.Position(
            instrument: position.instrument, product: position.product, net: net, openCost: cost))
      }
    }
    return state
  }
}

extension Position {
  /// What the open units were bought or sold for, at the average, rounded down.
  fileprivate var openCost: Money {
    let (value, units) = netUnits > 0 ? (boughtValue, boughtUnits) : (soldValue, soldUnits)
    guard units > 0 else { return .zero }
    return Money(tenThousandths: value.tenThousandths * Int128(netUnits.magnitude) / Int128(units))
  }
}

/// Orders that were given to an earlier run's market: the engine knows them by the number that they had there, and has
/// counted what had filled.
struct CarriedOrders: Sendable {
  private struct Entry {
    let known: BrokerOrderID
    let filled: Quantity
    let value: Money
  }

  private var entries: [BrokerOrderID: Entry] = [:]
  private var numbersHere: [BrokerOrderID: BrokerOrderID] = [:]

  mutating func add(_ known: BrokerOrderID, here: BrokerOrderID, filled: Quantity, value: Money) {
    entries[here] = Entry(known: known, filled: filled, value: value)
    numbersHere[known] = here
  }

  func number(here known: BrokerOrderID) -> BrokerOrderID { numbersHere[known] ?? known }
  func number(known here: BrokerOrderID) -> BrokerOrderID { entries[here]?.known ?? here }

  /// What had filled of the order before it came here.
  func filledBefore(_ here: BrokerOrderID) -> Quantity { entries[here]?.filled ?? .zero }

  /// Everything that has ever filled of the order; `nil` for nothing.
  func fill(of order: ExchangeOrder.Standing) -> OrderReport.CumulativeFill? {
    let entry = entries[order.id]
    let quantity = order.filled.adding(entry?.filled ?? .zero) ?? order.filled
    guard quantity > .zero else { return nil }
    return OrderReport.CumulativeFill(quantity: quantity, value: order.tradedValue + (entry?.value ?? .zero))
  }
}
