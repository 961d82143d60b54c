/// From the noted fields to the alert.
extension AlertReader {
  mutating func alert(policy: UnknownFieldPolicy) throws(AlertError) -> Alert {
    let format = try format()
    let ignored = try settleUnknownFields(of: format, policy: policy)
    var alert =
      switch format {
      case .optionOrder: try optionOrder()
      case .multiLegOrder: try multiLegOrder()
      case .native: try native()
      }
    try readShared(into: &alert)
    alert.ignoredFields = ignored
    return alert
  }

  func value(_ field: AlertField) -> FieldValue { FieldValue(field: field, raw: fields[field, nil], leg: nil) }

  // MARK: Which format

  private func format() throws(AlertError) -> AlertFormat {
    let present = fields.present(at: nil)
    let hasMarker = present.contains(.format)
    let hasLegArray = present.contains(.orderLegs)
    let optionField = present.intersection(.optionOrderMarks).first
    let multiLegField: AlertField? = hasLegArray ? .orderLegs : present.contains(.alertType) ? .alertType : nil
    let foreign = hasMarker ? multiLegField ?? optionField : multiLegField == nil ? nil : optionField
    if let foreign {
      let own: AlertField = hasMarker ? .format : multiLegField ?? .format
      throw AlertError(
        "alert.mixedFormats", "The body holds \(own.name) and \(foreign.name), which belong to different formats.",
        fix: "Send the fields of one format; docs/alerts.md lists them.", offset: fields[foreign, nil].start)
    }
    if hasMarker {
      guard fields[.format, nil].kind == .string, scanner.text(fields[.format, nil].text) == AlertParser.nativeMarker
      else {
        throw badValue(value(.format), legal: "\"\(AlertParser.nativeMarker)\" alone")
      }
      return .native
    }
    if multiLegField != nil { return .multiLegOrder }
    if optionField != nil || present.contains(.expiry) { return .optionOrder }
    throw AlertError(
      "alert.unknownFormat", "The body is JSON, but none of the alert formats.",
      fix:
        "Send \"format\":\"\(AlertParser.nativeMarker)\" with legs, \"alertType\":\"multi_leg_order\" with order_legs,"
        + " or the option order's symbol, strikeprice, optionType, expiry, action and qty.",
      offset: 0)
  }

  // MARK: Unknown fields

  /// Drops what the format does not know, so that nothing later can read it; returns the names.
  private mutating func settleUnknownFields(
    of format: AlertFormat, policy: UnknownFieldPolicy
  ) throws(AlertError) -> [String] {
    let places = min(legCount, Alert.legLimit)
    let strangeTop = fields.present(at: nil).subtracting(format.topFields)
    let hasStrangeLeg = (0..<places).contains { !strangeFields(at: $0, format).isEmpty }
    if strangeTop.isEmpty, !hasStrangeLeg, unknownFields.isEmpty { return [] }

    var names: [String] = []
    let isRefused = policy == .refuse || policy == .byFormat && format == .native
    func note(_ name: String, leg: Int?, at offset: Int) throws(AlertError) {
      if isRefused { throw unknownField(name, leg: leg, at: offset, format: format) }
      if names.count < AlertReader.unknownFieldLimit, !names.contains(name) { names.append(name) }
    }
    for field in AlertField.allCases where strangeTop.contains(field) {
      try note(field.name, leg: nil, at: fields[field, nil].start)
      fields.remove(field, at: nil)
    }
    for place in 0..<places {
      let strange = strangeFields(at: place, format)
      if strange.isEmpty { continue }
      for field in AlertField.allCases where strange.contains(field) {
        try note(field.name, leg: place + 1, at: fields[field, place].start)
        fields.remove(field, at: place)
      }
    }
    for unknown in unknownFields {
      let raw = RawValue(.number, unknown.name.range, isEscaped: unknown.name.isEscaped)
      try note(shown(raw), leg: unknown.leg, at: unknown.name.start)
    }
    return names
  }

  private func strangeFields(at place: Int, _ format: AlertFormat) -> AlertFieldSet {
    fields.present(at: place).subtracting(format.legFields)
  }

  private func unknownField(_ name: String, leg: Int?, at offset: Int, format: AlertFormat) -> AlertError {
    let known = leg == nil ? format.topFields : format.legFields
    let names = AlertField.allCases.filter { known.contains($0) && $0 != .token }.map(\.name)
    return AlertError(
      "alert.unknownField", "\(name)\(leg.map { " of leg \($0)" } ?? "") is no field of this format.",
      fix: "Remove it, or correct its spelling; known are \(names.joined(separator: ", ")).", leg: leg, offset: offset)
  }

  // MARK: The three formats

  private func optionOrder() throws(AlertError) -> Alert {
    let source = LegSource(place: nil, heirOf: nil)
    try requireFields(missingFields(source, .optionOrder), leg: nil)
    return Alert(format: .optionOrder, legs: [try leg(source, .optionOrder)])
  }

  private func multiLegOrder() throws(AlertError) -> Alert {
    // May be left out: order_legs says it as well.
    _ = try choice(value(.alertType), legal: "multi_leg_order") { $0 == .multiLegOrder ? true : nil }
    try requireLegs(.orderLegs)
    let order = try legOrder()
    let first = order?[0] ?? 0
    var alert = Alert(format: .multiLegOrder, legs: [])
    alert.legs = try readLegs(.multiLegOrder) { number in
      LegSource(place: order?[number - 1] ?? number - 1, heirOf: number == 1 ? nil : first, number: number)
    }
    alert.execution = try execution(value(.execution))
    return alert
  }

  private func native() throws(AlertError) -> Alert {
    try requireLegs(.legs)
    var alert = Alert(format: .native, legs: [])
    alert.legs = try readLegs(.native) { LegSource(place: $0 - 1, heirOf: nil, number: $0) }
    alert.execution = try execution(value(.execution))
    alert.endPolicy = try endPolicy(value(.endPolicy))
    alert.validForMilliseconds = try count(
      value(.validForMilliseconds), limit: AlertParser.validityLimitMilliseconds)
    alert.valueLimit = try valueLimit()
    alert.quantityLimit = try quantity(value(.quantityLimit))
    alert.marketPosition = try marketPosition(value(.marketPosition))
    alert.positionSize = try positionSize()
    alert.strategyOrderID = try identifier(value(.orderID), limit: AlertParser.identifierLimit)
    alert.note = try text(value(.note), limit: AlertParser.noteLimit, allowsLineBreaks: true)
    return alert
  }

  private func readShared(into alert: inout Alert) throws(AlertError) {
    let present = fields.present(at: nil)
    if present.contains(.secret), present.contains(.token) {
      throw AlertError(
        "alert.secretTwice", "The body holds both secret and token.", fix: "Send one of the two.",
        offset: fields[.token, nil].start)
    }
    for field in [AlertField.secret, .token] where !fields[field, nil].isEmpty && fields[field, nil].kind != .string {
      throw badType(value(field), expected: "a string")
    }
    alert.secret = secret
    alert.alertID = try identifier(value(.alertID), limit: AlertParser.identifierLimit)
    alert.strategy = try text(value(.strategy), limit: AlertParser.identifierLimit)
    alert.account = try account(value(.account))
    alert.firedAt = try timestamp(value(.timenow))
  }

  // MARK: Legs

  private func requireLegs(_ field: AlertField) throws(AlertError) {
    if fields[field, nil].isEmpty { return try requireFields(AlertFieldSet(field), leg: nil) }
    guard fields[field, nil].kind == .array else { throw badType(value(field), expected: "an array of legs") }
    guard legCount > 0 else {
      throw AlertError(
        "alert.noLegs", "\(field.name) is empty.", fix: "Send at least one leg.", offset: fields[field, nil].start)
    }
    guard legCount <= Alert.legLimit else {
      throw AlertError(
        "alert.tooManyLegs", "The alert has \(legCount) legs; \(Alert.legLimit) are the most.",
        fix: "Send several alerts.", offset: fields[field, nil].start)
    }
    if let strayLeg {
      throw AlertError(
        "alert.badType", "Leg \(strayLeg.number) is \(strayLeg.value.kind?.words ?? "absent"), not an object.",
        fix: "Write each leg as an object in braces.", leg: strayLeg.number, offset: strayLeg.value.start)
    }
  }

  private func readLegs(
    _ vocabulary: LegVocabulary, source: (Int) -> LegSource
  ) throws(AlertError) -> [AlertLeg] {
    for number in 1...legCount where !missingFields(source(number), vocabulary).isEmpty {
      throw missing((1...legCount).map { (missingFields(source($0), vocabulary), $0) })
    }
    var result: [AlertLeg] = []
    result.reserveCapacity(legCount)
    for number in 1...legCount { result.append(try leg(source(number), vocabulary)) }
    return result
  }

  private func requireFields(_ fields: AlertFieldSet, leg: Int?) throws(AlertError) {
    if !fields.isEmpty { throw missing([(fields, leg)]) }
  }

  /// All that is missing, in one error.
  private func missing(_ entries: [(fields: AlertFieldSet, leg: Int?)]) -> AlertError {
    let legs = entries.filter { !$0.fields.isEmpty }
    let names = legs.flatMap { entry in
      AlertField.allCases.filter(entry.fields.contains).map { field in
        field.name + (entry.leg.map { " of leg \($0)" } ?? "")
      }
    }
    return AlertError(
      "alert.missingFields", "Missing: \(names.joined(separator: ", ")).",
      fix: "Add what is missing; nothing is guessed.", leg: legs.count == 1 ? legs[0].leg : nil)
  }

  /// The places of the legs in the array, in the order of `sort_order`; a leg without one counts as numbered by its
  /// place. `nil` when they stand in order already.
  private func legOrder() throws(AlertError) -> [Int]? {
    var previous: Int64 = -1
    var isOrdered = true
    for place in 0..<legCount {
      let key = try sortKey(place)
      if key <= previous { isOrdered = false }
      previous = key
    }
    if isOrdered { return nil }
    var keys: [Int64] = []
    for place in 0..<legCount {
      let key = try sortKey(place)
      if let other = keys.firstIndex(of: key) {
        throw AlertError(
          "alert.duplicateSortOrder", "Legs \(other + 1) and \(place + 1) both have sort_order \(key).",
          fix: "Number the legs 1, 2, 3; a leg without sort_order has its place in the array.", leg: place + 1,
          offset: fields[.sortOrder, place].start)
      }
      keys.append(key)
    }
    return keys.indices.sorted { keys[$0] < keys[$1] }
  }

  private func sortKey(_ place: Int) throws(AlertError) -> Int64 {
    let value = FieldValue(field: .sortOrder, raw: fields[.sortOrder, place], leg: place + 1)
    guard let decimal = try decimal(value) else { return Int64(place + 1) }
    guard decimal.scale == 0, decimal.significand >= 0 else {
      throw AlertError(
        "alert.badSortOrder", "\(name(value)) is \(shown(value)).", fix: "Number the legs 1, 2, 3.",
        leg: place + 1, offset: value.raw.start)
    }
    return decimal.significand
  }

  // MARK: Limits and the strategy's position

  private func valueLimit() throws(AlertError) -> Money? {
    let value = value(.valueLimit)
    guard let decimal = try decimal(value) else { return nil }
    guard decimal.significand > 0, let units = decimal.units(scale: 4) else {
      throw AlertError(
        "alert.badLimit", "\(name(value)) is \(shown(value)).", fix: "Send rupees above 0, not finer than ₹0.0001.",
        offset: value.raw.start)
    }
    return Money(tenThousandths: Int128(units))
  }

  /// TradingView prints a short position with a minus; ``Alert/marketPosition`` says the side.
  private func positionSize() throws(AlertError) -> Quantity? {
    let value = value(.positionSize)
    guard let decimal = try decimal(value) else { return nil }
    guard decimal.scale == 0, let size = Quantity(abs(decimal.significand)) else {
      throw AlertError(
        "alert.badPositionSize", "\(name(value)) is \(shown(value)).",
        fix: "Send whole units, at most \(Quantity.limit).", offset: value.raw.start)
    }
    return size
  }
}
