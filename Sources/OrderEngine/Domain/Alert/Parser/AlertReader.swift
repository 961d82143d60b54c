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
  var fields = RawFields()
  /// How many legs the array has; the first ``Alert/legLimit`` of them are noted.
  var legCount = 0
  /// The place, counted from 1, and the kind of the first leg that is no object.
  var strayLeg: (number: Int, value: RawValue)?
  /// The first ones; ``unknownFieldLimit`` of them are enough to say.
  var unknownFields: [UnknownField] = []
  private var hasLegs = false

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
    let base = RawFields.base(nil)
    var present = AlertFieldSet()
    var filled = AlertFieldSet()
    while let key = try scanner.nextKey() {
      guard let field = field(named: key) else {
        try passOver(key, leg: nil)
        continue
      }
      guard present.insert(field) else { throw JSONError(.duplicateKey, at: key.start - 1) }
      if field == .orderLegs || field == .legs, !hasLegs, try scanner.peek() == .array {
        let start = scanner.position
        hasLegs = true
        try readLegs()
        fields.set(field, RawValue(.array, start..<scanner.position), base: base)
        filled.insert(field)
      } else {
        let value = try readValue()
        fields.set(field, value, base: base)
        if !value.isEmpty { filled.insert(field) }
      }
    }
    fields.mark(present: present, filled: filled, at: nil)
    try scanner.finish()
    return .object
  }

  private mutating func readLegs() throws(JSONError) {
    try scanner.beginArray()
    while try scanner.nextElement() {
      legCount += 1
      if legCount <= Alert.legLimit { fields.addLeg() }
      if try scanner.peek() == .object, legCount <= Alert.legLimit {
        try readLeg(at: legCount - 1)
      } else {
        let value = try readValue()
        if value.kind != .object, strayLeg == nil { strayLeg = (legCount, value) }
      }
    }
  }

  private mutating func readLeg(at place: Int) throws(JSONError) {
    try scanner.beginObject()
    let base = RawFields.base(place)
    var present = AlertFieldSet()
    var filled = AlertFieldSet()
    while let key = try scanner.nextKey() {
      guard let field = field(named: key), field.rawValue < AlertField.legFieldLimit else {
        try passOver(key, leg: place + 1)
        continue
      }
      guard present.insert(field) else { throw JSONError(.duplicateKey, at: key.start - 1) }
      let value = try readValue()
      fields.set(field, value, base: base)
      if !value.isEmpty { filled.insert(field) }
    }
    fields.mark(present: present, filled: filled, at: place)
  }

  private mutating func passOver(_ key: JSONText, leg: Int?) throws(JSONError) {
    if unknownFields.count < AlertReader.unknownFieldLimit {
      unknownFields.append(UnknownField(name: key, leg: leg))
    }
    try scanner.skipValue()
  }

  private mutating func readValue() throws(JSONError) -> RawValue {
    let kind = try scanner.peek()
    if kind == .string {
      let text = try scanner.stringHere()
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

  @inline(__always)
  func packed(_ text: JSONText, foldingCase: Bool) -> PackedName? {
    // Two words at once where the body goes on behind the name.
    let count = text.end &- text.start
    guard count <= 16, !text.isEscaped, text.start &+ 16 <= scanner.bytes.count else {
      return slowlyPacked(text, foldingCase: foldingCase)
    }
    return PackedName(
      low: scanner.word(at: text.start), high: scanner.word(at: text.start &+ 8), count: count,
      foldingCase: foldingCase)
  }

  @inline(never)
  private func slowlyPacked(_ text: JSONText, foldingCase: Bool) -> PackedName? {
    if text.end - text.start > 6 * 16 { return nil }
    if text.isEscaped {
      let decoded = scanner.utf8(text)
      return PackedName(decoded.span, foldingCase: foldingCase)
    }
    return PackedName(scanner.bytes.extracting(text.range), foldingCase: foldingCase)
  }

  /// The secret as far as the body has been read: `secret`, or the option order's `token`.
  var secret: Secret? {
    let own = fields[.secret, nil]
    let raw = own.kind == .string ? own : fields[.token, nil]
    return raw.kind == .string ? Secret(scanner.utf8(raw.text)) : nil
  }
}
