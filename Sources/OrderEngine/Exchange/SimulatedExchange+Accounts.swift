package import OrderDomain

/// Opening accounts, anew or with what an earlier exchange left.
extension SimulatedExchange {
  /// Returns false, and does nothing, when the account is open already.
  @discardableResult
  package mutating func openAccount(_ id: AccountID, funds: Money) -> Bool {
    openAccount(id, holding: ExchangeAccountState(cash: funds))
  }

  /// The same, with positions and holdings. Positions without units, or named twice, are an error of the caller's.
  @discardableResult
  package mutating func openAccount(_ id: AccountID, holding state: ExchangeAccountState) -> Bool {
    guard accountIndex[id] == nil else { return false }
    accountIndex[id] = Int32(accounts.count)
    var book = AccountBook(id: id, funds: state.cash)
    for position in state.positions {
      precondition(position.net != 0 && position.openCost >= .zero, "a carried position has units and a cost")
      let market = enterMarket(position.instrument)
      precondition(book.position(market, position.product) == nil, "a position is carried once")
      let margins = configuration.margins
      book.blockedByPositions += book.withPosition(market, position.product) {
        $0.carry(position.net, cost: position.openCost)
        return $0.updateMargin(margins, position.instrument)
      }
    }
    for holding in state.holdings {
      precondition(holding.units > 0, "a holding has units")
      book.enterHolding(enterMarket(holding.instrument), units: holding.units, cost: holding.cost)
    }
    accounts.append(book)
    orders.addAccount()
    trades.addAccount()
    return true
  }

  /// What the account owns now; `nil` for an unknown account.
  package func state(of account: AccountID) -> ExchangeAccountState? {
    guard let index = accountIndex[account] else { return nil }
    let book = accounts[Int(index)]
    return ExchangeAccountState(
      cash: book.cash,
      positions: book.positions.filter { $0.net != 0 }.map {
        ExchangeAccountState.Position(
          instrument: markets[Int($0.market)].instrument, product: $0.product, net: $0.net, openCost: $0.openCost)
      },
      holdings: book.holdings.map {
        ExchangeAccountState.Holding(
          instrument: markets[Int($0.market)].instrument, units: $0.units, cost: $0.cost)
      })
  }
}
