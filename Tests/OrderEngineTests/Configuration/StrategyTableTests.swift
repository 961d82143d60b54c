import OrderDomain
import Testing

@testable import OrderEngine

@Suite("A secret opens what it is for, and nothing else")
struct StrategyTableTests {
  private let now = Timestamp(nanoseconds: 1_790_000_000_000_000_000)

  private var table: StrategyTable {
    var own = StrategyConfiguration(name: "own")
    own.secret = RotatingSecret(current: Secret("of-own"))
    return StrategyTable(
      general: RotatingSecret(current: Secret("general")), strategies: [own, StrategyConfiguration(name: "plain")])
  }

  @Test(
    "Who is let in",
    arguments: [
      ("general", nil, 0, nil), ("general", "plain", 0, nil), ("general", "unheard-of", 0, nil),
      ("general", "own", nil, nil), ("of-own", "own", 1, "own"), ("of-own", nil, 1, "own"),
      ("of-own", "plain", nil, nil), ("of-own", "unheard-of", nil, nil), ("neither", nil, nil, nil),
    ] as [(String, String?, Int?, String?)])
  func bearer(_ secret: String, _ name: String?, _ key: Int?, _ strategy: String?) {
    let bearer = table.bearer(of: Secret(secret), naming: name, at: now)
    #expect(bearer?.key == key)
    #expect(bearer?.strategy == strategy)
  }

  @Test func `a secret that is being changed is two, and then the next one alone`() {
    let secret = RotatingSecret(
      current: Secret("old"), next: Secret("new"), until: now.adding(nanoseconds: 1_000_000_000))
    let over = now.adding(nanoseconds: 1_000_000_000)
    #expect(secret.matches(Secret("old"), at: now))
    #expect(secret.matches(Secret("new"), at: now))
    #expect(secret.matches(Secret("old"), at: over.adding(nanoseconds: -1)))
    #expect(!secret.matches(Secret("old"), at: over))
    #expect(secret.matches(Secret("new"), at: over))
    #expect(!secret.matches(Secret("other"), at: now))
  }

  @Test func `without a date both hold until the settings say otherwise`() {
    let secret = RotatingSecret(current: Secret("old"), next: Secret("new"))
    #expect(secret.matches(Secret("old"), at: .distantFuture))
    #expect(secret.matches(Secret("new"), at: .distantFuture))
  }

  @Test func `nothing that is not set lets anybody in`() {
    let secret = RotatingSecret(current: nil)
    #expect(!secret.matches(Secret(""), at: now))
    #expect(!secret.isSet)
  }
}
