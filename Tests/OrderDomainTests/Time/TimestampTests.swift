import OrderDomain
import TestSupport
import Testing

struct TimestampTests {
  @Test func `it is written in RFC 3339, for the world and for India`() {
    let moment = Sample.opening.adding(nanoseconds: 125_999_999)
    #expect(moment.description == "2026-11-24T03:45:00.125Z")
    #expect(moment.indianDescription == "2026-11-24T09:15:00.125+05:30")
    #expect(Timestamp(nanoseconds: 0).description == "1970-01-01T00:00:00.000Z")
    #expect(Timestamp(nanoseconds: -1).description == "1969-12-31T23:59:59.999Z")
    #expect(Timestamp(nanoseconds: .max).description == "2262-04-11T23:47:16.854Z")
    #expect(Timestamp(nanoseconds: .min).description == "1677-09-21T00:12:43.145Z")
  }

  @Test func `india's day begins at half past six in the evening of the world's`() {
    let last = certain(Timestamp(seconds: 1_795_458_599))
    let first = certain(Timestamp(seconds: 1_795_458_600))
    #expect(last.description == "2026-11-23T18:29:59.000Z")
    #expect(last.indianDate == day("2026-11-23"))
    #expect(last.indianSecondOfDay == 86_399)
    #expect(first.indianDate == day("2026-11-24"))
    #expect(first.indianSecondOfDay == 0)
    #expect(first.adding(nanoseconds: -1).indianDate == day("2026-11-23"))
    #expect(Sample.opening.indianSecondOfDay == 9 * 3600 + 15 * 60)
  }

  @Test func `moments before 1970 have their days too`() {
    let moment = Timestamp(nanoseconds: -1)
    #expect(moment.indianDate == day("1970-01-01"))
    #expect(moment.indianSecondOfDay == 19_799)
    #expect(Timestamp(nanoseconds: .min).indianDate == day("1677-09-21"))
    #expect(Timestamp(nanoseconds: .max).indianDate == day("2262-04-12"))
  }

  @Test func `seconds outside the range are refused`() {
    #expect(Timestamp(seconds: 9_223_372_036)?.nanoseconds == 9_223_372_036_000_000_000)
    #expect(Timestamp(seconds: 9_223_372_037) == nil)
    #expect(Timestamp(seconds: -9_223_372_037) == nil)
  }

  /// Sums used to wrap, so that an absurd moment in the future became one in the past.
  @Test func `arithmetic ends at the limits`() {
    let latest = Timestamp(nanoseconds: .max)
    let earliest = Timestamp(nanoseconds: .min)
    #expect(latest.adding(nanoseconds: 1) == latest)
    #expect(earliest.adding(nanoseconds: -1) == earliest)
    #expect(latest.nanoseconds(since: earliest) == .max)
    #expect(earliest.nanoseconds(since: latest) == .min)
    #expect(latest.nanoseconds(since: latest.adding(nanoseconds: -5)) == 5)
  }
}
