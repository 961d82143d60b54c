import OrderDomain
import TestSupport
import Testing

@testable import Actors

struct ExpiryQueueTests {
  @Test func `it gives back what is due, the earliest first`() {
    var random = SeededGenerator(seed: 41)
    var queue = ExpiryQueue()
    var moments: [Int64] = []
    for index in 0..<500 {
      let moment = Int64.random(in: 0..<100, using: &random)
      moments.append(moment)
      queue.push(AlertIdentity(high: UInt64(moment), low: UInt64(index)), at: Timestamp(nanoseconds: moment))
    }
    moments.sort()
    #expect(queue.earliest?.nanoseconds == moments[0])
    for moment in moments {
      #expect(queue.popIfDue(before: Timestamp(nanoseconds: moment)) == nil)
      #expect(queue.popIfDue(before: Timestamp(nanoseconds: moment + 1))?.high == UInt64(moment))
    }
    #expect(queue.earliest == nil)
    #expect(queue.popIfDue(before: Timestamp(nanoseconds: .max)) == nil)
  }
}
