/// Limits in numbers, per engine or per strategy. `nil` is no limit.
public struct RiskLimits: Sendable {
  /// Most units of one leg.
  public var legQuantity: Quantity?
  /// Most rupees of one alert, entries only, at limit prices or the last traded ones.
  public var alertValue: Money?
  /// Most orders of one alert, slices and exits counted.
  public var alertOrderCount: Int?

  public init(legQuantity: Quantity?, alertValue: Money?, alertOrderCount: Int?) {
    self.legQuantity = legQuantity
    self.alertValue = alertValue
    self.alertOrderCount = alertOrderCount
  }

  /// What a newcomer starts with: enough for a retail basket, too little for a slipped digit to ruin anybody.
  public static let standard = RiskLimits(
    legQuantity: Quantity(100_000), alertValue: Money(rupees: 10_000_000), alertOrderCount: 100)
  public static let open = RiskLimits(legQuantity: nil, alertValue: nil, alertOrderCount: nil)
}

/// What the gate must know of an account at this moment.
public struct AccountStanding: Sendable {
  public let broker: Broker
  /// Real orders leave only when a person said so (`LIVE=true`); paper and loopback brokers are exempt.
  public let mayTrade: Bool

  public init(broker: Broker, mayTrade: Bool) {
    self.broker = broker
    self.mayTrade = mayTrade
  }
}

/// The one door to the brokers: a flat list of named checks over a whole plan. All are run, so that the sender learns
/// everything that is wrong at once.
public struct RiskGate: Sendable {
  public var limits: RiskLimits

  public init(limits: RiskLimits) { self.limits = limits }

  /// - Parameters:
  ///   - strategy: what holds for the alert's strategy besides; it can only tighten.
  ///   - alertLimits: the alert's own, which can only tighten.
  ///   - lastPrice: the last traded price where one is known; an unknown one refuses where a limit needs it.
  ///   - priceless: why an account's broker tells no price, where that is known: it takes the place of "unknown".
  public func approve(
    _ plan: ExecutionPlan, strategy: StrategyRules = .none, alertLimits: RiskLimits,
    standing: (AccountID) -> AccountStanding?, isFrozen: (AccountID, InstrumentKey) -> Bool,
    lastPrice: (Instrument) -> Price?, priceless: (AccountID) -> Refusal? = { _ in nil }
  ) -> Result<RiskApproved<ExecutionPlan>, RefusalList> {
    var refusals: [Refusal] = []
    for leg in plan.legs {
      checkAccount(leg, standing, &refusals)
      checkProduct(leg, strategy, &refusals)
      checkQuantity(leg, limits.legQuantity, "the engine's limit", &refusals)
      checkQuantity(leg, strategy.limits.legQuantity, "the strategy's limit", &refusals)
      checkQuantity(leg, alertLimits.legQuantity, "the alert's own limit", &refusals)
      checkPriceBand(leg, &refusals)
      checkFrozen(leg, isFrozen, &refusals)
    }
    checkOrderCount(plan, limits.alertOrderCount, "the engine's limit", &refusals)
    checkOrderCount(plan, strategy.limits.alertOrderCount, "the strategy's limit", &refusals)
    checkOrderCount(plan, alertLimits.alertOrderCount, "the alert's own limit", &refusals)
    if limits.alertValue != nil || strategy.limits.alertValue != nil || alertLimits.alertValue != nil {
      // Nobody asks for the price of what cannot be sent anyway: where it is unknown, there is no more to say.
      let entries = plan.legs.filter { leg in
        leg.role == .entry
          && (standing(leg.account)?.mayTrade == true || (leg.referencePrice ?? lastPrice(leg.instrument)) != nil)
      }
      checkValue(entries, limits.alertValue, "the engine's limit", lastPrice, priceless, &refusals)
      checkValue(entries, strategy.limits.alertValue, "the strategy's limit", lastPrice, priceless, &refusals)
      checkValue(entries, alertLimits.alertValue, "the alert's own limit", lastPrice, priceless, &refusals)
    }
    return refusals.isEmpty ? .success(RiskApproved(plan)) : .failure(RefusalList(refusals))
  }

  /// A plan that passed when its alert was accepted, read back from the journal after a restart: it is finished as it was
  /// promised, not judged anew.
  public func reinstate(_ journaled: ExecutionPlan) -> RiskApproved<ExecutionPlan> { RiskApproved(journaled) }

  private func checkAccount(_ leg: Leg, _ standing: (AccountID) -> AccountStanding?, _ refusals: inout [Refusal]) {
    guard let account = standing(leg.account) else {
      refusals.append(
        Refusal(
          code: "risk.unknownAccount", cause: "no account is named \(leg.account)",
          fix: "use an account of the configuration, or leave the field out for the default account",
          leg: leg.number))
      return
    }
    if !account.mayTrade {
      refusals.append(
        Refusal(
          code: "risk.liveTradingOff",
          cause: "account \(leg.account) is at a real broker (\(account.broker.code)) and LIVE is false",
          fix: "set LIVE=true when real orders are meant, or BROKER=paper to practise", leg: leg.number))
    }
  }

  private func checkProduct(_ leg: Leg, _ strategy: StrategyRules, _ refusals: inout [Refusal]) {
    // What an alert brings in it may also take out again.
    guard leg.role == .entry, let products = strategy.products, !products.contains(leg.product) else { return }
    refusals.append(
      Refusal(
        code: "risk.productNotAllowed",
        cause:
          "the strategy may not trade \(leg.product.code); it may \(products.map(\.code).sorted().joined(separator: ", "))",
        fix: "send an allowed product, or add this one to the strategy's PRODUCTS if it is meant", leg: leg.number))
  }

  private func checkQuantity(_ leg: Leg, _ limit: Quantity?, _ whose: String, _ refusals: inout [Refusal]) {
    guard let limit, leg.quantity > limit else { return }
    refusals.append(
      Refusal(
        code: "risk.quantityAboveLimit",
        cause: "\(leg.quantity) units of \(leg.instrument.tradingSymbol) are above \(whose) of \(limit)",
        fix: "lower the quantity, or raise the limit if it is meant", leg: leg.number))
  }

  private func checkPriceBand(_ leg: Leg, _ refusals: inout [Refusal]) {
    guard let band = leg.instrument.priceBand, case .fixed(let type) = leg.pricing else { return }
    for price in [type.limitPrice, type.triggerPrice] {
      guard let price, !band.contains(price) else { continue }
      refusals.append(
        Refusal(
          code: "risk.priceOutsideBand",
          cause: "\(price) is outside today's band of \(leg.instrument.tradingSymbol), "
            + "\(band.lowerBound) to \(band.upperBound)",
          fix: "use a price inside the band: the exchange refuses every other", leg: leg.number))
    }
  }

  private func checkFrozen(
    _ leg: Leg, _ isFrozen: (AccountID, InstrumentKey) -> Bool, _ refusals: inout [Refusal]
  ) {
    guard leg.role == .entry, isFrozen(leg.account, leg.instrument.key) else { return }
    refusals.append(
      Refusal(
        code: "risk.unknownOrderOpen",
        cause: "an earlier order for \(leg.instrument.tradingSymbol) on \(leg.account) has no proven outcome yet",
        fix: "wait until it is resolved, or resolve it by hand; entries on this instrument wait until then",
        leg: leg.number))
  }

  private func checkOrderCount(
    _ plan: ExecutionPlan, _ limit: Int?, _ whose: String, _ refusals: inout [Refusal]
  ) {
    guard let limit else { return }
    let count = plan.legs.reduce(0) { $0 + $1.slices.count }
    if count > limit {
      refusals.append(
        Refusal(
          code: "risk.ordersAboveLimit", cause: "the alert needs \(count) orders; \(whose) is \(limit)",
          fix: "lower the quantities, so that fewer slices are needed, or raise the limit if it is meant"))
    }
  }

  private func checkValue(
    _ entries: [Leg], _ limit: Money?, _ whose: String, _ lastPrice: (Instrument) -> Price?,
    _ priceless: (AccountID) -> Refusal?, _ refusals: inout [Refusal]
  ) {
    guard let limit else { return }
    var total = Money.zero
    for leg in entries {
      guard let price = leg.referencePrice ?? lastPrice(leg.instrument) else {
        if let reason = priceless(leg.account)?.onLeg(leg.number) {
          // The same for every limit.
          if !refusals.contains(reason) { refusals.append(reason) }
          continue
        }
        refusals.append(
          Refusal(
            code: "risk.valueUnknown",
            cause: "no last price of \(leg.instrument.tradingSymbol) is known, so \(whose) on value cannot be judged",
            fix: "send a limit order, wait for a quote, or switch the value limit off", leg: leg.number))
        continue
      }
      total += price * leg.quantity
    }
    if total > limit {
      refusals.append(
        Refusal(
          code: "risk.valueAboveLimit", cause: "the alert is worth ₹\(total), above \(whose) of ₹\(limit)",
          fix: "lower the quantity, or raise the limit if it is meant"))
    }
  }
}

/// One or more refusals of one alert.
public struct RefusalList: Error, Sendable {
  public let refusals: [Refusal]

  public init(_ refusals: [Refusal]) {
    precondition(!refusals.isEmpty, "an empty list refuses nothing")
    self.refusals = refusals
  }

  public init(_ refusal: Refusal) { refusals = [refusal] }
}

extension Leg {
  /// The price that the leg itself names, if any.
  public var referencePrice: Price? {
    guard case .fixed(let type) = pricing else { return nil }
    return type.limitPrice ?? type.triggerPrice
  }
}
