import OrderDomain
import Testing

@testable import OrderEngine

@Suite("An address says strategy and secret, and neither is taken for the other")
struct WebhookPathTests {
  @Test func `one name is a strategy, and a secret has its word before it`() throws {
    #expect(WebhookPath(segments: ["webhook", "breakout"])?.strategy == "breakout")
    #expect(WebhookPath(segments: ["webhook", "breakout"])?.secret == nil)
    let alone = try #require(WebhookPath(segments: ["webhook", "secret", "s3cret"]))
    #expect(alone.strategy == nil && alone.secret?.matches(Secret("s3cret")) == true)
    let named = try #require(WebhookPath(segments: ["webhook", "secret", "s3cret", "breakout"]))
    #expect(named.strategy == "breakout" && named.secret?.matches(Secret("s3cret")) == true)
    let strategy = try #require(WebhookPath(segments: ["webhook", "secret"]))
    #expect(strategy.strategy == "secret" && strategy.secret == nil)
  }

  @Test(arguments: [
    ["webhook"], ["webhook", ""], ["webhook", "secret", ""], ["webhook", "breakout", "s3cret"],
    ["webhook", "secret", "s3cret", ""], ["webhook", "secret", "s3cret", "a", "b"], ["other", "a"], [],
  ])
  func `anything else is no address`(segments: [String]) {
    #expect(WebhookPath(segments: segments) == nil)
  }
}
