package import OrderDomain

/// What the gateways of all real brokers share: a transport, how long a call may take, and the clock that dates what is
/// learned. It sends each call once.
package struct BrokerLine: Sendable {
  package let transport: any BrokerTransport
  package let deadlines: BrokerDeadlines
  package let wallClock: any WallClock
  /// Pushed news of orders, where somebody listens for it.
  package let updates: (any OrderUpdateFeed)?
  /// Where long lists are read, beside the engine's thread.
  package let readers: any TaskExecutor

  package init(
    transport: any BrokerTransport, deadlines: BrokerDeadlines = BrokerDeadlines(), wallClock: any WallClock,
    updates: (any OrderUpdateFeed)? = nil, readers: any TaskExecutor = globalConcurrentExecutor
  ) {
    self.transport = transport
    self.deadlines = deadlines
    self.wallClock = wallClock
    self.updates = updates
    self.readers = readers
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

  /// Long lists are read beside the engine's thread: a row takes some 7 µs, and a thread switch each way 25.
  package func read<Value: Sendable>(
    token: Secret?, _ call: (Secret) throws(Refusal) -> BrokerCall,
    _ value: @escaping @Sendable (BrokerAnswer, Timestamp) throws(BrokerReadFailure) -> Value
  ) async throws(BrokerReadFailure) -> Value {
    switch await exchange(token: token, call) {
    case .answered(let answer, let time):
      if answer.body.count <= BrokerLine.inlineLimit { return try value(answer, time) }
      // Under a task's executor preference even a @concurrent function would stay, so the preference is changed.
      let result = await withTaskExecutorPreference(readers) {
        await BrokerLine.elsewhere(answer, time, value)
      }
      return try result.get()
    case .tokenMissing(let refusal): throw .tokenRefused(refusal)
    case .impossible(let refusal): throw .refused(refusal)
    case .notSent(let refusal), .lost(let refusal): throw .unreachable(refusal)
    }
  }

  /// Some 40 rows of an order book.
  package static let inlineLimit = 32 * 1024

  @concurrent
  private static func elsewhere<Value: Sendable>(
    _ answer: BrokerAnswer, _ time: Timestamp,
    _ value: @Sendable (BrokerAnswer, Timestamp) throws(BrokerReadFailure) -> Value
  ) async -> Result<Value, BrokerReadFailure> {
    do throws(BrokerReadFailure) {
      return .success(try value(answer, time))
    } catch {
      return .failure(error)
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
