import Actors
import OrderDomain

/// Carries an approved plan out: legs of one rank at once, a higher rank when the one before it has filled, exits sized by
/// what their entry filled. Every leg ends in orders whose states tell what became of it; nothing is thrown away.
struct MultiLegExecutor: Sendable {
  let router: @Sendable (AccountID) -> OrderRouter?
  /// Makes the terms of an exit durable; `false` when the journal is broken, and then nothing is sent.
  let recordIntent: @Sendable (IntendedOrder) async -> Bool
  let alarm: @Sendable (Refusal) -> Void
  /// A leg of which no order will ever be sent, and why.
  let legEnded: @Sendable (AlertIdentity, Leg, Refusal) -> Void
  /// An order of the alert has been answered by the broker, or will never be sent.
  let orderSent: @Sendable (AlertIdentity) -> Void
  let clock: @Sendable (Duration) async throws -> Void

  /// How long an entry of a bracket may stay partly filled before the rest is cancelled, so that exits can guard what
  /// has filled.
  static let partialFillGrace = Duration.seconds(2)

  func run(_ plan: RiskApproved<ExecutionPlan>) async {
    if let leg = plan.subject.onlyLeg, plan.subject.style == .parallel, !leg.isClosing {
      // Nothing to do it beside of, and nothing to do after it.
      guard let order = plan.order(leg: leg, slice: leg.slices[0]), let router = router(leg.account) else { return }
      await router.route(order, deadline: plan.subject.deadline)
      return orderSent(plan.subject.alert)
    }
    switch plan.subject.style {
    case .parallel:
      await runAtOnce(plan.subject.legs, plan)
      // Until a close has ended, what opens the same anew must wait.
      for leg in plan.subject.legs where leg.isClosing { _ = await entryFill(of: leg, plan, cancelsPartial: false) }
    case .sequential: await runInOrder(plan)
    case .bracket: await runBrackets(plan)
    }
  }

  // MARK: Styles

  private func runAtOnce(_ legs: [Leg], _ plan: RiskApproved<ExecutionPlan>) async {
    await withTaskGroup(of: Void.self) { group in
      for leg in legs {
        for slice in leg.slices {
          guard let order = plan.order(leg: leg, slice: slice), let router = router(leg.account) else { continue }
          group.addTask {
            await router.route(order, deadline: plan.subject.deadline)
            orderSent(plan.subject.alert)
          }
        }
      }
    }
  }

  private func runInOrder(_ plan: RiskApproved<ExecutionPlan>) async {
    let ranks = Set(plan.subject.legs.map(\.rank)).sorted()
    for (index, rank) in ranks.enumerated() {
      let legs = plan.subject.legs.filter { $0.rank == rank }
      await runAtOnce(legs, plan)
      guard index + 1 < ranks.count else { return }
      var haveAllFilled = true
      for leg in legs {
        let fill = await entryFill(of: leg, plan, cancelsPartial: false)
        haveAllFilled = haveAllFilled && fill?.quantity == leg.quantity
      }
      if !haveAllFilled {
        await end(
          plan.subject.legs.filter { $0.rank > rank }, plan,
          Refusal(
            code: "plan.earlierLegNotFilled", cause: "a leg that goes before this one ended without being filled",
            fix: "see that leg's refusal; send the rest again when it is still wanted"))
        return
      }
    }
  }

  private func runBrackets(_ plan: RiskApproved<ExecutionPlan>) async {
    let entries = plan.subject.legs.filter { $0.role == .entry }
    await withTaskGroup(of: Void.self) { group in
      for entry in entries {
        let exits = plan.subject.legs.filter { $0.role != .entry && $0.guards(entry) }
        group.addTask { await runBracket(entry, exits, plan) }
      }
    }
  }

  private func runBracket(_ entry: Leg, _ exits: [Leg], _ plan: RiskApproved<ExecutionPlan>) async {
    await runAtOnce([entry], plan)
    guard !exits.isEmpty else { return }
    guard let fill = await entryFill(of: entry, plan, cancelsPartial: true), fill.quantity > .zero else {
      await end(
        exits, plan,
        Refusal(
          code: "plan.entryNotFilled", cause: "the entry ended without a fill, so there is nothing to guard",
          fix: "see the entry's refusal"))
      return
    }
    await guardFill(fill, entry: entry, exits: exits, plan)
  }

  // MARK: Entries

  struct EntryFill: Sendable {
    var quantity: Quantity
    var average: Price
  }

  /// What a leg has filled once all its orders are final. An order that stays unknown keeps it waiting: nobody has proven
  /// what is held, and exits of a guess could open a position.
  private func entryFill(
    of leg: Leg, _ plan: RiskApproved<ExecutionPlan>, cancelsPartial: Bool
  ) async -> EntryFill? {
    guard let router = router(leg.account) else { return nil }
    let ids = leg.slices.map(\.correlationID)
    return await router.observing(ids) { changes in
      await withTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        var last: [CorrelationID: Order] = [:]
        var isGraceRunning = false
        for await order in changes {
          last[order.request.correlationID] = order
          if last.count == ids.count, last.values.allSatisfy(\.state.isFinal) { break }
          if cancelsPartial, !isGraceRunning, order.filledQuantity > .zero {
            isGraceRunning = true
            group.addTask {
              do { try await clock(MultiLegExecutor.partialFillGrace) } catch { return }
              await cancel(ids, at: router, orElse: MultiLegExecutor.entryNotCancelled(leg))
            }
          }
        }
        return MultiLegExecutor.fill(of: Array(last.values))
      }
    }
  }

  private static func fill(of orders: [Order]) -> EntryFill? {
    var quantity = Quantity.zero
    var value = Money.zero
    for order in orders {
      quantity = quantity.adding(order.filledQuantity) ?? quantity
      value += order.filledValue
    }
    return Price(averageOf: value, over: quantity).map { EntryFill(quantity: quantity, average: $0) }
  }

  // MARK: Exits

  private func guardFill(
    _ fill: EntryFill, entry: Leg, exits: [Leg], _ plan: RiskApproved<ExecutionPlan>
  ) async {
    guard let router = router(entry.account) else { return }
    let stop = exits.first { $0.role == .stop }
    let target = exits.first { $0.role != .stop }
    // Every id that either exit can ever have is watched from the start, so that no fill is missed between two placings.
    let ids = exits.flatMap { MultiLegExecutor.exitIDs($0, of: plan.subject.alert) }
    await router.observing(ids) { changes in
      await withTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        var bracket = BracketState(entryFilled: fill.quantity, hasStop: stop != nil, hasTarget: target != nil)
        var attempts: [BracketState.Exit: Int] = [:]
        var placed: [BracketState.Exit: [CorrelationID]] = [:]
        // What an earlier life has placed goes on.
        for (exit, leg) in [(BracketState.Exit.stop, stop), (.target, target)] {
          guard let leg, let last = await lastPlacing(of: leg, at: router, plan) else { continue }
          attempts[exit] = last.attempt
          placed[exit] = last.ids
          bracket.resume(exit, settled: last.settled)
        }
        bracket.exitsStand(await standings(placed, at: router))
        var resumed = placed
        var iterator = changes.makeAsyncIterator()
        var isTold = false
        while true {
          let actions = bracket.nextActions()
          for action in actions {
            switch action {
            case .place(let exit, let quantity):
              guard let leg = exit == .stop ? stop : target else { continue }
              let attempt = attempts[exit, default: -1] + 1
              attempts[exit] = attempt
              let orders = plan.exit(leg: leg, filled: quantity, entryAverage: fill.average, attempt: attempt)
              guard await makeDurable(orders, of: entry, isTold: &isTold, plan) else { return }
              placed[exit] = orders.map(\.subject.correlationID)
              await send(orders, at: router)
            case .cancel(let exit):
              resumed[exit] = nil
              // Beside the watch: while the broker refuses, the exit may fill or end all the same.
              let ids = placed[exit] ?? []
              let refusal = MultiLegExecutor.exitNotCancelled(entry)
              group.addTask { await cancel(ids, at: router, orElse: refusal) }
            case .tellMissing(let exit, let quantity):
              alarm(MultiLegExecutor.exitIncomplete(exit, quantity, entry))
            case .raiseAlarm(let unguarded):
              alarm(MultiLegExecutor.unguarded(unguarded, entry))
              return
            case .finish: return
            }
          }
          for exit in BracketState.Exit.allCases {
            guard let ids = resumed[exit] else { continue }
            group.addTask {
              await send(await router.orders(ids).compactMap { plan.exitAgain($0.request) }, at: router)
            }
          }
          resumed = [:]
          // What was just done may have ended an exit without any news of an order.
          if actions.isEmpty, await iterator.next() == nil { return }
          bracket.exitsStand(await standings(placed, at: router))
        }
      }
    }
  }

  /// Placings of one exit: each time the other has filled a part, it is placed anew for the rest.
  static let exitAttemptLimit = CorrelationID.attemptLimit

  /// Every id that an exit can ever have.
  static func exitIDs(_ exit: Leg, of alert: AlertIdentity) -> [CorrelationID] {
    exit.slices.flatMap { slice in
      (0...exitAttemptLimit).compactMap {
        CorrelationID(alert: alert, leg: exit.number, slice: slice.number, attempt: $0)
      }
    }
  }

  /// The placing of an exit that an earlier life made last, and what those before it have filled.
  private func lastPlacing(
    of exit: Leg, at router: OrderRouter, _ plan: RiskApproved<ExecutionPlan>
  ) async -> (attempt: Int, ids: [CorrelationID], settled: Quantity)? {
    let known = await router.orders(MultiLegExecutor.exitIDs(exit, of: plan.subject.alert))
    guard let last = known.map(\.request.correlationID.attempt).max() else { return nil }
    let settled = known.reduce(0) { $1.request.correlationID.attempt < last ? $0 + $1.filledQuantity.units : $0 }
    return (
      Int(last), known.map(\.request.correlationID).filter { $0.attempt == last }, Quantity(settled) ?? .zero
    )
  }

  private func standings(
    _ placed: [BracketState.Exit: [CorrelationID]], at router: OrderRouter
  ) async -> [BracketState.Exit: BracketState.Standing] {
    var standings: [BracketState.Exit: BracketState.Standing] = [:]
    for exit in BracketState.Exit.allCases {
      guard let ids = placed[exit] else { continue }
      standings[exit] = BracketState.Standing(await router.orders(ids))
    }
    return standings
  }

  /// Keeps at it for as long as the disk takes nothing, with a person told; `false` when the engine stops meanwhile.
  private func makeDurable(
    _ orders: [RiskApproved<OrderRequest>], of entry: Leg, isTold: inout Bool, _ plan: RiskApproved<ExecutionPlan>
  ) async -> Bool {
    for order in orders {
      let request = order.subject
      let intent = IntendedOrder(
        correlationID: request.correlationID, alert: plan.subject.alert, type: request.type,
        quantity: request.quantity)
      while await !recordIntent(intent) {
        if !isTold { alarm(MultiLegExecutor.unguarded(request.quantity, entry)) }
        isTold = true
        do { try await clock(MultiLegExecutor.journalPause) } catch { return false }
      }
    }
    return true
  }

  static let journalPause = Duration.seconds(1)

  private func send(_ orders: [RiskApproved<OrderRequest>], at router: OrderRouter) async {
    await withTaskGroup(of: Void.self) { group in
      for order in orders { group.addTask { await router.route(order, deadline: .distantFuture) } }
    }
  }

  // MARK: Cancels

  /// Cancels that are refused before a person is told.
  static let cancelAttemptLimit = 20

  /// Asks for the end of these orders until the broker has taken each cancel, or the order has ended by itself. Brokers
  /// refuse a cancel while the order is on its way to the exchange: then again a second later, and after
  /// ``cancelAttemptLimit`` times, with a person told, each half minute.
  private func cancel(_ ids: [CorrelationID], at router: OrderRouter, orElse refusal: Refusal) async {
    var open = ids
    var attempt = 0
    while true {
      var refused: [CorrelationID] = []
      for id in open where await router.order(id)?.state.isFinal == false {
        switch await router.cancel(id) {
        case .requested: break
        case .refused, .tokenRefused, .rateLimited, .unsent, .unknown: refused.append(id)
        }
      }
      if refused.isEmpty { return }
      open = refused
      attempt += 1
      if attempt == MultiLegExecutor.cancelAttemptLimit { alarm(refusal) }
      do {
        try await clock(attempt < MultiLegExecutor.cancelAttemptLimit ? .seconds(1) : .seconds(30))
      } catch {
        return
      }
    }
  }

  private func end(_ legs: [Leg], _ plan: RiskApproved<ExecutionPlan>, _ refusal: Refusal) async {
    for leg in legs {
      legEnded(plan.subject.alert, leg, refusal)
      // After a restart orders of a later leg are known before its turn.
      guard let router = router(leg.account) else { continue }
      for slice in leg.slices { await router.withdraw(slice.correlationID, refusal) }
    }
  }
}

extension MultiLegExecutor {
  static func unguarded(_ quantity: Quantity, _ entry: Leg) -> Refusal {
    Refusal(
      code: "bracket.unguarded",
      cause: "\(quantity) units of \(entry.instrument.tradingSymbol) on \(entry.account) have no working exit",
      fix: "look at the exits' refusals, and close or guard the position by hand")
  }

  fileprivate static func exitIncomplete(_ exit: BracketState.Exit, _ quantity: Quantity, _ entry: Leg) -> Refusal {
    Refusal(
      code: "bracket.exitIncomplete",
      cause:
        "\(quantity) units of \(entry.instrument.tradingSymbol) on \(entry.account) have no working \(exit): the broker "
        + "refused or ended that part of it",
      fix: "look at the refusals of the exit's orders, and guard that part by hand; the engine goes on with the rest")
  }

  fileprivate static func exitNotCancelled(_ entry: Leg) -> Refusal {
    Refusal(
      code: "bracket.exitNotCancelled",
      cause:
        "an exit of \(entry.instrument.tradingSymbol) on \(entry.account) asks for more than is left, and the broker "
        + "does not take its cancel",
      fix: "cancel it at the broker: if it fills, it opens a position; the engine goes on trying")
  }

  fileprivate static func entryNotCancelled(_ entry: Leg) -> Refusal {
    Refusal(
      code: "bracket.entryNotCancelled",
      cause:
        "the entry in \(entry.instrument.tradingSymbol) on \(entry.account) is partly filled and without exits, and "
        + "the broker does not take the cancel of its rest",
      fix: "cancel the rest at the broker; the exits are placed when it has ended")
  }
}

extension Leg {
  /// Whether this exit belongs to `entry`: same account and instrument, other side.
  func guards(_ entry: Leg) -> Bool {
    account == entry.account && instrument == entry.instrument && side == entry.side.opposite
  }
}

extension BracketState.Standing {
  /// Of the orders of one placing; none means that it came to nothing.
  fileprivate init(_ orders: [Order]) {
    var end: End?
    if orders.contains(where: \.wasWithdrawn) {
      end = .withdrawn
    } else if orders.contains(where: \.wasCancelled) {
      end = .cancelled
    } else {
      end = .ended
    }
    if !orders.allSatisfy(\.state.isFinal) { end = nil }
    let lost = orders.filter { $0.state.isFinal && !$0.wasWithdrawn && !$0.wasCancelled }
    self.init(
      ordered: Quantity(orders.reduce(0) { $0 + $1.request.quantity.units }) ?? .zero,
      filled: Quantity(orders.reduce(0) { $0 + $1.filledQuantity.units }) ?? .zero,
      lost: Quantity(lost.reduce(0) { $0 + $1.remainingQuantity.units }) ?? .zero, end: end)
  }
}

extension Order {
  /// Taken back by the engine before it left.
  fileprivate var wasWithdrawn: Bool { refusal?.code == OrderRouter.withdrawn.code }
  /// By the engine or a person, not by the broker of its own.
  fileprivate var wasCancelled: Bool { state == .cancelled && refusal == nil }
}
