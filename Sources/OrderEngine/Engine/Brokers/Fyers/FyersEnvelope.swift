internal import OrderDomain

/// What an object of Fyers says about how a call ended: `{"s":"ok","code":1101,"message":"…","id":"…"}`.
struct FyersEnvelope {
  private(set) var standing: String?
  private(set) var code: Int64?
  private(set) var words: String?
  private(set) var orderID: String?
  private var seen: [String] = []

  init() {}

  /// The body as one object; throws when it is not whole, not an object, or says one thing twice.
  init(_ body: [UInt8]) throws(JSONError) {
    var reader = WireReader(body.span)
    try self.init(&reader)
    try reader.scanner.finish()
  }

  /// Past one object.
  init(_ reader: inout WireReader) throws(JSONError) {
    try reader.scanner.beginObject()
    while let key = try reader.nextKey() {
      if try !take(key, &reader) { try reader.scanner.skipValue() }
    }
  }

  /// Reads the field if it is one of the envelope's.
  mutating func take(_ key: String, _ reader: inout WireReader) throws(JSONError) -> Bool {
    switch key {
    case "s", "code", "message", "id":
      // Which of two is meant nobody can say.
      if seen.contains(key) { throw JSONError(.duplicateKey, at: reader.scanner.position) }
      seen.append(key)
    default: return false
    }
    switch key {
    case "s": standing = try reader.text()
    case "code": code = try reader.integer()
    case "message": words = try reader.meaningfulText()
    default: orderID = try reader.meaningfulText()
    }
    return true
  }

  var isOK: Bool { standing == "ok" }
  /// `s` says so, or a number that cannot be a success does.
  var isFailure: Bool { standing == "error" || code.map { $0 < 0 } ?? false }
}
