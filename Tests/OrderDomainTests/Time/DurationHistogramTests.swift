import OrderDomain
import Testing

@Suite("Durations are counted in steps of 1, 2 and 5")
struct DurationHistogramTests {
  @Test func `limits rise from a microsecond to ten seconds`() {
    let limits = DurationHistogram.limits
    #expect(limits.prefix(4) == [1_000, 2_000, 5_000, 10_000])
    #expect(limits.last == 10_000_000_000)
    #expect(limits == limits.sorted())
    #expect(limits.count == 22)
  }

  @Test(
    "A duration is counted in the first step that holds it",
    arguments: [
      (0, 0), (1_000, 0), (1_001, 1), (2_000, 1), (4_999, 2), (10_000_000_000, 21), (10_000_000_001, 22), (-5, 0),
    ]
      as [(Int64, Int)])
  func steps(_ nanoseconds: Int64, _ step: Int) {
    var histogram = DurationHistogram()
    histogram.add(nanoseconds: nanoseconds)
    #expect(histogram.counts.firstIndex(of: 1) == step)
    #expect(histogram.count == 1)
    #expect(histogram.sum == UInt64(max(0, nanoseconds)))
  }

  @Test func `every duration lies between its step's limits`() {
    for exponent in 0..<40 {
      for offset in [-1, 0, 1] as [Int64] {
        let duration = Int64(1) << exponent + offset
        var histogram = DurationHistogram()
        histogram.add(nanoseconds: duration)
        guard let step = histogram.counts.firstIndex(of: 1) else { return #expect(Bool(false), "\(duration)") }
        if step < DurationHistogram.limits.count { #expect(duration <= DurationHistogram.limits[step]) }
        if step > 0 { #expect(duration > DurationHistogram.limits[step - 1]) }
      }
    }
  }
}
