import OrderDomain
import TestSupport
import Testing

struct TickSizeTests {
  @Test func `a step of zero is no tick`() {
    #expect(TickSize(.zero) == nil)
    #expect(TickSize(price("0.0001")) != nil)
  }

  @Test(arguments: [
    ("0.05", "100.02", "100.00", "100.05", "100.00"), ("0.05", "100.03", "100.00", "100.05", "100.05"),
    ("0.05", "100.025", "100.00", "100.05", "100.05"), ("0.05", "100.05", "100.05", "100.05", "100.05"),
    ("0.0025", "83.1234", "83.1225", "83.1250", "83.1225"), ("0.01", "0.001", "0", "0.01", "0"),
  ])
  func `prices land on ticks`(step: String, asked: String, down: String, up: String, nearest: String) {
    #expect(tick(step).round(price(asked), .down) == price(down))
    #expect(tick(step).round(price(asked), .up) == price(up))
    #expect(tick(step).round(price(asked), .nearest) == price(nearest))
  }

  @Test func `nothing is rounded past the limit`() {
    #expect(tick("0.07").round(.limit, .up) == nil)
    #expect(tick("0.07").round(.limit, .down) != nil)
  }

  @Test func `whatever the tick, rounding lands on one, less than a tick away, on the asked side`() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<5_000 {
      let step = certain(Price(tenThousandths: .random(in: 1...100_000, using: &random)))
      let tick = certain(TickSize(step))
      let asked = certain(Price(tenThousandths: .random(in: 0...89_000_000_000, using: &random)))
      for rounding in TickSize.Rounding.allCases {
        let rounded = certain(tick.round(asked, rounding))
        let distance = rounded.tenThousandths - asked.tenThousandths
        #expect(tick.divides(rounded))
        #expect(abs(distance) < step.tenThousandths)
        switch rounding {
        case .down: #expect(distance <= 0)
        case .up: #expect(distance >= 0)
        case .nearest: #expect(2 * abs(distance) <= step.tenThousandths)
        }
      }
    }
  }
}
