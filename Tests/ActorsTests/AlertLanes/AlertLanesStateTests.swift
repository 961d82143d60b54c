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
    _ lanes: inout AlertLanesState, _ number: UInt8, _ keys: [LaneKey]? = nil, _ conduct: LaneConduct = .changes,
    opens: Bool = true, closes: Bool = false
  ) {
    lanes.enter(alert(number), (keys ?? [key()]).map { ($0, conduct) }, isOpening: opens, isClosing: closes)
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

  @Test func `alerts that open on one side do not wait for each other's answers, but for all that came between`() {
    var lanes = lanes
    let (buy, sell) = (LaneConduct.opens(.buy), LaneConduct.opens(.sell))
    for (number, conduct) in [(1, buy), (2, buy), (3, sell), (4, sell), (5, buy)] {
      enter(&lanes, UInt8(number), nil, conduct)
    }
    #expect((1...5).map { lanes.mayGo(alert(UInt8($0))) } == [true, true, false, false, false])
    #expect(lanes.sent(alert(2)) == [])
    #expect(lanes.sent(alert(1)) == [alert(3), alert(4)])
    #expect(lanes.leave(alert(4)) == [])
    #expect(lanes.sent(alert(3)) == [alert(5)])
    #expect(lanes.sent(alert(5)) == [])
    #expect(lanes.count == 0 && lanes.laneCount == 0)
  }

  /// The rule in its plainest words, over the whole history.
  private struct Model {
    struct Item {
      let number: UInt8
      let keys: [LaneKey]
      let conduct: LaneConduct
      let opens: Bool
      let closes: Bool
      var isSent = false
      var isGone = false
    }

    var items: [Item] = []

    func mayGo(_ number: UInt8) -> Bool {
      guard let index = items.firstIndex(where: { $0.number == number && !$0.isGone }) else { return true }
      let own = items[index]
      for key in own.keys {
        // From the latest before it backwards: its own group first, and behind that nobody may be unsent.
        var isInGroup = own.conduct != .changes
        for other in items[..<index].reversed() where other.keys.contains(key) {
          if other.closes && own.opens && !other.isGone { return false }
          isInGroup = isInGroup && other.conduct == own.conduct
          if !isInGroup && !other.isSent && !other.isGone { return false }
        }
      }
      return true
    }
  }

  @Test(arguments: 1...100) func `it agrees with the plain rule`(_ seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var lanes = lanes
    var model = Model()
    let keys = [key("a"), key("b"), key("c")]
    var number: UInt8 = 0
    for _ in 0..<120 {
      switch Int.random(in: 0..<3, using: &random) {
      case 0 where number < 100:
        number += 1
        let own = keys.filter { _ in Bool.random(using: &random) }
        let conduct = [LaneConduct.opens(.buy), .opens(.sell), .changes].randomElement(using: &random) ?? .changes
        let closes = conduct == .changes && Bool.random(using: &random)
        let opens = conduct != .changes || Bool.random(using: &random)
        enter(&lanes, number, own, conduct, opens: opens, closes: closes)
        model.items.append(.init(number: number, keys: own, conduct: conduct, opens: opens, closes: closes))
      default:
        // Only what may go is sent; anything may give up.
        guard let item = model.items.filter({ !$0.isGone }).randomElement(using: &random) else { continue }
        let before = model
        if model.mayGo(item.number), !item.isSent, Bool.random(using: &random) {
          if let index = model.items.firstIndex(where: { $0.number == item.number }) {
            if item.closes { model.items[index].isSent = true } else { model.items[index].isGone = true }
          }
          let woken = lanes.sent(alert(item.number))
          check(woken, before, model)
        } else {
          for index in model.items.indices where model.items[index].number == item.number {
            model.items[index].isGone = true
          }
          check(lanes.leave(alert(item.number)), before, model)
        }
      }
      for item in model.items where !item.isSent {
        #expect(lanes.mayGo(alert(item.number)) == model.mayGo(item.number))
      }
      #expect(lanes.count == model.items.count { !$0.isGone })
    }
  }

  /// Whoever may go now and could not before must be woken.
  private func check(_ woken: [AlertIdentity], _ before: Model, _ now: Model) {
    for item in now.items where !item.isSent && !item.isGone && now.mayGo(item.number) && !before.mayGo(item.number) {
      #expect(woken.contains(alert(item.number)))
    }
  }
}
