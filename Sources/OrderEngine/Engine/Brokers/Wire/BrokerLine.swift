package import OrderDomain

/// What the gateways of all real brokers share: a transport, how long a call may take, and the clock that dates what is
/// learned. It sends each call once.
package struct BrokerLine: Sendable {
  package let transport: any BrokerTransport
  package let deadlines: BrokerDeadlines
  package let wallClock: any WallClock
  /// Pushed news of orders, where somebody listens for it.
  package let updates: (any OrderUpdateFeed)?

  package init(
    transport: any BrokerTransport, deadlines: BrokerDeadlines = BrokerDeadlines(), wallClock: any WallClock,
    updates: (any OrderUpdateFeed)? = nil
  ) {
    self.transport = transport
    self.deadlines = deadlines
    self.wallClock = wallClock
    self.updates = updates
  }

  /// How a call went, before anybody reads the answer.
  enum Exchange: Sendable {
    case answered(BrokerAnswer, at: Timestamp)
    case tokenMissing(Refusal)
    /// It cannot be said in the broker's protocol.
    case impossible(Refusal)
    case notSent(Refusal)
    /// Bytes may have left, and no whole answer came.
    case lost(Refusal)
  }

  func exchange(token: Secret?, _ call: (Secret) throws(Refusal) -> BrokerCall) async -> Exchange {
    guard let token else { return .tokenMissing(BrokerFault.tokenMissing.refusal()) }
    let request: BrokerCall
    do throws(Refusal) {
      request = try call(token)
    } catch {
      return .impossible(error)
    }
    switch await transport.send(request, deadline: deadlines[request.endpoint]) {
    case .answer(let answer): return .answered(answer, at: wallClock.now())
    case .notSent(let cause): return .notSent(BrokerFault.notSent.refusal(cause))
    case .perhapsSent(let cause): return .lost(BrokerFault.noAnswer.refusal(cause))
    }
  }

  func place(
    token: Secret?, _ call: (Secret) throws(Refusal) -> BrokerCall,
    _ outcome: (BrokerAnswer, Timestamp) -> PlacementOutcome
  ) async -> PlacementOutcome {
    let exchange = await exchange(token: token, call)
    if case .answered(let answer, let time) = exchange { return outcome(answer, time) }
    return exchange.placement
  }

  func change(
    token: Secret?, _ call: (Secret) throws(Refusal) -> BrokerCall,
    _ outcome: (BrokerAnswer, Timestamp) -> CancelOutcome
  ) async -> CancelOutcome {
    let exchange = await exchange(token: token, call)
    if case .answered(let answer, let time) = exchange { return outcome(answer, time) }
    return exchange.change
  }

  func read<Value>(
    token: Secret?, _ call: (Secret) throws(Refusal) -> BrokerCall,
    _ value: (BrokerAnswer, Timestamp) throws(BrokerReadFailure) -> Value
  ) async throws(BrokerReadFailure) -> Value {
    switch await exchange(token: token, call) {
    case .answered(let answer, let time): return try value(answer, time)
    case .tokenMissing(let refusal): throw .tokenRefused(refusal)
    case .impossible(let refusal): throw .refused(refusal)
    case .notSent(let refusal), .lost(let refusal): throw .unreachable(refusal)
    }
  }
}

extension BrokerLine.Exchange {
  /// What it means for an order that no answer was read for.
  var placement: PlacementOutcome {
    switch self {
    case .answered: .unknown(BrokerFault.strangeAnswer.refusal())
    case .tokenMissing(let refusal): .tokenRefused(refusal)
    case .impossible(let refusal): .denied(refusal)
    case .notSent(let refusal): .notSent(refusal)
    case .lost(let refusal): .unknown(refusal)
    }
  }

  /// What it means for a change that no answer was read for.
  var change: CancelOutcome {
    switch self {
    case .answered: .unknown(BrokerFault.strangeAnswer.refusal())
    case .tokenMissing(let refusal): .tokenRefused(refusal)
    case .impossible(let refusal): .refused(refusal)
    case .notSent(let refusal): .unsent(refusal)
    case .lost(let refusal): .unknown(refusal)
    }
  }
}
