import Testing

@testable import alert_load

@Suite("Alerts fall due by the plan, each with a number of its own")
struct LoadPlanTests {
  private func plan(_ arrival: LoadPlan.Arrival, _ count: Int) -> LoadPlan {
    LoadPlan(arrival: arrival, alertCount: count, warmUpCount: 0, connectionCount: 1, patience: 5)
  }

  @Test func `a rate spaces them evenly, and rounding does not add up`() {
    let plan = plan(.rate(3), 3_001)
    #expect(plan.due(0) == 0)
    #expect(plan.due(1) == 333_333_333)
    #expect(plan.due(3_000) == 1_000_000_000_000)
    #expect(plan.end == 1_000_000_000_005)
  }

  @Test func `a burst is due at once`() {
    #expect(plan(.burst, 1_000).due(999) == 0)
  }

  @Test func `each place of the number is filled, and nothing else moves`() {
    let template = AlertTemplate(host: "127.0.0.1:1", path: "/webhook", body: #"{"a":"@@SEQ@@","b":@@SEQ@@}"#)
    let text = String(decoding: template.request(of: 42), as: UTF8.self)
    #expect(text.hasSuffix("\r\n\r\n" + #"{"a":"1000042","b":1000042}"#))
    #expect(text.contains("Content-Length: 27\r\n"))
    #expect(template.isNumbered)
    #expect(!AlertTemplate(host: "h", path: "/", body: "{}").isNumbered)
  }
}
