import OrderDomain
import Testing

@testable import Actors

@Suite struct RateLimitPolicyTests {
  @Test func `a list is read, the shortest window first, the day apart`() throws {
    let policy = try RateLimitPolicy("1000/1h, 10/1s,250/60s,7000/1d")
    #expect(policy.windows.map(\.limit) == [10, 250, 1_000])
    #expect(policy.windows.map(\.length) == [.seconds(1), .seconds(60), .seconds(3_600)])
    #expect(policy.windows.map(\.name) == ["1s", "60s", "1h"])
    #expect(policy.dayLimit == 7_000)
  }

  @Test(arguments: ["off", " off "]) func `off is no limit at all`(text: String) throws {
    #expect(try RateLimitPolicy(text).isOff)
  }

  @Test(arguments: [
    "", "10", "10/", "/1s", "10/s", "0/1s", "10/0s", "-1/1s", "10/1", "10/1x", "10/1s,", "10/1s,,5/1m", "10/1s,20/1s",
    "10/60s,20/1m", "1e3/1s", "+10/1s", "10/2d", "1/1d,2/1d", "10/24h", "10000000/1s", "10/1s/2", "OFF", "ten/1s",
    "1/1s,1/2s,1/3s,1/4s,1/5s,1/6s,1/7s,1/8s,1/9s",
  ])
  func `anything else is refused with the fix`(text: String) {
    #expect { try RateLimitPolicy(text) } throws: { error in
      (error as? Refusal)?.code == "config.rateLimit"
    }
  }
}
