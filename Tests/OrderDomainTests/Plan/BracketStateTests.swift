import OrderDomain
import TestSupport
import Testing

@Suite("The exits of a bracket never ask for more than is left, and never leave anything silently")
struct BracketStateTests {
  private typealias Standing = BracketState.Standing

  /// What an ended exit has neither filled nor lost was cancelled.
  private func standing(_ ordered: Int64, filled: Int64 = 0, lost: Int64 = 0, _ end: Standing.End? = nil) -> Standing {
    let lost = end == .ended && lost == 0 ? ordered - filled : lost
    return Standing(ordered: quantityOf(ordered), filled: quantityOf(filled), lost: quantityOf(lost), end: end)
  }

  /// A bracket of 10 units, both exits at work.
  private func working() -> BracketState {
    var bracket = BracketState(entryFilled: quantityOf(10), hasStop: true, hasTarget: true)
    #expect(bracket.nextActions() == [.place(.stop, quantityOf(10)), .place(.target, quantityOf(10))])
    bracket.exitsStand([.stop: standing(10), .target: standing(10)])
    #expect(bracket.nextActions().isEmpty)
    return bracket
  }

  @Test("one exit fills, the other is cancelled, and that is the end")
  func oneCancelsTheOther() {
    var bracket = working()
    bracket.exitsStand([.stop: standing(10, filled: 10, .ended), .target: standing(10)])
    #expect(bracket.nextActions() == [.cancel(.target)])
    bracket.exitsStand([.target: standing(10, .cancelled)])
    #expect(bracket.nextActions() == [.finish])
    #expect(bracket.nextActions().isEmpty)
  }

  @Test("a part that fills leaves the other exit for the rest")
  func partly() {
    var bracket = working()
    bracket.exitsStand([.stop: standing(10), .target: standing(10, filled: 6)])
    #expect(bracket.residual == quantityOf(4))
    #expect(bracket.nextActions() == [.cancel(.stop)])
    bracket.exitsStand([.stop: standing(10, .cancelled), .target: standing(10, filled: 6)])
    #expect(bracket.nextActions() == [.place(.stop, quantityOf(4))])
    bracket.exitsStand([.stop: standing(4), .target: standing(10, filled: 6)])
    #expect(bracket.nextActions().isEmpty)
  }

  @Test("a fill that wins the race against the cancel counts")
  func race() {
    var bracket = working()
    bracket.exitsStand([.target: standing(10, filled: 6)])
    _ = bracket.nextActions()
    bracket.exitsStand([.stop: standing(10, filled: 3, .cancelled), .target: standing(10, filled: 6)])
    #expect(bracket.nextActions() == [.place(.stop, quantityOf(1)), .cancel(.target)])
  }

  @Test("an exit that a person cancels stays away, and without any a person is told")
  func byHand() {
    var bracket = working()
    bracket.exitsStand([.stop: standing(10, .cancelled), .target: standing(10)])
    #expect(bracket.nextActions().isEmpty)
    bracket.exitsStand([.target: standing(10, filled: 2, .ended)])
    #expect(bracket.nextActions() == [.raiseAlarm(unguarded: quantityOf(8))])
  }

  // MARK: Parts that the broker does not work

  @Test("an exit of which a part is refused is told once, and works on for the rest")
  func partRefused() {
    var bracket = working()
    bracket.exitsStand([.stop: standing(10, lost: 4), .target: standing(10)])
    #expect(bracket.nextActions() == [.tellMissing(.stop, quantityOf(4))])
    bracket.exitsStand([.stop: standing(10, lost: 4), .target: standing(10)])
    #expect(bracket.nextActions().isEmpty)
    bracket.exitsStand([.stop: standing(10, lost: 6), .target: standing(10)])
    #expect(bracket.nextActions() == [.tellMissing(.stop, quantityOf(6))])
  }

  @Test("what is lost of an exit is not asked for, so the rest of it stays while it fits")
  func restStays() {
    var bracket = working()
    bracket.exitsStand([.stop: standing(10, lost: 4), .target: standing(10)])
    _ = bracket.nextActions()
    bracket.exitsStand([.stop: standing(10, lost: 4), .target: standing(10, filled: 4)])
    #expect(bracket.nextActions().isEmpty)
    bracket.exitsStand([.stop: standing(10, lost: 4), .target: standing(10, filled: 5)])
    #expect(bracket.nextActions() == [.cancel(.stop)])
    bracket.exitsStand([.stop: standing(10, lost: 4, .cancelled), .target: standing(10, filled: 5)])
    #expect(bracket.nextActions() == [.place(.stop, quantityOf(5))])
  }

  @Test("a stop that is refused while the target works is told")
  func wholeSideRefused() {
    var bracket = working()
    bracket.exitsStand([.stop: standing(10, .ended), .target: standing(10)])
    #expect(bracket.nextActions() == [.tellMissing(.stop, quantityOf(10))])
    bracket.exitsStand([.target: standing(10, filled: 10, .ended)])
    #expect(bracket.nextActions() == [.finish])
  }

  @Test("of what a part filled and a part was refused, only what is still open is told")
  func partFilledPartRefused() {
    var bracket = working()
    bracket.exitsStand([.stop: standing(10, lost: 8), .target: standing(10, filled: 7)])
    #expect(bracket.nextActions() == [.tellMissing(.stop, quantityOf(3))])
  }

  // MARK: After a restart, when all is read back at once

  private func begun() -> BracketState {
    var bracket = BracketState(entryFilled: quantityOf(10), hasStop: true, hasTarget: true)
    bracket.resume(.stop, settled: .zero)
    bracket.resume(.target, settled: .zero)
    return bracket
  }

  @Test("an exit that was cancelled because the other had filled in part is placed anew for the rest")
  func cancelledWhileAway() {
    var bracket = begun()
    bracket.exitsStand([.stop: standing(10, .cancelled), .target: standing(10, filled: 5, .ended)])
    #expect(bracket.nextActions() == [.place(.stop, quantityOf(5)), .tellMissing(.target, quantityOf(5))])
  }

  @Test("what the engine took back before it left is placed anew")
  func withdrawn() {
    var bracket = begun()
    bracket.exitsStand([.stop: standing(10, .withdrawn), .target: standing(10)])
    #expect(bracket.nextActions() == [.place(.stop, quantityOf(10))])
  }

  @Test("an exit that works for more than was thought is cancelled")
  func largerThanPlanned() {
    var bracket = BracketState(entryFilled: quantityOf(6), hasStop: true, hasTarget: false)
    bracket.resume(.stop, settled: .zero)
    bracket.exitsStand([.stop: standing(10)])
    #expect(bracket.nextActions() == [.cancel(.stop)])
  }

  @Test("what earlier placings have filled is not guarded again")
  func earlierPlacings() {
    var bracket = BracketState(entryFilled: quantityOf(10), hasStop: true, hasTarget: true)
    bracket.resume(.stop, settled: quantityOf(4))
    bracket.exitsStand([.stop: standing(6)])
    #expect(bracket.nextActions() == [.place(.target, quantityOf(6))])
  }

  @Test("both gone: what is left is told")
  func bothGone() {
    var bracket = begun()
    bracket.exitsStand([.stop: standing(10, .ended), .target: standing(10, filled: 4, .ended)])
    #expect(bracket.nextActions() == [.raiseAlarm(unguarded: quantityOf(6))])
  }

  @Test("whatever happens, what works never exceeds what is left once cancels have been obeyed", arguments: 1...200)
  func property(_ seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let total = Int64.random(in: 1...20, using: &random)
    var bracket = BracketState(entryFilled: quantityOf(total), hasStop: true, hasTarget: true)
    var orders: [BracketState.Exit: (ordered: Int64, filled: Int64, isEnding: Bool)] = [:]
    var exited: Int64 = 0
    var isTold = false
    for _ in 0..<60 {
      let actions = bracket.nextActions()
      for action in actions {
        switch action {
        case .place(let exit, let quantity):
          #expect(orders[exit] == nil)
          #expect(quantity.units + exited <= total)
          orders[exit] = (quantity.units, 0, false)
        case .cancel(let exit): orders[exit]?.isEnding = true
        case .tellMissing(let exit, let quantity):
          #expect(orders[exit] == nil && !orders.isEmpty)
          #expect(quantity.units <= total - exited)
        case .raiseAlarm(let unguarded):
          #expect(orders.isEmpty)
          #expect(unguarded.units == total - exited)
          isTold = true
        case .finish:
          #expect(exited >= total)
          isTold = true
        }
      }
      if isTold { break }
      guard let exit = orders.keys.sorted(by: { $0.rawValue < $1.rawValue }).randomElement(using: &random),
        var order = orders[exit]
      else { continue }
      let standing: Standing
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        // The exchange fills as long as the order works, whatever the engine wants.
        let fill = Int64.random(in: 0...(order.ordered - order.filled), using: &random)
        order.filled += fill
        exited += fill
        let isWhole = order.filled == order.ordered
        standing = self.standing(order.ordered, filled: order.filled, isWhole ? .ended : nil)
        orders[exit] = isWhole ? nil : order
      case 2 where order.isEnding:
        standing = self.standing(order.ordered, filled: order.filled, .cancelled)
        orders[exit] = nil
      case 3:
        standing = self.standing(order.ordered, filled: order.filled, .ended)
        orders[exit] = nil
      default: continue
      }
      bracket.exitsStand([exit: standing])
    }
  }
}
