import OrderDomain
import Testing

/// SplitMix64: a failing case is its seed.
private struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

private indirect enum Value: Equatable {
  case null
  case boolean(Bool)
  case number(Decimal)
  case string(String)
  case array([Value])
  case object([Member])

  struct Member: Equatable {
    var name: String
    var value: Value
  }
}

@Suite("Properties of the alert parser")
struct AlertPropertiesTests {
  // MARK: Values written and read

  @Test("A random value, however it is spelt, is read back as it was", arguments: UInt64(1)...120)
  func roundTrip(seed: UInt64) throws {
    var random = Seeded(state: seed)
    let value = AlertPropertiesTests.value(depth: 4, &random)
    let bytes = Array(AlertPropertiesTests.written(value, &random).utf8)
    #expect(scanned(bytes) == nil)
    var scanner = JSONScanner(bytes.span)
    #expect(try AlertPropertiesTests.read(&scanner) == value)
    try scanner.finish()
  }

  @Test("A cut text is never a whole one", arguments: UInt64(1)...30)
  func cuts(seed: UInt64) {
    var random = Seeded(state: seed)
    let value = Value.object([.init(name: "k", value: AlertPropertiesTests.value(depth: 2, &random))])
    let bytes = Array(AlertPropertiesTests.written(value, &random).utf8)
    let whole = bytes.lastIndex(of: UInt8(ascii: "}")) ?? 0
    for count in 0...whole { #expect(scanned(Array(bytes[0..<count])) != nil) }
  }

  private static func value(depth: Int, _ random: inout Seeded) -> Value {
    switch Int.random(in: 0..<(depth > 0 ? 7 : 4), using: &random) {
    case 0: return .null
    case 1: return .boolean(.random(using: &random))
    case 2: return .number(number(&random))
    case 3: return .string(string(&random))
    case 4: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1, &random) })
    default:
      var members: [Value.Member] = []
      for _ in 0..<Int.random(in: 0...20, using: &random) {
        let name = string(&random)
        // Names are equal when their code points are, not when they look alike: é has two spellings.
        if members.contains(where: { Array($0.name.utf8) == Array(name.utf8) }) { continue }
        members.append(.init(name: name, value: value(depth: depth - 3, &random)))
      }
      return .object(members)
    }
  }

  private static func number(_ random: inout Seeded) -> Decimal {
    let digits = Int.random(in: 1...17, using: &random)
    var bound: Int64 = 1
    for _ in 0..<digits { bound *= 10 }
    let significand = Int64.random(in: -bound...bound, using: &random)
    let scale = significand % 10 == 0 ? 0 : UInt8.random(in: 0...18, using: &random)
    return Decimal(significand: significand, scale: scale)
  }

  private static func string(_ random: inout Seeded) -> String {
    let ranges: [ClosedRange<UInt32>] = [
      0x20...0x7E, 0x20...0x7E, 0x00...0x1F, 0x7F...0x7FF, 0x800...0xD7FF, 0xE000...0xFFFF, 0x10000...0x10FFFF,
    ]
    var scalars = String.UnicodeScalarView()
    for _ in 0..<Int.random(in: 0...12, using: &random) {
      let range = ranges[Int.random(in: 0..<ranges.count, using: &random)]
      if let scalar = Unicode.Scalar(UInt32.random(in: range, using: &random)) { scalars.append(scalar) }
    }
    return String(scalars)
  }

  private static func space(_ random: inout Seeded) -> String {
    (0..<max(0, Int.random(in: -3...2, using: &random))).map { _ in
      [" ", "\n", "\r", "\t"][Int.random(in: 0..<4, using: &random)]
    }.joined()
  }

  private static func written(_ value: Value, _ random: inout Seeded) -> String {
    let text: String
    switch value {
    case .null: text = "null"
    case .boolean(let isTrue): text = isTrue ? "true" : "false"
    case .number(let decimal): text = written(decimal, &random)
    case .string(let string): text = written(string, &random)
    case .array(let values):
      text = "[" + values.map { written($0, &random) }.joined(separator: ",") + space(&random) + "]"
    case .object(let members):
      let fields = members.map {
        space(&random) + written($0.name, &random) + space(&random) + ":" + written($0.value, &random)
      }
      text = "{" + fields.joined(separator: ",") + space(&random) + "}"
    }
    return space(&random) + text + space(&random)
  }

  private static func written(_ decimal: Decimal, _ random: inout Seeded) -> String {
    if Bool.random(using: &random) { return "\(decimal.significand)e-\(decimal.scale)" }
    let sign = decimal.significand < 0 ? "-" : ""
    let digits = String(decimal.significand.magnitude)
    if decimal.scale == 0 { return sign + digits + ["", ".0", "E0", "e+00"][Int.random(in: 0..<4, using: &random)] }
    let padded = String(repeating: "0", count: max(0, Int(decimal.scale) + 1 - digits.count)) + digits
    return sign + padded.dropLast(Int(decimal.scale)) + "." + padded.suffix(Int(decimal.scale))
  }

  private static func written(_ string: String, _ random: inout Seeded) -> String {
    var text = "\""
    for scalar in string.unicodeScalars {
      let mustEscape = scalar.value < 0x20 || scalar == "\"" || scalar == "\\"
      if mustEscape || Int.random(in: 0..<6, using: &random) == 0 {
        for unit in String(scalar).utf16 { text += "\\u" + hexadecimal(unit, isUpper: .random(using: &random)) }
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }

  private static func hexadecimal(_ unit: UInt16, isUpper: Bool) -> String {
    let digits = String(unit, radix: 16, uppercase: isUpper)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }

  private static func read(_ scanner: inout JSONScanner) throws -> Value {
    switch try scanner.peek() {
    case .null:
      try scanner.null()
      return .null
    case .boolean: return .boolean(try scanner.boolean())
    case .number:
      let range = try scanner.number()
      return .number(try scanner.decimal(range))
    case .string:
      let text = try scanner.string()
      return .string(scanner.text(text))
    case .array:
      var values: [Value] = []
      try scanner.beginArray()
      while try scanner.nextElement() { values.append(try read(&scanner)) }
      return .array(values)
    case .object:
      var members: [Value.Member] = []
      try scanner.beginObject()
      while let key = try scanner.nextKey() {
        let name = scanner.text(key)
        members.append(.init(name: name, value: try read(&scanner)))
      }
      return .object(members)
    }
  }

  // MARK: Mutations

  @Test("No mutation of a good alert traps, and what is taken stays within every limit", arguments: UInt64(1)...20)
  func mutations(seed: UInt64) throws {
    var random = Seeded(state: seed)
    let samples = [
      Array(NativeAlertTests.full.utf8), try AlertFixtures.bytes("dhan-bracket.json"),
      try AlertFixtures.bytes("fyers-bot-option.json"), try AlertFixtures.bytes("one-leg-with-meta.json"),
    ]
    for _ in 0..<250 {
      var bytes = samples[Int.random(in: 0..<samples.count, using: &random)]
      for _ in 0..<Int.random(in: 1...4, using: &random) { AlertPropertiesTests.mutate(&bytes, &random) }
      do throws(AlertError) {
        let alert = try parsed(bytes)
        #expect((1...Alert.legLimit).contains(alert.legs.count))
        #expect(alert.legs.map(\.number) == Array(1...alert.legs.count))
        #expect(scanned(bytes) == nil)
      } catch {
        #expect(error.code.hasPrefix("json.") || error.code.hasPrefix("alert."))
        if error.code != "json.duplicateKey" { #expect((error.kind == .notJSON) == (scanned(bytes) != nil)) }
      }
    }
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout Seeded) {
    guard !bytes.isEmpty else { return bytes.append(UInt8.random(in: 0...255, using: &random)) }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    let structural = Array("{}[]\",:\\ue0-.x".utf8)
    switch Int.random(in: 0..<6, using: &random) {
    case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 1: bytes.remove(at: place)
    case 2: bytes.insert(structural[Int.random(in: 0..<structural.count, using: &random)], at: place)
    case 3: bytes[place] = structural[Int.random(in: 0..<structural.count, using: &random)]
    case 4: bytes.removeLast(min(bytes.count, Int.random(in: 1...9, using: &random)))
    default:
      let end = min(bytes.count, place + Int.random(in: 1...20, using: &random))
      bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
    }
  }

  // MARK: One alert, many spellings

  @Test("White space, field order and escapes do not change an alert", arguments: UInt64(1)...30)
  func spellings(seed: UInt64) throws {
    var random = Seeded(state: seed)
    for text in [
      NativeAlertTests.full, String(decoding: try AlertFixtures.bytes("dhan-bracket.json"), as: UTF8.self),
      String(decoding: try AlertFixtures.bytes("fyers-bot-option.json"), as: UTF8.self),
    ] {
      let bytes = Array(text.utf8)
      var scanner = JSONScanner(bytes.span)
      var value = try AlertPropertiesTests.read(&scanner)
      AlertPropertiesTests.shuffle(&value, &random)
      let (one, other) = (try parsed(text), try parsed(AlertPropertiesTests.written(value, &random)))
      #expect(one.legs == other.legs)
      #expect(one.format == other.format && one.alertID == other.alertID && one.strategy == other.strategy)
      #expect(one.firedAt == other.firedAt && one.valueLimit == other.valueLimit && one.note == other.note)
      #expect(one.positionSize == other.positionSize && one.execution == other.execution)
      let secret = try #require(one.secret)
      #expect(other.secret?.matches(secret) == true)
    }
  }

  private static func shuffle(_ value: inout Value, _ random: inout Seeded) {
    switch value {
    case .object(var members):
      members.shuffle(using: &random)
      for index in members.indices { shuffle(&members[index].value, &random) }
      value = .object(members)
    case .array(var values):
      for index in values.indices { shuffle(&values[index], &random) }
      value = .array(values)
    case .null, .boolean, .number, .string: break
    }
  }
}
