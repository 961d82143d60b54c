/// Settings of the planner; each alert may say otherwise where its format allows.
public struct PlannerSettings: Sendable {
  public var defaultAccount: AccountID
  /// How long after it was fired, or received, an alert may still be sent. 30 s, as promised to users.
  public var validityMilliseconds: Int64
  /// Freeze quantities are published for derivatives; a leg of one without any is cut to this many lots a slice.
  public var lotsPerSliceWithoutFreeze: Int64

  public init(defaultAccount: AccountID, validityMilliseconds: Int64 = 30_000, lotsPerSliceWithoutFreeze: Int64 = 20) {
    self.defaultAccount = defaultAccount
    self.validityMilliseconds = validityMilliseconds
    self.lotsPerSliceWithoutFreeze = lotsPerSliceWithoutFreeze
  }
}

/// Turns an alert into a plan, or into everything that is wrong with it. Pure: one symbol table, one moment, no I/O.
public struct Planner: Sendable {
  public var settings: PlannerSettings

  public init(settings: PlannerSettings) { self.settings = settings }

  /// - Parameters:
  ///   - resolver: the symbol table of an account's broker; `nil` for an account that does not exist.
  public func plan(
    _ alert: Alert, identity: AlertIdentity, receivedAt: Timestamp,
    resolver: (AccountID) -> (any InstrumentResolver)?
  ) -> Result<ExecutionPlan, RefusalList> {
    var refusals: [Refusal] = []
    let validity = alert.validForMilliseconds ?? settings.validityMilliseconds
    // A sender's clock that runs ahead must not buy its alert a longer life.
    let firedAt = min(alert.firedAt ?? receivedAt, receivedAt)
    let (nanoseconds, overflow) = validity.multipliedReportingOverflow(by: 1_000_000)
    let deadline = firedAt.adding(nanoseconds: overflow ? (validity < 0 ? .min : .max) : nanoseconds)
    if receivedAt > deadline {
      let age = receivedAt.nanoseconds(since: firedAt) / 1_000_000
      refusals.append(
        Refusal(
          code: "alert.stale", cause: "the alert was fired \(age) ms before it arrived; it is valid for \(validity) ms",
          fix: "nothing to do for one late delivery; if all are late, check the clock, or raise the validity"))
    }

    checkNumbers(alert.legs, &refusals)
    var drafts: [LegDraft] = []
    drafts.reserveCapacity(alert.legs.count)
    for leg in alert.legs {
      switch draft(leg, alert: alert, today: receivedAt.indianDate, resolver: resolver) {
      case .success(let draft): drafts.append(draft)
      case .failure(let list): refusals += list.refusals
      }
    }
    guard refusals.isEmpty else { return .failure(RefusalList(refusals)) }

    let style = alert.execution ?? recognisedStyle(drafts)
    if style == .bracket {
      if let refusal = assignBracketRoles(&drafts) { return .failure(RefusalList(refusal)) }
    }
    addProtection(&drafts, style: style, &refusals)
    guard refusals.isEmpty else { return .failure(RefusalList(refusals)) }
    let isGuarded = drafts.contains { $0.entryNumber != nil }
    let legs = finish(drafts, style: style, identity: identity)
    return legs.map {
      ExecutionPlan(
        alert: identity, strategy: alert.strategy, style: isGuarded ? .bracket : style,
        endPolicy: alert.endPolicy ?? .holdAndAlert, deadline: deadline, legs: $0)
    }
  }

  /// Every tag that a broker sees is made from a leg's number, so two legs with one number would be one order to it.
  private func checkNumbers(_ legs: [AlertLeg], _ refusals: inout [Refusal]) {
    if legs.isEmpty {
      refusals.append(
        Refusal(code: "plan.noLegs", cause: "the alert asks for no order", fix: "send at least one leg"))
    }
    var before = 0
    for leg in legs {
      if leg.number <= before || leg.number > CorrelationID.legLimit {
        refusals.append(
          Refusal(
            code: "plan.legNumbers",
            cause: "leg \(leg.number) follows leg \(before); numbers rise from 1 to at most \(CorrelationID.legLimit)",
            fix: "give every leg its own number in sort_order", leg: leg.number))
      }
      before = max(before, leg.number)
    }
  }

  // MARK: One leg

  private func draft(
    _ leg: AlertLeg, alert: Alert, today: CalendarDate, resolver: (AccountID) -> (any InstrumentResolver)?
  ) -> Result<LegDraft, RefusalList> {
    let account = leg.account ?? alert.account ?? settings.defaultAccount
    guard let table = resolver(account) else {
      return .failure(
        RefusalList(
          Refusal(
            code: "risk.unknownAccount", cause: "no account is named \(account)",
            fix: "use an account of the configuration, or leave the field out for the default account",
            leg: leg.number)))
    }
    var refusals: [Refusal] = []
    let product = Planner.product(leg, &refusals)
    switch table.resolve(leg.instrument, today: today) {
    case .failure(let failure):
      refusals.append(failure.refusal.onLeg(leg.number))
      Planner.checkNearest(leg, after: failure, table, today, &refusals)
      return .failure(RefusalList(refusals))
    case .success(let instrument):
      let quantity = Planner.quantity(leg, instrument, &refusals)
      let type = Planner.roundedType(leg, instrument, &refusals)
      if let product { Planner.checkProduct(product, instrument, leg.number, &refusals) }
      guard refusals.isEmpty, let product, let quantity, let type else { return .failure(RefusalList(refusals)) }
      return .success(
        LegDraft(
          number: leg.number, account: account, instrument: instrument, side: leg.side, pricing: .fixed(type),
          quantity: quantity, product: product, validity: leg.validity, isAfterMarket: leg.isAfterMarket,
          role: leg.role ?? .entry, isRoleGiven: leg.role != nil, rank: 0, entryNumber: nil,
          stopLossDistance: leg.stopLossDistance, targetDistance: leg.targetDistance))
    }
  }

  private static func product(_ leg: AlertLeg, _ refusals: inout [Refusal]) -> ProductType? {
    let asked: String
    switch leg.product {
    case .product(let product): return product
    case .bracketOrder: asked = "BO"
    case .coverOrder: asked = "CO"
    }
    refusals.append(
      Refusal(
        code: "plan.productNotOffered",
        cause: "product \(asked) is not sent: such orders carry no tag, so one could not be found after a lost answer",
        fix: "send productType INTRADAY with sl and tp: the engine places and guards both exits itself",
        leg: leg.number))
    return nil
  }

  private static func checkProduct(
    _ product: ProductType, _ instrument: Instrument, _ leg: Int, _ refusals: inout [Refusal]
  ) {
    let isShare = instrument.contract == .equity
    switch product {
    case .intraday: return
    case .delivery where isShare: return
    case .margin where !isShare: return
    case .delivery:
      refusals.append(
        Refusal(
          code: "plan.productDoesNotFit",
          cause: "delivery is for shares; \(instrument.tradingSymbol) is a derivative",
          fix: "use INTRADAY, or MARGIN to carry the position overnight", leg: leg))
    case .margin:
      refusals.append(
        Refusal(
          code: "plan.productDoesNotFit", cause: "margin is for derivatives; \(instrument.tradingSymbol) is a share",
          fix: "use INTRADAY, or CNC to take delivery", leg: leg))
    }
  }

  private static func quantity(_ leg: AlertLeg, _ instrument: Instrument, _ refusals: inout [Refusal]) -> Quantity? {
    let lot = instrument.lotSize
    switch leg.quantity {
    case .lots(let lots):
      if let quantity = lot.quantity(of: lots), quantity > .zero { return quantity }
      refusals.append(
        Refusal(
          code: "plan.quantityOutOfRange", cause: "\(lots.count) lots of \(lot.units) are not 1 to \(Quantity.limit)",
          fix: "send a number of lots that makes a possible quantity", leg: leg.number))
      return nil
    case .units(let quantity):
      if quantity > .zero, lot.divides(quantity) { return quantity }
      let below = lot.floor(quantity)
      let above = quantity > .zero ? lot.ceiling(quantity) : Quantity(lot.units)
      let nearest = [below > .zero ? below : nil, above].compactMap { $0?.description }
      refusals.append(
        Refusal(
          code: "plan.notALotMultiple",
          cause: "\(quantity) is not a positive multiple of the lot of \(instrument.tradingSymbol), \(lot.units)",
          fix: "send \(nearest.joined(separator: " or "))", leg: leg.number))
      return nil
    }
  }

  /// Prices land on ticks: a limit never worse than asked, a trigger never nearer to the market than asked.
  private static func roundedType(
    _ leg: AlertLeg, _ instrument: Instrument, _ refusals: inout [Refusal]
  ) -> OrderType? {
    let isBuy = leg.side == .buy
    let tick = instrument.tickSize
    let limit = leg.orderType.limitPrice.map { tick.round($0, isBuy ? .down : .up) }
    let trigger = leg.orderType.triggerPrice.map { tick.round($0, isBuy ? .up : .down) }
    let rounded: OrderType?
    switch leg.orderType {
    case .market: rounded = .market
    case .limit: rounded = limit.flatMap { $0 }.map(OrderType.limit)
    case .stopMarket: rounded = trigger.flatMap { $0 }.map(OrderType.stopMarket)
    case .stopLimit:
      if let limit = limit.flatMap({ $0 }), let trigger = trigger.flatMap({ $0 }) {
        // Rounding each its own way can cross them by less than a tick; the limit then joins the trigger. It is the one
        // case in which a limit ends worse than asked, by less than a tick, because a stop that cannot rest guards nothing.
        let joined = isBuy ? max(limit, trigger) : min(limit, trigger)
        let wasOrdered =
          isBuy
          ? (leg.orderType.limitPrice ?? .zero) >= (leg.orderType.triggerPrice ?? .zero)
          : (leg.orderType.limitPrice ?? .zero) <= (leg.orderType.triggerPrice ?? .zero)
        rounded = wasOrdered ? .stopLimit(trigger: trigger, limit: joined) : nil
      } else {
        rounded = nil
      }
    }
    if let rounded, (rounded.limitPrice ?? tick.price) > .zero, (rounded.triggerPrice ?? tick.price) > .zero {
      return rounded
    }
    refusals.append(
      Refusal(
        code: "plan.priceImpossible",
        cause: "a \(leg.orderType.code) order to \(leg.side.code) at "
          + [leg.orderType.triggerPrice.map { "trigger \($0)" }, leg.orderType.limitPrice.map { "limit \($0)" }]
          .compactMap { $0 }.joined(separator: ", ") + " cannot rest on ticks of \(tick.price)",
        fix: "prices are above zero; a buy stop has its limit at or above the trigger, a sell stop at or below",
        leg: leg.number))
    return nil
  }

  /// What else would be wrong with the nearest legal contract, so that the sender corrects everything in one go.
  private static func checkNearest(
    _ leg: AlertLeg, after failure: ResolutionFailure, _ table: any InstrumentResolver, _ today: CalendarDate,
    _ refusals: inout [Refusal]
  ) {
    guard case .noWeeklySeries(_, let monthly?) = failure,
      case .option(let underlying, let exchange, let strike, let type, _) = leg.instrument,
      case .success(let nearest) = table.resolve(
        .option(underlying: underlying, exchange: exchange, strike: strike, type: type, expiry: .date(monthly)),
        today: today)
    else { return }
    _ = quantity(leg, nearest, &refusals)
  }

  // MARK: Legs together

  private func recognisedStyle(_ drafts: [LegDraft]) -> ExecutionStyle {
    guard drafts.count >= 2, drafts.count <= 3, drafts.allSatisfy({ !$0.isRoleGiven }) else {
      return drafts.contains { $0.role == .stop || $0.role == .target } ? .bracket : .parallel
    }
    return drafts.dropFirst().allSatisfy { $0.isExit(of: drafts[0]) } && Planner.hasOneOfEach(drafts.dropFirst())
      ? .bracket : .parallel
  }

  /// At most one stop and at most one target: what an entry can be bracketed by.
  private static func hasOneOfEach(_ exits: ArraySlice<LegDraft>) -> Bool {
    let stops = exits.filter { $0.bracketRole == .stop }.count
    let targets = exits.filter { $0.bracketRole == .target }.count
    return stops <= 1 && targets <= 1 && stops + targets == exits.count
  }

  private func assignBracketRoles(_ drafts: inout [LegDraft]) -> Refusal? {
    let entry = drafts[0]
    guard entry.role == .entry, drafts.count <= 3, Planner.hasOneOfEach(drafts.dropFirst()),
      drafts.dropFirst().allSatisfy({ $0.isExit(of: entry) })
    else {
      return Refusal(
        code: "plan.notABracket",
        cause: "a bracket is one entry, then at most one stop and one target on the other side of the same instrument, "
          + "for no more than the entry's quantity",
        fix: "correct the legs, or send execution parallel when they are independent orders")
    }
    for index in drafts.indices.dropFirst() {
      drafts[index].role = drafts[index].bracketRole ?? .exit
      drafts[index].rank = 1
      drafts[index].entryNumber = entry.number
    }
    return crossedPrices(drafts)
  }

  /// A stop on the winning side fires at once, a target on the losing side fills at once: either closes the entry in the
  /// moment it opens.
  private func crossedPrices(_ drafts: [LegDraft]) -> Refusal? {
    let sign = drafts[0].side.sign
    // As the entry's side sees them: lower is losing, higher is winning.
    func level(_ role: LegRole) -> Int64? {
      guard let price = drafts.first(where: { $0.role == role })?.referencePrice else { return nil }
      return price.tenThousandths * sign
    }
    let entry = level(.entry) ?? level(.target) ?? level(.stop) ?? 0
    let stop = level(.stop) ?? .min
    let target = level(.target) ?? .max
    guard stop > entry || target < entry || stop >= target else { return nil }
    return Refusal(
      code: "plan.bracketCrossed",
      cause: "the stop must lie on the losing side of the entry and the target on the winning side",
      fix: "check the triggerPrice of the stop and the price of the target: they may be exchanged")
  }

  /// Adds the exits that entries ask for by distances, numbered after the alert's own legs.
  private func addProtection(_ drafts: inout [LegDraft], style: ExecutionStyle, _ refusals: inout [Refusal]) {
    var number = drafts.map(\.number).max() ?? 0
    for entry in drafts where entry.role == .entry {
      if let distance = entry.stopLossDistance {
        addExit(.stop, .stop(distance: distance), of: entry, style, &number, &drafts, &refusals)
      }
      if let distance = entry.targetDistance {
        addExit(.target, .target(distance: distance), of: entry, style, &number, &drafts, &refusals)
      }
    }
  }

  private func addExit(
    _ role: LegRole, _ pricing: LegPricing, of entry: LegDraft, _ style: ExecutionStyle, _ number: inout Int,
    _ drafts: inout [LegDraft], _ refusals: inout [Refusal]
  ) {
    if style == .sequential {
      refusals.append(
        Refusal(
          code: "plan.sequentialProtection", cause: "legs that go one after the other cannot also carry sl and tp",
          fix: "send execution parallel with sl and tp, or write the exits as legs", leg: entry.number))
      return
    }
    if drafts.contains(where: { $0.entryNumber == entry.number && $0.role == role }) {
      refusals.append(
        Refusal(
          code: "plan.exitTwice", cause: "the entry has a \(role.code) as a distance and another as a leg of its own",
          fix: "leave one of them out: both together would sell more than was bought", leg: entry.number))
      return
    }
    let exit = entry.exit(number: number + 1, role: role, pricing: pricing)
    let isPossible =
      switch pricing {
      case .stop(let distance), .target(let distance): distance > .zero
      case .fixed: true
      }
    let isPriced =
      entry.referencePrice.map {
        pricing.orderType(entryAverage: $0, exitSide: exit.side, tick: entry.instrument.tickSize) != nil
      } ?? true
    guard isPossible, isPriced else {
      refusals.append(
        Refusal(
          code: "plan.exitImpossible",
          cause: "the distance of the \(role.code) leads to no price above zero beside the entry",
          fix: "send a distance in rupees, smaller than the price; leave the field out for none", leg: entry.number))
      return
    }
    number += 1
    drafts.append(exit)
  }

  private func finish(
    _ drafts: [LegDraft], style: ExecutionStyle, identity: AlertIdentity
  ) -> Result<[Leg], RefusalList> {
    var legs: [Leg] = []
    legs.reserveCapacity(drafts.count)
    var refusals: [Refusal] = []
    for (index, draft) in drafts.enumerated() {
      guard let slices = slices(of: draft, identity: identity) else {
        refusals.append(
          Refusal(
            code: "plan.tooManySlices",
            cause: "\(draft.quantity) units of \(draft.instrument.tradingSymbol) need more than "
              + "\(CorrelationID.sliceLimit) orders, or the alert more than \(CorrelationID.legLimit) legs",
            fix: "lower the quantity, or split the alert", leg: draft.number))
        continue
      }
      legs.append(draft.leg(rank: style == .sequential ? index : draft.rank, slices: slices))
    }
    return refusals.isEmpty ? .success(legs) : .failure(RefusalList(refusals))
  }

  private func slices(of draft: LegDraft, identity: AlertIdentity) -> [Slice]? {
    let instrument = draft.instrument
    var freeze = instrument.freezeQuantity
    if freeze == nil, instrument.contract != .equity, let lots = Lots(settings.lotsPerSliceWithoutFreeze),
      let quantity = instrument.lotSize.quantity(of: lots)
    {
      freeze = FreezeQuantity(largestPublished: quantity, lot: instrument.lotSize)
    }
    guard let quantities = SlicePlan.quantities(of: draft.quantity, lot: instrument.lotSize, freeze: freeze) else {
      return nil
    }
    var slices: [Slice] = []
    slices.reserveCapacity(quantities.count)
    for (index, quantity) in quantities.enumerated() {
      guard let id = CorrelationID(alert: identity, leg: draft.number, slice: index + 1) else { return nil }
      slices.append(Slice(number: index + 1, quantity: quantity, correlationID: id))
    }
    return slices
  }
}
