/// A field with its value and the leg that it stands in, as the readers below and their errors need it.
struct FieldValue {
  let field: AlertField
  let raw: RawValue
  /// The leg's number, counted from 1; `nil` at the top.
  let leg: Int?
}

/// What single fields say. Each returns `nil` for a field that is absent, `null` or empty.
extension AlertReader {
  // MARK: Text

  /// - Parameter limit: the most bytes of UTF-8.
  func text(_ value: FieldValue, limit: Int, allowsLineBreaks: Bool = false) throws(AlertError) -> String? {
    if value.raw.isEmpty { return nil }
    guard value.raw.kind == .string else { throw badType(value, expected: "a string") }
    try requirePlain(value, allowsLineBreaks: allowsLineBreaks)
    let text = scanner.text(value.raw.text)
    guard text.utf8.count <= limit else {
      throw AlertError(
        "alert.textTooLong", "\(name(value)) has \(text.utf8.count) bytes; \(limit) are the most.",
        fix: "Send a shorter \(value.field.name).", leg: value.leg, offset: value.raw.start)
    }
    return text
  }

  /// An id, which programs send as a number too.
  func identifier(_ value: FieldValue, limit: Int) throws(AlertError) -> String? {
    guard value.raw.kind == .number else { return try text(value, limit: limit) }
    let digits = JSONText(start: value.raw.start, end: value.raw.end, isEscaped: false)
    return scanner.text(digits)
  }

  private func requirePlain(_ value: FieldValue, allowsLineBreaks: Bool) throws(AlertError) {
    if value.raw.isEscaped {
      let decoded = scanner.utf8(value.raw.text)
      try requirePlain(value, decoded.span, allowsLineBreaks: allowsLineBreaks)
    } else {
      try requirePlain(value, scanner.bytes.extracting(value.raw.start..<value.raw.end), allowsLineBreaks: false)
    }
  }

  private func requirePlain(
    _ value: FieldValue, _ bytes: Span<UInt8>, allowsLineBreaks: Bool
  ) throws(AlertError) {
    var previous: UInt8 = 0
    for index in 0..<bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "{"), previous == byte { throw unfilledTemplate(value) }
      previous = byte
      if byte >= 0x20, byte != 0x7F { continue }
      if allowsLineBreaks, byte == 0x0A || byte == 0x0D || byte == 0x09 { continue }
      throw AlertError(
        "alert.badText", "\(name(value)) holds a control character.",
        fix: "Remove the control character from \(value.field.name).", leg: value.leg, offset: value.raw.start)
    }
  }

  // MARK: Words

  /// One of a field's legal words.
  func choice<Choice>(
    _ value: FieldValue, legal: StaticString, _ meaning: (AlertWord) -> Choice?
  ) throws(AlertError) -> Choice? {
    if value.raw.isEmpty { return nil }
    guard value.raw.kind == .string else { throw badType(value, expected: "a string") }
    if let name = packed(value.raw.text, foldingCase: true), let word = AlertWord(name), let choice = meaning(word) {
      return choice
    }
    throw badValue(value, legal: legal.description)
  }

  func boolean(_ value: FieldValue) throws(AlertError) -> Bool? {
    if value.raw.kind == .boolean { return scanner.bytes[value.raw.start] == UInt8(ascii: "t") }
    return try choice(value, legal: "true or false") { word in
      word == .yes ? true : word == .no ? false : nil
    }
  }

  // MARK: Numbers

  /// A number, or a string that holds one and nothing else.
  func decimal(_ value: FieldValue) throws(AlertError) -> Decimal? {
    if value.raw.isEmpty { return nil }
    let range = value.raw.start..<value.raw.end
    switch value.raw.kind {
    case .number:
      do {
        return try scanner.decimal(range)
      } catch {
        throw outOfRange(value)
      }
    case .string:
      if value.raw.isEscaped {
        let decoded = scanner.utf8(value.raw.text)
        if let decimal = Decimal(jsonNumber: decoded.span, allowsLeadingZeros: true) { return decimal }
      } else if let decimal = Decimal(jsonNumber: scanner.bytes.extracting(range), allowsLeadingZeros: true) {
        return decimal
      }
      throw badNumber(value)
    case .object, .array, .boolean, .null, nil:
      throw badType(value, expected: "a number, or a string that holds one")
    }
  }

  /// Rupees per unit, exact. Zero is "no price", as Dhan's templates write it.
  func price(_ value: FieldValue) throws(AlertError) -> Price? {
    guard let decimal = try decimal(value), decimal.significand != 0 else { return nil }
    if let price = Price(decimal) { return price }
    if decimal.significand < 0 {
      throw AlertError(
        "alert.priceNegative", "\(name(value)) is \(shown(value)).", fix: "Send a price above 0.", leg: value.leg,
        offset: value.raw.start)
    }
    if decimal.scale > 4 {
      throw AlertError(
        "alert.priceTooFine", "\(name(value)) is \(shown(value)), finer than ₹0.0001.",
        fix: "Round it to the instrument's tick, in Pine for example by math.round_to_mintick().", leg: value.leg,
        offset: value.raw.start)
    }
    throw AlertError(
      "alert.priceTooLarge", "\(name(value)) is \(shown(value)), above ₹\(Price.limit).",
      fix: "Send rupees per unit.", leg: value.leg, offset: value.raw.start)
  }

  /// A whole number from 1 to `limit`.
  func count(_ value: FieldValue, limit: Int64) throws(AlertError) -> Int64? {
    guard let decimal = try decimal(value) else { return nil }
    if decimal.significand <= 0 {
      throw AlertError(
        "alert.quantityNotPositive", "\(name(value)) is \(shown(value)).",
        fix: "Send a whole number of at least 1; the side says whether it is bought or sold.", leg: value.leg,
        offset: value.raw.start)
    }
    if decimal.scale > 0 {
      throw AlertError(
        "alert.quantityFractional", "\(name(value)) is \(shown(value)), not a whole number.",
        fix: "Send whole units; in the strategy's properties, set the order size to a fixed quantity.",
        leg: value.leg, offset: value.raw.start)
    }
    guard decimal.significand <= limit else {
      throw AlertError(
        "alert.quantityTooLarge", "\(name(value)) is \(shown(value)); \(limit) is the most.",
        fix: "Send a smaller number.", leg: value.leg, offset: value.raw.start)
    }
    return decimal.significand
  }

  func quantity(_ value: FieldValue) throws(AlertError) -> Quantity? {
    guard let units = try count(value, limit: Quantity.limit.units) else { return nil }
    return Quantity(units)
  }

  // MARK: Times

  func timestamp(_ value: FieldValue) throws(AlertError) -> Timestamp? {
    if value.raw.isEmpty { return nil }
    guard value.raw.kind == .string else { throw badType(value, expected: "a time such as 2026-11-24T03:45:00Z") }
    // A time needs no escapes; one that is escaped all the same is decoded first.
    if !value.raw.isEscaped {
      let bytes = scanner.bytes.extracting(value.raw.start..<value.raw.end)
      if let timestamp = Timestamp(rfc3339: bytes) { return timestamp }
    } else {
      let bytes = scanner.utf8(value.raw.text)
      if let timestamp = Timestamp(rfc3339: bytes.span) { return timestamp }
    }
    throw isUnfilled(value)
      ? unfilledTemplate(value)
      : AlertError(
        "alert.badTime", "\(name(value)) is \(shown(value)).",
        fix: "Send {{timenow}}, which becomes a time such as 2026-11-24T03:45:00Z.", leg: value.leg,
        offset: value.raw.start)
  }

  func expiry(_ value: FieldValue) throws(AlertError) -> ExpirySelector? {
    if value.raw.isEmpty { return nil }
    guard value.raw.kind == .string else { throw badType(value, expected: "WEEKLY, MONTHLY or a date") }
    if let name = packed(value.raw.text, foldingCase: true), let word = AlertWord(name) {
      if word == .weekly { return .weekly }
      if word == .monthly { return .monthly }
    }
    let bytes = scanner.utf8(value.raw.text)
    if let date = CalendarDate(iso: bytes.span) ?? CalendarDate(dayMonthYear: bytes.span) { return .date(date) }
    throw badValue(value, legal: "WEEKLY, MONTHLY, or a date such as 2026-11-24 or 24-NOV-2026")
  }
}

extension CalendarDate {
  /// Reads `24-NOV-2026`, the month in letters of any case.
  init?(dayMonthYear text: Span<UInt8>) {
    guard text.count == 11, text[2] == UInt8(ascii: "-"), text[6] == UInt8(ascii: "-") else { return nil }
    var numbers = (day: 0, year: 0)
    for index in [0, 1, 7, 8, 9, 10] {
      guard text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") else { return nil }
      let digit = Int(text[index] - UInt8(ascii: "0"))
      if index < 2 { numbers.day = numbers.day * 10 + digit } else { numbers.year = numbers.year * 10 + digit }
    }
    let months = Array("JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC".utf8)
    let month = (0..<12).first { month in
      (0..<3).allSatisfy { months[month * 3 + $0] == text[3 + $0] & 0xDF }
    }
    guard let month else { return nil }
    self.init(year: numbers.year, month: month + 1, day: numbers.day)
  }
}
