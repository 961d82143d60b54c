/// The first half of parsing: one pass over the body that checks all of it as JSON and notes where the known fields
/// stand. Their meaning is looked at afterwards, so that the order of the fields says nothing, and the secret is known
/// before anything is judged.
struct AlertReader: ~Escapable {
  /// A name that none of the formats has, or not here.
  struct UnknownField: Sendable {
    var name: JSONText
    /// The place of its leg in the array, counted from 1; `nil` at the top.
    var leg: Int?
  }

  var scanner: JSONScanner
  var top = RawTop()
  /// In array order, at most ``Alert/legLimit`` of ``legCount``.
  var legs: [RawLeg] = []
  var legCount = 0
  /// The place, counted from 1, and the kind of the first leg that is no object.
  var strayLeg: (number: Int, value: RawValue)?
  /// The first ones; ``unknownFieldLimit`` of them are enough to say.
  var unknownFields: [UnknownField] = []

  static let unknownFieldLimit = 8

  @_lifetime(copy body)
  init(_ body: Span<UInt8>) { scanner = JSONScanner(body) }

  /// Returns what kind of value the body is; only an object's fields are noted.
  mutating func read() throws(JSONError) -> JSONKind {
    let kind = try scanner.peek()
    guard kind == .object else {
      try scanner.skipValue()
      try scanner.finish()
      return kind
    }
    try scanner.beginObject()
    while let key = try scanner.nextUncheckedKey() {
      guard let field = field(named: key) else {
        try passOver(key, leg: nil)
        continue
      }
      if top.has(field) { throw JSONError(.duplicateKey, at: key.start - 1) }
      if field == .orderLegs || field == .legs, legs.isEmpty, legCount == 0, try scanner.peek() == .array {
        let start = scanner.position
        // Noted before it is read: what is wrong inside must not hide that the field was there.
        top.set(field, RawValue(.array, start..<start))
        try readLegs()
      } else {
        top.set(field, try readValue())
      }
    }
    try scanner.finish()
    return .object
  }

  private mutating func readLegs() throws(JSONError) {
    try scanner.beginArray()
    while try scanner.nextElement() {
      legCount += 1
      if try scanner.peek() == .object, legCount <= Alert.legLimit {
        legs.append(try readLeg())
      } else {
        let value = try readValue()
        if value.kind != .object, strayLeg == nil { strayLeg = (legCount, value) }
        if legCount <= Alert.legLimit { legs.append(RawLeg()) }
      }
    }
  }

  private mutating func readLeg() throws(JSONError) -> RawLeg {
    var leg = RawLeg()
    try scanner.beginObject()
    while let key = try scanner.nextUncheckedKey() {
      guard let field = field(named: key), field.rawValue < AlertField.legFieldLimit else {
        try passOver(key, leg: legCount)
        continue
      }
      if leg.has(field) { throw JSONError(.duplicateKey, at: key.start - 1) }
      leg.set(field, try readValue())
    }
    return leg
  }

  private mutating func passOver(_ key: JSONText, leg: Int?) throws(JSONError) {
    try scanner.requireUnique(key)
    if unknownFields.count < AlertReader.unknownFieldLimit {
      unknownFields.append(UnknownField(name: key, leg: leg))
    }
    try scanner.skipValue()
  }

  private mutating func readValue() throws(JSONError) -> RawValue {
    let kind = try scanner.peek()
    if kind == .string {
      let text = try scanner.string()
      return RawValue(.string, text.range, isEscaped: text.isEscaped)
    }
    let start = scanner.position
    try scanner.skipValue()
    return RawValue(kind, start..<scanner.position)
  }

  private func field(named key: JSONText) -> AlertField? {
    guard let name = packed(key, foldingCase: false) else { return nil }
    return AlertField(name)
  }

  func packed(_ text: JSONText, foldingCase: Bool) -> PackedName? {
    if text.isEscaped {
      let decoded = scanner.utf8(text)
      return PackedName(decoded.span, foldingCase: foldingCase)
    }
    return PackedName(scanner.bytes.extracting(text.range), foldingCase: foldingCase)
  }

  /// The secret as far as the body has been read: `secret`, or the option order's `token`.
  var secret: Secret? {
    for field in [AlertField.secret, .token] where top[field].kind == .string {
      return Secret(scanner.utf8(top[field].text))
    }
    return nil
  }
}
