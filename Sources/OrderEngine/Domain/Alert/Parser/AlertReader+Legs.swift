/// From the fields of a leg to the leg.
extension AlertReader {
  /// The fields of one leg, with the leg that it inherits from.
  struct LegSource {
    var raw: RawLeg
    /// The leg whose exchange, product, instrument and symbol count where this one says nothing.
    var heirOf: RawLeg?
    /// Counted from 1; `nil` for the option order, which has no leg array.
    var number: Int?

    func value(_ field: AlertField) -> FieldValue { FieldValue(field: field, raw: raw[field], leg: number) }

    func inheritedValue(_ field: AlertField) -> FieldValue {
      guard let heirOf, raw[field].isEmpty else { return value(field) }
      return FieldValue(field: field, raw: heirOf[field], leg: number)
    }
  }

  /// The required fields that a leg lacks.
  func missingFields(_ source: LegSource, _ vocabulary: LegVocabulary, isOrderTypeRequired: Bool) -> [AlertField] {
    var missing: [AlertField] = []
    func require(_ field: AlertField) { if source.inheritedValue(field).raw.isEmpty { missing.append(field) } }
    if let option = vocabulary.option, !option.isOptional || namesOption(source, option) {
      require(option.underlying)
      require(option.strike)
      require(option.type)
      require(.expiry)
    } else {
      require(.symbol)
    }
    require(vocabulary.side)
    if isOrderTypeRequired { require(vocabulary.orderType) }
    let hasLots = vocabulary.lots.map { !source.raw[$0].isEmpty } ?? false
    if !hasLots { require(vocabulary.quantity) }
    require(vocabulary.product)
    return missing
  }

  private func namesOption(_ source: LegSource, _ option: LegVocabulary.Option) -> Bool {
    [option.underlying, option.strike, option.type, .expiry].contains { !source.raw[$0].isEmpty }
  }

  /// A leg whose required fields are known to be there.
  func leg(_ source: LegSource, _ vocabulary: LegVocabulary) throws(AlertError) -> AlertLeg {
    guard
      let instrument = try instrument(source, vocabulary),
      let side = try side(source.value(vocabulary.side)),
      let quantity = try quantity(source, vocabulary),
      let product = try product(source.inheritedValue(vocabulary.product))
    else { preconditionFailure("missing fields are looked for first") }
    var leg = AlertLeg(
      number: source.number ?? 1, instrument: instrument, side: side, orderType: try orderType(source, vocabulary),
      quantity: quantity, product: product)
    leg.account = try account(source.value(.account))
    if let validity = try validity(source.value(.validity)) { leg.validity = validity }
    if let isAfterMarket = try boolean(source.value(.afterMarket)) { leg.isAfterMarket = isAfterMarket }
    if let field = vocabulary.stopLoss { leg.stopLossDistance = try price(source.value(field)) }
    if let field = vocabulary.target { leg.targetDistance = try price(source.value(field)) }
    leg.role = try role(source.value(.role))
    return leg
  }

  // MARK: Instrument

  private func instrument(
    _ source: LegSource, _ vocabulary: LegVocabulary
  ) throws(AlertError) -> InstrumentQuery? {
    let exchange = try exchange(source.inheritedValue(.exchange))
    if let option = vocabulary.option, !option.isOptional || namesOption(source, option) {
      if option.isOptional, !source.raw[.symbol].isEmpty {
        throw AlertError(
          "alert.symbolAndOption", "Leg \(source.number ?? 1) names a symbol and an option by its parts.",
          fix: "Send symbol alone, or underlying, strike, option_type and expiry without symbol.",
          leg: source.number, offset: source.raw[.symbol].start)
      }
      return try self.option(source, option, exchange: exchange?.exchange)
    }
    guard let symbol = try text(source.inheritedValue(.symbol), limit: AlertParser.symbolLimit) else { return nil }
    let hint = try hint(source.inheritedValue(.instrument))
    if let exchange, let hint, let isDerivative = exchange.isDerivative,
      isDerivative != (hint == .future || hint == .option)
    {
      let value = source.inheritedValue(.instrument)
      throw AlertError(
        "alert.contradiction",
        "\(name(value)) is \(shown(value)), exchange is \(shown(source.inheritedValue(.exchange))).",
        fix: "Send exchange NSE, BSE or MCX alone, or make the two agree.", leg: source.number,
        offset: value.raw.start)
    }
    return .symbol(
      symbol, exchange: exchange?.exchange, hint: hint ?? (exchange?.isDerivative == false ? .equity : nil))
  }

  private func option(
    _ source: LegSource, _ option: LegVocabulary.Option, exchange: Exchange?
  ) throws(AlertError) -> InstrumentQuery? {
    guard let underlying = try text(source.value(option.underlying), limit: AlertParser.symbolLimit),
      let type = try optionType(source.value(option.type)),
      let expiry = try expiry(source.value(.expiry))
    else { return nil }
    guard let strike = try price(source.value(option.strike)) else {
      let value = source.value(option.strike)
      throw AlertError(
        "alert.strikeNotPositive", "\(name(value)) is \(shown(value)).", fix: "Send the strike price in rupees.",
        leg: source.number, offset: value.raw.start)
    }
    return .option(underlying: underlying, exchange: exchange, strike: strike, type: type, expiry: expiry)
  }

  // MARK: Quantity and price

  private func quantity(_ source: LegSource, _ vocabulary: LegVocabulary) throws(AlertError) -> QuantityRequest? {
    let units = try quantity(source.value(vocabulary.quantity))
    guard let field = vocabulary.lots, !source.raw[field].isEmpty else { return units.map { .units($0) } }
    let value = source.value(field)
    if units != nil {
      throw AlertError(
        "alert.quantityAndLots", "Leg \(source.number ?? 1) says both quantity and lots.",
        fix: "Send quantity (units) or lots, not both.", leg: source.number, offset: value.raw.start)
    }
    guard let lots = try count(value, limit: Quantity.limit.units) else { return nil }
    return Lots(lots).map { .lots($0) }
  }

  /// The order type with exactly the prices that it needs. A price that it has no use for is refused, because one of
  /// the two is not what the sender means.
  private func orderType(_ source: LegSource, _ vocabulary: LegVocabulary) throws(AlertError) -> OrderType {
    let typeValue = source.value(vocabulary.orderType)
    let price = try price(source.value(.price))
    let trigger = try self.price(source.value(vocabulary.triggerPrice))
    let word = try orderTypeWord(typeValue) ?? .market
    let isStop = word == .stopLimit || word == .stopMarket
    let isLimited = word == .limit || word == .stopLimit

    if isStop, trigger == nil {
      throw AlertError(
        "alert.stopWithoutTrigger", "A stop order\(onLeg(source)) has no \(vocabulary.triggerPrice.name).",
        fix: "Send \(vocabulary.triggerPrice.name), the price at which the order becomes active.",
        leg: source.number, offset: typeValue.raw.start)
    }
    if isLimited, price == nil {
      throw AlertError(
        "alert.limitWithoutPrice", "A limit order\(onLeg(source)) has no price.",
        fix: "Send price, or the order type that needs none: \(isStop ? "SL-M" : "MARKET").", leg: source.number,
        offset: typeValue.raw.start)
    }
    if !isLimited, price != nil {
      throw AlertError(
        "alert.unexpectedPrice", "A \(isStop ? "stop-market" : "market") order\(onLeg(source)) carries a price.",
        fix: "Remove price (0 is no price), or send \(vocabulary.orderType.name) \(isStop ? "SL" : "LIMIT").",
        leg: source.number, offset: source.raw[.price].start)
    }
    if !isStop, trigger != nil {
      throw AlertError(
        "alert.unexpectedTrigger", "A \(word == .limit ? "limit" : "market") order\(onLeg(source)) carries a trigger.",
        fix: "Remove \(vocabulary.triggerPrice.name) (0 is none), or send \(vocabulary.orderType.name) SL or SL-M.",
        leg: source.number, offset: source.raw[vocabulary.triggerPrice].start)
    }
    if let price, let trigger { return .stopLimit(trigger: trigger, limit: price) }
    if let price { return .limit(price) }
    if let trigger { return .stopMarket(trigger: trigger) }
    return .market
  }

  private func onLeg(_ source: LegSource) -> String { source.number.map { " (leg \($0))" } ?? "" }
}
