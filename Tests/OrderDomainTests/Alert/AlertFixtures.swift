import OrderDomain
import Testing

/// The files of `Tests/Fixtures/Alerts`, found from this file's own place.
enum AlertFixtures {
  static func bytes(_ name: String) throws -> [UInt8] { try readFile(root + "/Tests/Fixtures/Alerts/" + name) }

  static func document() throws -> [UInt8] { try readFile(root + "/docs/alerts.md") }

  static func source(_ name: String) throws -> [UInt8] {
    try readFile(root + "/Sources/OrderEngine/Domain/Alert/" + name)
  }

  private static let root = "\(#filePath)".split(separator: "/", omittingEmptySubsequences: false).dropLast(4)
    .joined(separator: "/")
}

func parsed(_ text: String, policy: UnknownFieldPolicy = .byFormat) throws(AlertError) -> Alert {
  try parsed(Array(text.utf8), policy: policy)
}

func parsed(_ bytes: [UInt8], policy: UnknownFieldPolicy = .byFormat) throws(AlertError) -> Alert {
  try AlertParser.parse(body: bytes.span, policy: policy)
}

/// The error that a body earns; the test fails when it is taken.
func refusal(
  of text: String, policy: UnknownFieldPolicy = .byFormat, sourceLocation: SourceLocation = #_sourceLocation
) throws -> AlertError {
  try refusal(of: Array(text.utf8), policy: policy, sourceLocation: sourceLocation)
}

func refusal(
  of bytes: [UInt8], policy: UnknownFieldPolicy = .byFormat, sourceLocation: SourceLocation = #_sourceLocation
) throws -> AlertError {
  var found: AlertError?
  do throws(AlertError) { _ = try parsed(bytes, policy: policy) } catch { found = error }
  return try #require(found, "was taken: \(String(decoding: bytes, as: UTF8.self))", sourceLocation: sourceLocation)
}

extension AlertLeg {
  /// The symbol of a leg that names one.
  var symbol: String? {
    if case .symbol(let name, _, _) = instrument { name } else { nil }
  }
}

func rupees(_ text: String) -> Price {
  guard let price = Decimal(text).flatMap(Price.init(_:)) else { preconditionFailure("no price: \(text)") }
  return price
}

func requestedUnits(_ count: Int64) -> QuantityRequest {
  guard let quantity = Quantity(count) else { preconditionFailure("no quantity: \(count)") }
  return .units(quantity)
}
