import OrderDomain
import TestSupport
import Testing

@testable import Brokers

struct IndianTimeTests {
  @Test("each way of writing a moment is read in Indian time")
  func ways() {
    #expect(IndianTime.dashed("2026-11-24 09:15:00") == Sample.opening)
    #expect(IndianTime.dashed("2026-11-24T09:15:00.125") == Sample.opening)
    #expect(IndianTime.namedMonth("24-Nov-2026 09:15:00") == Sample.opening)
    #expect(IndianTime.slashed("24/11/2026 09:15") == Sample.opening)
    #expect(IndianTime.slashed("24/11/2026 09:15:00") == Sample.opening)
  }

  @Test(
    "what stands for none, and what cannot be, is none",
    arguments: [
      "", "NA", "0001-01-01 00:00:00", "1970-01-01 05:30:00", "2026-02-30 09:15:00", "2026-11-24",
      "2026-11-24 24:00:00",
      "24-11-2026 09:15:00", "01-Jan-1970 05:30:00", "24-Nvm-2026 09:15:00", "२४-Nov-2026 09:15:00", "24/13/2026 09:15",
      "2026-11-24 09:15:0x", "2026/11/24 09:15:00",
    ])
  func none(_ text: String) {
    #expect(IndianTime.dashed(text) == nil)
    #expect(IndianTime.namedMonth(text) == nil)
    #expect(IndianTime.slashed(text) == nil)
  }
}
