/// The refusals that a field's value can earn. Apart from the readers, so that the way of a good alert stays short.
extension AlertReader {
  func badType(_ value: FieldValue, expected: String) -> AlertError {
    AlertError(
      "alert.badType", "\(name(value)) is \(value.raw.kind?.words ?? "absent"), not \(expected).",
      fix: "Send \(expected).", leg: value.leg, offset: value.raw.start)
  }

  func badValue(_ value: FieldValue, legal: String) -> AlertError {
    if isUnfilled(value) { return unfilledTemplate(value) }
    return AlertError(
      "alert.badValue", "\(name(value)) is \(shown(value)).", fix: "Legal are \(legal).", leg: value.leg,
      offset: value.raw.start)
  }

  func badNumber(_ value: FieldValue) -> AlertError {
    if isUnfilled(value) { return unfilledTemplate(value) }
    return AlertError(
      "alert.badNumber", "\(name(value)) is \(shown(value)), which is no number that the engine can hold exactly.",
      fix: "Send digits such as 10 or 2450.05, without grouping, spaces or units, at most 18 of them.",
      leg: value.leg, offset: value.raw.start)
  }

  func outOfRange(_ value: FieldValue) -> AlertError {
    AlertError(
      JSONProblem.numberOutOfRange.rawValue,
      "\(name(value)) is \(shown(value)): \(JSONProblem.numberOutOfRange.cause).",
      fix: "Send a shorter number.", leg: value.leg, offset: value.raw.start)
  }

  func unfilledTemplate(_ value: FieldValue) -> AlertError {
    AlertError(
      "alert.unfilledTemplate", "\(name(value)) is \(shown(value)), which TradingView should have filled in.",
      fix: "Let the alert come from TradingView, or replace the {{…}} by a value when testing by hand. Strategy"
        + " placeholders are filled in alerts on strategies only.",
      leg: value.leg, offset: value.raw.start)
  }

  func isUnfilled(_ value: FieldValue) -> Bool {
    guard value.raw.kind == .string else { return false }
    let bytes = scanner.utf8(value.raw.text)
    return AlertReader.holdsTemplate(bytes.span)
  }

  static func holdsTemplate(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count > 1 else { return false }
    for index in 1..<bytes.count where bytes[index] == UInt8(ascii: "{") && bytes[index - 1] == UInt8(ascii: "{") {
      return true
    }
    return false
  }

  /// The field as error messages name it.
  func name(_ value: FieldValue) -> String {
    value.leg.map { "\(value.field.name) of leg \($0)" } ?? value.field.name
  }

  func shown(_ value: FieldValue) -> String { shown(value.raw) }

  /// The sender's own text, safe to print: at most 40 characters, the unprintable replaced.
  func shown(_ raw: RawValue) -> String {
    if raw.kind != .string, !raw.isEscaped, raw.end - raw.start <= 40, isPlain(raw) { return scanner.text(raw.text) }
    let text = JSONText(start: raw.start, end: min(raw.end, raw.start + 400), isEscaped: false)
    let whole = raw.isEscaped ? scanner.text(raw.text) : printable(text)
    let scalars = whole.unicodeScalars.prefix(40).map { scalar in
      scalar.properties.isDefaultIgnorableCodePoint || scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value)
        ? "?" : Character(scalar)
    }
    let shortened = String(scalars) + (whole.unicodeScalars.count > 40 ? "…" : "")
    return raw.kind == .string ? "\"\(shortened)\"" : shortened
  }

  /// Whether all of it is printable ASCII.
  private func isPlain(_ raw: RawValue) -> Bool {
    for index in raw.start..<raw.end where scanner.bytes[index] < 0x20 || scanner.bytes[index] >= 0x7F { return false }
    return true
  }

  /// The cut may have gone through a character.
  private func printable(_ text: JSONText) -> String {
    String(decoding: JSONScanner.decoded(text, in: scanner.bytes), as: UTF8.self)
  }
}
