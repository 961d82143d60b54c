import Brokers
import OrderDomain
import TestSupport
import Testing

struct BrokerClockTests {
  private let wallClock = ManualWallClock(Sample.opening)

  private func offset(_ date: String?, _ endpoint: BrokerEndpoint = .other) async -> Duration? {
    let clock = BrokerClock()
    let answer = BrokerTransportResult.answer(BrokerAnswer(status: 200, date: date, body: []))
    let transport = DatedTransport(ScriptedTransport(answer), clock: clock, wallClock: wallClock)
    _ = await transport.send(
      BrokerCall(endpoint: endpoint, method: .get, target: "/", headers: []), deadline: .seconds(1))
    return clock.offset
  }

  @Test func `the broker's time is compared with ours, to a second`() async throws {
    #expect(try #require(await offset("Tue, 24 Nov 2026 03:45:00 GMT")) == .milliseconds(500))
    #expect(try #require(await offset("Tue, 24 Nov 2026 03:40:00 GMT")) == .milliseconds(-299_500))
  }

  @Test func `an answer without a time, or about an order, tells nothing`() async {
    #expect(await offset(nil) == nil)
    #expect(await offset("yesterday") == nil)
    #expect(await offset("Tue, 24 Nov 2026 03:45:00 GMT", .order) == nil)
  }
}
