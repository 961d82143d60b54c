import Actors
import OrderDomain
import Testing

struct JournalRetentionTests {
  private func time(_ day: Int64) -> Timestamp { Timestamp(nanoseconds: day * 86_400_000_000_000) }

  private func segments(_ days: [Int64]) -> [(number: UInt64, firstTime: Timestamp)] {
    days.enumerated().map { (UInt64($0.offset + 1), time($0.element)) }
  }

  @Test func `a segment goes when the next one's first record is old enough and a snapshot covers it`() {
    let all = segments([0, 10, 20, 30])
    #expect(JournalRetention.expiredSegments(all, covered: 4, limit: time(20)) == [1])
    #expect(JournalRetention.expiredSegments(all, covered: 4, limit: time(21)) == [1, 2])
    #expect(JournalRetention.expiredSegments(all, covered: 2, limit: time(100)) == [1])
    #expect(JournalRetention.expiredSegments(all, covered: 1, limit: time(100)) == [])
  }

  @Test func `the last segment stays, and so do all behind one that stays`() {
    #expect(JournalRetention.expiredSegments(segments([0]), covered: 9, limit: time(100)) == [])
    // A clock that was wrong for a day leaves no gap.
    #expect(JournalRetention.expiredSegments(segments([0, 50, 20, 30]), covered: 9, limit: time(40)) == [])
  }

  @Test func `the newest two snapshots stay`() {
    #expect(JournalRetention.surplusSnapshots([]) == [])
    #expect(JournalRetention.surplusSnapshots([5, 3]) == [])
    #expect(JournalRetention.surplusSnapshots([9, 5, 3, 7]) == [3, 5])
  }
}
