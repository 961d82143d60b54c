import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

@Suite("The latest alerts can be asked for, page by page")
struct AlertHistoryTests {
  private func identity(_ number: Int) -> AlertIdentity { AlertIdentity(high: 7, low: UInt64(number)) }

  private func history(_ count: Int) -> AlertHistory {
    var history = AlertHistory()
    for number in 0..<count {
      history.add(
        AlertRecord(
          identity: identity(number), receivedAt: Sample.opening, format: .native,
          plan: Sample.approved([Sample.leg(1)]).subject, ignoredFields: []))
    }
    return history
  }

  @Test func `pages run from the newest to the oldest without a gap`() {
    let history = history(25)
    var seen: [AlertIdentity] = []
    var cursor: AlertIdentity?
    repeat {
      let page = history.page(after: cursor, limit: 10)
      seen += page.map(\.identity)
      cursor = page.last?.identity
    } while cursor != nil && seen.count < 100
    #expect(seen == (0..<25).reversed().map(identity))
  }

  @Test func `beyond its limit the oldest are let go, and only they`() {
    let history = history(AlertHistory.limit + 5)
    #expect(history[identity(4)] == nil)
    #expect(history[identity(5)] != nil)
    #expect(history.page(after: nil, limit: 1).map(\.identity) == [identity(AlertHistory.limit + 4)])
    #expect(history.page(after: nil, limit: 10_000).count == AlertHistory.limit)
  }

  @Test func `why a leg was never sent is kept with its alert`() {
    var history = history(2)
    history.endLeg(1, of: identity(1), Refusal(code: "plan.entryNotFilled", cause: "c", fix: "f"))
    history.endLeg(1, of: identity(99), Refusal(code: "plan.entryNotFilled", cause: "c", fix: "f"))
    #expect(history[identity(1)]?.endedLegs[1]?.code == "plan.entryNotFilled")
    #expect(history[identity(0)]?.endedLegs.isEmpty == true)
  }
}
