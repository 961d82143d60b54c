import Actors
import OrderDomain
import TestSupport
import Testing

@Suite struct AlertLanesStateTests {
  private var lanes = AlertLanesState()

  private func alert(_ number: UInt8) -> AlertIdentity { AlertIdentity(high: 0, low: UInt64(number)) }

  private func key(_ strategy: String? = "s", _ leg: Int = 1, account: AccountID = Sample.account) -> LaneKey {
    LaneKey(strategy: strategy, account: account, instrument: Sample.leg(leg).instrument.key)
  }

  private func enter(
    _ lanes: inout AlertLanesState, _ number: UInt8, _ keys: Set<LaneKey>? = nil, opens: Bool = true,
    closes: Bool = false
  ) {
    lanes.enter(alert(number), keys: keys ?? [key()], isOpening: opens, isClosing: closes)
  }

  @Test func `alerts of one strategy on one instrument go one after another`() {
    var lanes = lanes
    for number in 1...3 { enter(&lanes, UInt8(number)) }
    #expect([1, 2, 3].map { lanes.mayGo(alert($0)) } == [true, false, false])
    #expect(lanes.sent(alert(1)) == [alert(2)])
    #expect([2, 3].map { lanes.mayGo(alert($0)) } == [true, false])
    #expect(lanes.sent(alert(2)) == [alert(3)])
    #expect(lanes.sent(alert(3)) == [])
    #expect(lanes.count == 0)
  }

  @Test func `another strategy or another account does not wait`() {
    var lanes = lanes
    enter(&lanes, 1)
    enter(&lanes, 2, [key("other")])
    enter(&lanes, 3, [key(nil)])
    enter(&lanes, 4, [key(account: AccountID(staticName: "second"))])
    #expect([2, 3, 4].map { lanes.mayGo(alert($0)) } == [true, true, true])
  }

  @Test func `an alert in two lanes waits for both, and nobody waits for ever`() {
    var lanes = lanes
    let (first, second) = (key("a"), key("b"))
    enter(&lanes, 1, [first])
    enter(&lanes, 2, [second])
    enter(&lanes, 3, [first, second])
    enter(&lanes, 4, [second])
    #expect(lanes.sent(alert(2)) == [])
    #expect(!lanes.mayGo(alert(3)) && !lanes.mayGo(alert(4)))
    #expect(lanes.sent(alert(1)) == [alert(3)])
    #expect(lanes.sent(alert(3)) == [alert(4)])
  }

  @Test func `what opens waits for the end of what closes, and another close does not`() {
    var lanes = lanes
    enter(&lanes, 1, opens: false, closes: true)
    enter(&lanes, 2, opens: false, closes: true)
    enter(&lanes, 3)
    #expect(lanes.sent(alert(1)) == [alert(2)])
    #expect(lanes.sent(alert(2)) == [])
    #expect(!lanes.mayGo(alert(3)))
    #expect(lanes.leave(alert(1)) == [])
    #expect(lanes.leave(alert(2)) == [alert(3)])
  }

  @Test func `one that gives up lets those behind it pass`() {
    var lanes = lanes
    for number in 1...3 { enter(&lanes, UInt8(number)) }
    #expect(lanes.leave(alert(2)) == [])
    #expect(lanes.leave(alert(1)) == [alert(3)])
    #expect(lanes.leave(alert(1)) == [])
    #expect(lanes.mayGo(alert(9)))
  }
}
