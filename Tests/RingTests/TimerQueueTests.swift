import Testing

@testable import Ring

struct TimerQueueTests {
  @Test("Timers come out by deadline, equal ones in the order they went in")
  func order() {
    var queue = TimerQueue<Int>()
    for (payload, deadline) in [5, 1, 3, 1, 9, 0].enumerated() { _ = queue.schedule(at: Int64(deadline), payload) }
    #expect(queue.nextDeadline == 0)
    var due: [Int] = []
    while let (_, payload) = queue.popDue(5) { due.append(payload) }
    #expect(due == [5, 1, 3, 2, 0])
    #expect(queue.count == 1 && queue.nextDeadline == 9)
  }

  @Test("A timer moved later does not come before those that are due earlier, though its old deadline did")
  func movedLaterButDue() {
    var queue = TimerQueue<String>()
    let moved = queue.schedule(at: 1, "moved")
    _ = queue.schedule(at: 3, "other")
    let wasMoved = queue.move(moved, to: 6)
    #expect(wasMoved)
    let first = queue.popDue(10)
    let second = queue.popDue(10)
    #expect(first?.1 == "other")
    #expect(second?.1 == "moved")
  }

  @Test("A stale id neither moves nor cancels the timer that has its place now")
  func staleID() {
    var queue = TimerQueue<Int>()
    let old = queue.schedule(at: 1, 1)
    let cancelled = queue.cancel(old)
    #expect(cancelled == 1)
    let new = queue.schedule(at: 2, 2)
    #expect(old.id.slot == new.id.slot)
    let (again, moved) = (queue.cancel(old), queue.move(old, to: 0))
    #expect(again == nil && !moved)
    let (due, none) = (queue.popDue(2), queue.popDue(2))
    #expect(due?.1 == 2 && none == nil)
  }

  @Test("Against a plain list: any schedule, move, cancel and pop agree", arguments: 0..<20 as Range<UInt64>)
  func model(_ seed: UInt64) {
    struct Plain {
      var deadline: Int64
      var id: TimerID
      var payload: Int
    }
    var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    func random(_ below: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % below
    }
    var queue = TimerQueue<Int>()
    var plain: [Plain] = []
    for step in 0..<3000 {
      switch random(5) {
      case 0, 1:
        let deadline = Int64(random(1000))
        plain.append(Plain(deadline: deadline, id: queue.schedule(at: deadline, step), payload: step))
      case 2 where !plain.isEmpty:
        let index = random(plain.count)
        plain[index].deadline = Int64(random(1000))
        let wasThere = queue.move(plain[index].id, to: plain[index].deadline)
        #expect(wasThere)
      case 3 where !plain.isEmpty:
        let gone = plain.remove(at: random(plain.count))
        let payload = queue.cancel(gone.id)
        #expect(payload == gone.payload)
      default:
        let now = Int64(random(200))
        while let (id, payload) = queue.popDue(now) {
          let earliest = plain.map(\.deadline).min()
          guard let index = plain.firstIndex(where: { $0.id == id }) else {
            Issue.record("a timer that was not there came out, seed \(seed)")
            return
          }
          #expect(plain[index].payload == payload && plain[index].deadline == earliest && plain[index].deadline <= now)
          plain.remove(at: index)
        }
        #expect(!plain.contains { $0.deadline <= now })
      }
      #expect(queue.count == plain.count)
    }
  }

  @Test("Moving later a timer among many touches nothing else")
  func movesAreCheap() {
    var queue = TimerQueue<Int>()
    let timers = (0..<10_000).map { queue.schedule(at: Int64($0), $0) }
    let before = queue.nextDeadline
    for timer in timers { queue.move(timer, to: 1_000_000) }
    #expect(queue.nextDeadline == before)
    let due = queue.popDue(999_999)
    #expect(due == nil)
    #expect(queue.nextDeadline == 1_000_000)
  }
}
