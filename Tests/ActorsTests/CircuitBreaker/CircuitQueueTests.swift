import OrderDomain
import TestSupport
import Testing

@testable import Actors

@Suite struct CircuitQueueTests {
  /// Random calls, waits, cancels, results and passing time: each waiter is answered exactly once, in order, and never
  /// more probes are out than may be.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `every waiter is answered exactly once under random interleavings`(seed: UInt64) throws {
    var random = SplitMix(seed: seed)
    var settings = CircuitBreakerSettings()
    settings.probeCount = Int(seed % 3) + 1
    settings.waiterLimit = 16
    var now = Uptime(offset: .zero)
    var queue = CircuitQueue(settings: settings, epoch: now)
    var waiting: [WaiterID: Uptime] = [:]
    var tickets: [CircuitTicket] = []
    var nextID: WaiterID = 0
    func settle() {
      var lastAdmitted: WaiterID = 0
      for resolution in queue.settle(at: now) {
        switch resolution {
        case .admit(let id, let ticket):
          let deadline = waiting.removeValue(forKey: id)
          #expect(deadline.map { $0 > now } == true, "admitted twice, or too late")
          #expect(id > lastAdmitted, "out of turn")
          lastAdmitted = id
          tickets.append(ticket)
        case .deadlinePassed(let id):
          let deadline = waiting.removeValue(forKey: id)
          #expect(deadline.map { $0 <= now } == true, "expired twice, or too early")
        }
      }
      if case .halfOpen(let probing) = queue.machine.state {
        #expect(probing.passed + probing.outstanding.count <= settings.probeCount)
      }
      if case .closed = queue.machine.state { #expect(queue.waiterCount == 0, "nobody waits for an open door") }
      #expect(queue.waiterCount == waiting.count)
    }
    for _ in 0..<2_000 {
      switch random.next() % 6 {
      case 0, 1:
        nextID += 1
        let deadline = now.advanced(by: .seconds(Int64(random.next() % 90) + 1))
        if queue.enqueue(nextID, .call, deadline: deadline) {
          waiting[nextID] = deadline
        } else {
          #expect(waiting.count == 16)
        }
      case 2:
        guard let id = waiting.keys.min() else { break }
        waiting[id] = nil
        queue.remove(id)
      case 3, 4:
        guard !tickets.isEmpty else { break }
        let ticket = tickets.remove(at: Int(random.next() % UInt64(tickets.count)))
        let outcome = CallOutcome.allCases[Int(random.next() % 4)]
        random.next() % 8 == 0
          ? queue.machine.abandon(ticket) : queue.machine.finish(ticket, outcome, elapsed: .zero, at: now)
      default:
        let leap = Duration.milliseconds(Int64(random.next() % 20_000))
        now = now.advanced(by: leap)
      }
      settle()
    }
    now = now.advanced(by: .seconds(1_000))
    settle()
    #expect(waiting.isEmpty)
  }
}
