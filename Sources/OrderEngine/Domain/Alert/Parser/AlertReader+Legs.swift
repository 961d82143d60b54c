/// From the fields of a leg to the leg.
extension AlertReader {
  /// Which leg is meant, and which one it inherits from.
  struct LegSource {
    /// Its place in ``legs``; `nil` for the option order, whose leg is the top itself.
    var place: Int?
    /// The place of the leg whose exchange, product, instrument and symbol count where this one says nothing.
    var heirOf: Int?
    /// Counted from 1; `nil` for the option order.
    var number: Int? = nil
  }

  private func value(_ field: AlertField, of source: LegSource) -> FieldValue {
    FieldValue(field: field, raw: fields[field, source.place], leg: source.number)
  }

  private func inheritedValue(_ field: AlertField, of source: LegSource) -> FieldValue {
    let own = value(field, of: source)
    guard own.raw.isEmpty, let heirOf = source.heirOf else { return own }
    return FieldValue(field: field, raw: fields[field, heirOf], leg: source.number)
  }

  /// The required fields that a leg lacks.
  func missingFields(_ source: LegSource, _ vocabulary: LegVocabulary) -> AlertFieldSet {
    let filled = fields.filled(at: source.place)
    var present = filled
    if let heirOf = source.heirOf { present = present | fields.filled(at: heirOf).intersection(.inherited) }
    var required = vocabulary.required
    if let option = vocabulary.option, namesOption(filled, option) {
      required = required | option.fields
    } else {
      required.insert(.symbol)
    }
    let hasLots = vocabulary.lots.map(filled.contains) ?? false
    if !hasLots { required.insert(vocabulary.quantity) }
    return required.subtracting(present)
  }

  private func namesOption(_ filled: AlertFieldSet, _ option: LegVocabulary.Option) -> Bool {
    !option.isOptional || !filled.intersection(option.fields).isEmpty
  }

  /// A leg whose required fields are known to be there.
  func leg(_ source: LegSource, _ vocabulary: LegVocabulary) throws(AlertError) -> AlertLeg {
    guard
      let instrument = try instrument(source, vocabulary),
      let side = try side(value(vocabulary.side, of: source)),
      let quantity = try quantity(source, vocabulary),
      let product = try product(inheritedValue(vocabulary.product, of: source))
    else { preconditionFailure("missing fields are looked for first") }
    var leg = AlertLeg(
      number: source.number ?? 1, instrument: instrument, side: side, orderType: try orderType(source, vocabulary),
      quantity: quantity, product: product)
    leg.account = try account(value(.account, of: source))
    if let validity = try validity(value(.validity, of: source)) { leg.validity = validity }
    if let isAfterMarket = try boolean(value(.afterMarket, of: source)) { leg.isAfterMarket = isAfterMarket }
    if let field = vocabulary.stopLoss { leg.stopLossDistance = try price(value(field, of: source)) }
    if let field = vocabulary.target { leg.targetDistance = try price(value(field, of: source)) }
    leg.role = try role(value(.role, of: source))
    return leg
  }

  // MARK: Instrument

  private func instrument(
    _ source: LegSource, _ vocabulary: LegVocabulary
  ) throws(AlertError) -> InstrumentQuery? {
    let exchange = try exchange(inheritedValue(.exchange, of: source))
    if let option = vocabulary.option, namesOption(fields.filled(at: source.place), option) {
      if option.isOptional, !value(.symbol, of: source).raw.isEmpty {
        throw AlertError(
          "alert.symbolAndOption", "Leg \(source.number ?? 1) names a symbol and an option by its parts.",
          fix: "Send symbol alone, or underlying, strike, option_type and expiry without symbol.",
          leg: source.number, offset: value(.symbol, of: source).raw.start)
      }
      return try self.option(source, option, exchange: exchange?.exchange)
    }
    guard let symbol = try text(inheritedValue(.symbol, of: source), limit: AlertParser.symbolLimit) else { return nil }
    let hint = try hint(inheritedValue(.instrument, of: source))
    if let exchange, let hint, let isDerivative = exchange.isDerivative,
      isDerivative != (hint == .future || hint == .option)
    {
      let value = inheritedValue(.instrument, of: source)
      throw AlertError(
        "alert.contradiction",
        "\(name(value)) is \(shown(value)), exchange is \(shown(inheritedValue(.exchange, of: source))).",
        fix: "Send exchange NSE, BSE or MCX alone, or make the two agree.", leg: source.number,
        offset: value.raw.start)
    }
    return .symbol(
      symbol, exchange: exchange?.exchange, hint: hint ?? (exchange?.isDerivative == false ? .equity : nil))
  }

  private func option(
    _ source: LegSource, _ option: LegVocabulary.Option, exchange: Exchange?
  ) throws(AlertError) -> InstrumentQuery? {
    guard let underlying = try text(value(option.underlying, of: source), limit: AlertParser.symbolLimit),
      let type = try optionType(value(option.type, of: source)),
      let expiry = try expiry(value(.expiry, of: source))
    else { return nil }
    guard let strike = try price(value(option.strike, of: source)) else {
      let value = value(option.strike, of: source)
      throw AlertError(
        "alert.strikeNotPositive", "\(name(value)) is \(shown(value)).", fix: "Send the strike price in rupees.",
        leg: source.number, offset: value.raw.start)
    }
    return .option(underlying: underlying, exchange: exchange, strike: strike, type: type, expiry: expiry)
  }

  // MARK: Quantity and price

  private func quantity(_ source: LegSource, _ vocabulary: LegVocabulary) throws(AlertError) -> QuantityRequest? {
    let units = try quantity(value(vocabulary.quantity, of: source))
    guard let field = vocabulary.lots, !value(field, of: source).raw.isEmpty else { return units.map { .units($0) } }
    let value = value(field, of: source)
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
    let typeValue = value(vocabulary.orderType, of: source)
    let price = try price(value(.price, of: source))
    let trigger = try self.price(value(vocabulary.triggerPrice, of: source))
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
        leg: source.number, offset: value(.price, of: source).raw.start)
    }
    if !isStop, trigger != nil {
      throw AlertError(
        "alert.unexpectedTrigger", "A \(word == .limit ? "limit" : "market") order\(onLeg(source)) carries a trigger.",
        fix: "Remove \(vocabulary.triggerPrice.name) (0 is none), or send \(vocabulary.orderType.name) SL or SL-M.",
        leg: source.number, offset: value(vocabulary.triggerPrice, of: source).raw.start)
    }
    if let price, let trigger { return .stopLimit(trigger: trigger, limit: price) }
    if let price { return .limit(price) }
    if let trigger { return .stopMarket(trigger: trigger) }
    return .market
  }

  private func onLeg(_ source: LegSource) -> String { source.number.map { " (leg \($0))" } ?? "" }
}
