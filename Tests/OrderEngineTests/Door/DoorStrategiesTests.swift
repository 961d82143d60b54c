import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

@Suite("Strategies with secrets of their own, at the door")
struct DoorStrategiesTests {
  private static let now = Sample.opening
  private static let end = now.adding(nanoseconds: 60_000_000_000)

  private static var table: StrategyTable {
    var first = StrategyConfiguration(name: "first")
    first.secret = RotatingSecret(current: Secret("of-first"))
    var second = StrategyConfiguration(name: "second")
    second.secret = RotatingSecret(current: Secret("of-second-old"), next: Secret("of-second-new"), until: end)
    return StrategyTable(
      general: RotatingSecret(current: Secret("general")),
      strategies: [first, second, StrategyConfiguration(name: "plain")])
  }

  /// A delivery of an alert that names what is given, at the door alone.
  private func enter(
    header: String? = nil, address: String? = nil, body secret: String? = nil, naming strategy: String? = nil,
    at now: Timestamp = now, knowing table: StrategyTable = table
  ) -> String {
    var door = WebhookDoor(WebhookDoorSettings(), rateLimit: nil)
    let secretField = secret.map { "\"secret\":\"\($0)\"," } ?? ""
    let strategyField = strategy.map { "\"strategy\":\"\($0)\"," } ?? ""
    let body = """
      {"format":"order-engine/1",\(secretField)\(strategyField)"legs":[{"symbol":"NSE:SBIN","side":"buy","quantity":1,\
      "product":"intraday"}]}
      """
    let delivery = AlertDelivery(
      body: Array(body.utf8), idempotencyKey: nil, headerSecret: header.map { Secret($0) }, strategy: address,
      sender: SenderAddress(high: 0, low: 0xFFFF_0000_0001), requestID: 1, waitMilliseconds: 0)
    var parsed: Result<Alert, AlertError>?
    switch door.admit(delivery, knowing: table, at: now, uptime: Uptime(nanoseconds: 0), parsed: &parsed) {
    case .success(let bearer): return bearer.strategy ?? "general"
    case .failure(let turned): return turned.refusal.code
    }
  }

  @Test func `a secret in the header opens the strategy that the body names, and no other`() {
    #expect(enter(header: "of-first", naming: "first") == "first")
    #expect(enter(header: "of-first", naming: "second") == "auth.wrongSecret")
    #expect(enter(header: "of-first", naming: "plain") == "auth.wrongSecret")
    #expect(enter(header: "of-first", naming: "unheard-of") == "auth.wrongSecret")
    #expect(enter(header: "of-second-new", naming: "first") == "auth.wrongSecret")
    // It says by itself which strategy it is.
    #expect(enter(header: "of-first") == "first")
  }

  @Test func `the header's secret goes before the body's, and the address's strategy before the body's`() {
    #expect(enter(header: "of-second-new", body: "of-first", naming: "first") == "auth.wrongSecret")
    #expect(enter(header: "of-first", body: "nonsense", naming: "first") == "first")
    #expect(enter(header: "of-first", address: "first", naming: "second") == "first")
    #expect(enter(address: "second", body: "of-first", naming: "first") == "auth.wrongSecret")
    #expect(enter(address: "first", body: "of-first", naming: "second") == "first")
  }

  @Test func `in the body alone the same holds`() {
    #expect(enter(body: "of-first", naming: "first") == "first")
    #expect(enter(body: "of-first", naming: "second") == "auth.wrongSecret")
    #expect(enter(body: "of-first", naming: "plain") == "auth.wrongSecret")
    #expect(enter(body: "of-first") == "first")
    #expect(enter(naming: "first") == "auth.wrongSecret")
    #expect(enter(body: "", naming: "first") == "auth.wrongSecret")
  }

  @Test(arguments: [true, false])
  func `while a strategy's secret is changed both hold, until the date`(isInHeader: Bool) {
    func offer(_ secret: String, at now: Timestamp) -> String {
      enter(header: isInHeader ? secret : nil, body: isInHeader ? nil : secret, naming: "second", at: now)
    }
    let before = Self.end.adding(nanoseconds: -1)
    #expect(offer("of-second-old", at: Self.now) == "second")
    #expect(offer("of-second-new", at: Self.now) == "second")
    #expect(offer("of-second-old", at: before) == "second")
    #expect(offer("of-second-old", at: Self.end) == "auth.wrongSecret")
    #expect(offer("of-second-new", at: Self.end) == "second")
  }

  @Test func `the general secret opens what has none of its own, and nothing else`() {
    for (header, body) in [("general", nil), (nil, "general")] as [(String?, String?)] {
      #expect(enter(header: header, body: body, naming: "plain") == "general")
      #expect(enter(header: header, body: body, naming: "unheard-of") == "general")
      #expect(enter(header: header, body: body) == "general")
      #expect(enter(header: header, body: body, naming: "first") == "auth.wrongSecret")
      #expect(enter(header: header, address: "first", body: body) == "auth.wrongSecret")
    }
  }

  @Test func `without secrets of their own every strategy is the general secret's`() {
    let table = StrategyTable(
      general: RotatingSecret(current: Secret("old"), next: Secret("new"), until: Self.end),
      strategies: [StrategyConfiguration(name: "plain")])
    for secret in ["old", "new"] {
      #expect(enter(header: secret, naming: "plain", knowing: table) == "general")
      #expect(enter(body: secret, naming: "other", knowing: table) == "general")
    }
    #expect(enter(header: "old", naming: "plain", at: Self.end, knowing: table) == "auth.wrongSecret")
  }
}
