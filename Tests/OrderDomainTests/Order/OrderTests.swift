import OrderDomain
import TestSupport
import Testing

struct OrderTests {
  private let words = Refusal(code: "broker.rejected", cause: "no margin", fix: "add funds")

  private func report(
    _ transition: OrderTransition, fill: Int64? = nil, at price: String = "100", id: String? = nil,
    refusal: Refusal? = nil, second: Int64 = 0
  ) -> OrderReport {
    OrderReport(
      correlationID: Sample.request().correlationID, transition: transition,
      brokerOrderID: id.map { certain(BrokerOrderID($0)) },
      cumulativeFill: fill.map { .init(quantity: quantityOf($0), value: TestSupport.price(price) * $0) },
      refusal: refusal, at: Sample.opening.adding(nanoseconds: second * 1_000_000_000))
  }

  /// An order for ten units after these reports.
  private func order(_ reports: OrderReport...) -> Order {
    var order = Order(Sample.request(10), createdAt: Sample.opening)
    for report in reports { #expect(order.apply(report) != .contradiction) }
    return order
  }

  @Test func `an order's plain life`() {
    var order = order()
    #expect(order.state == .created)
    #expect(order.apply(report(.submitted)) == .changed(filled: .zero, value: .zero))
    #expect(order.apply(report(.accepted, id: "112")) == .changed(filled: .zero, value: .zero))
    #expect(order.brokerOrderID?.text == "112")
    #expect(
      order.apply(report(.partiallyFilled, fill: 4)) == .changed(filled: quantityOf(4), value: Money(rupees: 400)))
    #expect(order.state == .partiallyFilled)
    #expect(order.remainingQuantity == quantityOf(6))
    #expect(
      order.apply(report(.filled, fill: 10, at: "101")) == .changed(filled: quantityOf(6), value: Money(rupees: 610)))
    #expect(order.state == .filled)
    #expect(order.averagePrice == price("101"))
    #expect(order.remainingQuantity == .zero)
  }

  @Test func `the same report twice is counted once`() {
    let news = [
      report(.submitted), report(.accepted, id: "1"), report(.partiallyFilled, fill: 4), report(.filled, fill: 10),
    ]
    var order = order(report(.submitted))
    for report in news.dropFirst() {
      #expect(order.apply(report) != .none)
      #expect(order.apply(report) == .none)
    }
    #expect(order.filledQuantity == quantityOf(10))
  }

  @Test func `a fill that is overtaken by a later one counts nothing`() {
    var order = order(report(.submitted), report(.partiallyFilled, fill: 7))
    #expect(order.apply(report(.partiallyFilled, fill: 4)) == .none)
    #expect(order.apply(report(.accepted)) == .none)
    #expect(order.filledQuantity == quantityOf(7))
    #expect(order.state == .partiallyFilled)
  }

  @Test func `a fill may overtake the acknowledgement`() {
    var order = order(report(.submitted), report(.filled, fill: 10))
    #expect(order.apply(report(.accepted, id: "7")) == .changed(filled: .zero, value: .zero))
    #expect(order.state == .filled)
    #expect(order.brokerOrderID?.text == "7")
    #expect(order.apply(report(.accepted, id: "7")) == .none)
  }

  @Test func `a cancel carries the last fill with it`() {
    var order = order(report(.submitted), report(.accepted))
    #expect(order.apply(report(.cancelled, fill: 5)) == .changed(filled: quantityOf(5), value: Money(rupees: 500)))
    #expect(order.state == .cancelled)
    #expect(order.apply(report(.partiallyFilled, fill: 5)) == .none)
  }

  @Test(arguments: [OrderTransition.cancelled, .expired])
  func `a part that filled before the end is counted after it`(end: OrderTransition) {
    var order = order(report(.submitted), report(.accepted, id: "1"), report(end))
    let state = order.state
    #expect(
      order.apply(report(.partiallyFilled, fill: 3)) == .changed(filled: quantityOf(3), value: Money(rupees: 300)))
    #expect(order.state == state)
    #expect(order.apply(report(.filled, fill: 10)) == .changed(filled: quantityOf(7), value: Money(rupees: 700)))
    #expect(order.state == .filled)
  }

  @Test(arguments: [OrderTransition.cancelled, .expired, .accepted, .partiallyFilled])
  func `how much has filled decides, whatever the report calls itself`(transition: OrderTransition) {
    let order = order(report(.submitted), report(.accepted, id: "1"), report(transition, fill: 10))
    #expect(order.state == .filled)
  }

  /// It used to be called filled with six units missing.
  @Test func `a fill of a part that calls itself filled is a part`() {
    let order = order(report(.submitted), report(.filled, fill: 4))
    #expect(order.state == .partiallyFilled)
    #expect(order.filledQuantity == quantityOf(4))
  }

  @Test func `a cancel that comes again with all of it filled is no contradiction`() {
    var order = order(report(.submitted), report(.filled, fill: 10))
    #expect(order.apply(report(.cancelled, fill: 10)) == .none)
    #expect(order.apply(report(.cancelled, fill: 9)) == .contradiction)
    #expect(order.apply(report(.cancelled)) == .contradiction)
    #expect(order.state == .filled)
  }

  @Test func `a fill without figures proves that the broker holds it and counts nothing`() {
    for transition in [OrderTransition.filled, .partiallyFilled] {
      var order = order(report(.submitted), report(.outcomeLost))
      #expect(order.apply(report(transition)) == .changed(filled: .zero, value: .zero))
      #expect(order.state == .accepted)
      #expect(order.filledQuantity == .zero)
      #expect(order.apply(report(transition, fill: 0)) == .none)
    }
  }

  @Test func `a refusal may follow the acknowledgement, and brings its words`() {
    let order = order(report(.submitted), report(.accepted), report(.rejected, refusal: words))
    #expect(order.state == .rejected)
    #expect(order.refusal == words)
  }

  @Test func `words that come later are kept, and those of an earlier state are not`() {
    let lost = Refusal(code: "broker.timeout", cause: "no answer in 5 s", fix: "wait")
    var order = order(report(.submitted), report(.outcomeLost, refusal: lost))
    #expect(order.refusal == lost)
    #expect(order.apply(report(.rejected)) == .changed(filled: .zero, value: .zero))
    #expect(order.refusal == nil)
    #expect(order.apply(report(.rejected, refusal: words)) == .changed(filled: .zero, value: .zero))
    #expect(order.refusal == words)
    #expect(order.apply(report(.rejected, refusal: lost)) == .none)
    #expect(order.refusal == words)
  }

  /// The call used to be a contradiction when its time-out came after the push that had overtaken it.
  @Test(arguments: [OrderTransition.accepted, .partiallyFilled, .filled, .rejected, .cancelled])
  func `a lost answer takes nothing back that is known`(known: OrderTransition) {
    let fill: Int64? =
      switch known {
      case .partiallyFilled: 4
      case .filled: 10
      default: nil
      }
    var order = order(report(.submitted), report(known, fill: fill, id: "1"))
    let state = order.state
    #expect(order.apply(report(.outcomeLost, refusal: words)) == .none)
    #expect(order.state == state)
    #expect(order.refusal == nil)
  }

  @Test func `time passing ends nothing that is perhaps at the broker`() {
    for first in [[], [report(.outcomeLost)]] {
      var order = order(report(.submitted))
      for report in first { _ = order.apply(report) }
      let state = order.state
      #expect(order.apply(report(.expired)) == .contradiction)
      #expect(order.state == state)
      #expect(order.apply(report(.expired, id: "1")) == .changed(filled: .zero, value: .zero))
      #expect(order.state == .expired)
    }
    #expect(self.order(report(.expired)).state == .expired)
  }

  @Test func `an order that is found after all is never sent again`() {
    var order = order(report(.submitted), report(.outcomeLost), report(.provenAbsent))
    #expect(order.state == .created)
    #expect(order.apply(report(.accepted, id: "1")) == .changed(filled: .zero, value: .zero))
    #expect(order.state == .accepted)
    #expect(order.apply(report(.submitted)) == .contradiction)
  }

  @Test func `one tag with two numbers is two orders, and only the first is ours`() {
    var order = order(report(.submitted), report(.accepted, id: "1"))
    #expect(order.apply(report(.filled, fill: 10, id: "2")) == .contradiction)
    #expect(order.state == .accepted)
    #expect(order.filledQuantity == .zero)
    #expect(
      order.apply(report(.filled, fill: 10, id: "1")) == .changed(filled: quantityOf(10), value: Money(rupees: 1000)))
  }

  @Test func `impossible figures change nothing`() {
    var order = order(report(.submitted), report(.accepted))
    #expect(order.apply(report(.filled, fill: 11)) == .contradiction)
    for value in [Money(rupees: -1), Money(tenThousandths: .max), Price.limit * 4 + Money(tenThousandths: 1)] {
      let impossible = OrderReport(
        correlationID: order.request.correlationID, transition: .partiallyFilled,
        cumulativeFill: .init(quantity: quantityOf(4), value: value), at: Sample.opening)
      #expect(order.apply(impossible) == .contradiction)
    }
    for transition in [OrderTransition.rejected, .denied, .notSent, .provenAbsent, .outcomeLost, .submitted] {
      #expect(order.apply(report(transition, fill: 4)) == .contradiction)
    }
    #expect(order.state == .accepted)
    #expect(order.filledQuantity == .zero)
    #expect(order.filledValue == .zero)
  }

  @Test func `a price that comes after its fill is added without units`() {
    var order = order(report(.submitted), report(.filled, fill: 10, at: "0"))
    #expect(order.apply(report(.filled, fill: 10)) == .changed(filled: .zero, value: Money(rupees: 1000)))
    #expect(order.apply(report(.filled, fill: 10, at: "0")) == .none)
    #expect(order.averagePrice == price("100"))
  }

  @Test func `its last change never moves back`() {
    var order = order(report(.submitted, second: 5))
    _ = order.apply(report(.accepted, second: 2))
    #expect(order.lastChange == Sample.opening.adding(nanoseconds: 5_000_000_000))
  }

  // MARK: Any order of arrival

  /// What really happened to an order, as the broker told it bit by bit.
  private static let histories: [[OrderReport]] = {
    func report(_ transition: OrderTransition, _ fill: Int64? = nil, _ value: Int64 = 0) -> OrderReport {
      OrderReport(
        correlationID: Sample.request().correlationID, transition: transition,
        brokerOrderID: transition == .outcomeLost ? nil : BrokerOrderID("1"),
        cumulativeFill: fill.map { .init(quantity: quantityOf($0), value: Money(rupees: value)) }, at: Sample.opening)
    }
    let lost = report(.outcomeLost)
    let accepted = report(.accepted)
    let parts = [report(.partiallyFilled, 2, 200), report(.partiallyFilled, 5, 510)]
    return [
      [lost, accepted] + parts + [report(.filled, 10, 1030)],
      [accepted] + parts + [report(.accepted, 5, 510), report(.cancelled, 5, 510)],
      [lost, accepted] + parts + [report(.expired, 5, 510)],
      [lost, accepted, report(.rejected)],
      [accepted, report(.cancelled, 0, 0)],
      [lost, report(.filled, 10, 1000), report(.cancelled, 10, 1000)],
    ]
  }()

  @Test(arguments: histories.indices)
  func `reports of one history end the same in every order of arrival`(index: Int) {
    let history = Self.histories[index]
    let expected = Self.ending(of: history)
    #expect(expected.contradictionCount == 0)
    Self.permute(history) { permutation in
      #expect(Self.ending(of: permutation) == expected)
    }
  }

  @Test func `and however often each of them comes`() {
    var random = SeededGenerator(seed: 5)
    for history in Self.histories {
      let expected = Self.ending(of: history)
      for _ in 0..<500 {
        var reports = history
        for _ in 0..<Int.random(in: 0...6, using: &random) {
          reports.append(certain(history.randomElement(using: &random)))
        }
        reports.shuffle(using: &random)
        #expect(Self.ending(of: reports) == expected)
      }
    }
  }

  private struct Ending: Equatable {
    var state: OrderState
    var filled: Quantity
    var value: Money
    /// The sum of what each report was said to have added.
    var counted: Int64 = 0
    var countedValue = Money.zero
    var contradictionCount = 0
  }

  private static func ending(of reports: [OrderReport]) -> Ending {
    var order = Order(Sample.request(10), createdAt: Sample.opening)
    _ = order.apply(
      OrderReport(correlationID: order.request.correlationID, transition: .submitted, at: Sample.opening))
    var ending = Ending(state: .created, filled: .zero, value: .zero)
    for report in reports {
      switch order.apply(report) {
      case .changed(let filled, let value):
        ending.counted += filled.units
        ending.countedValue += value
      case .none: break
      case .contradiction: ending.contradictionCount += 1
      }
    }
    ending.state = order.state
    ending.filled = order.filledQuantity
    ending.value = order.filledValue
    return ending
  }

  private static func permute(_ reports: [OrderReport], _ body: ([OrderReport]) -> Void) {
    func visit(_ done: [OrderReport], _ rest: [OrderReport]) {
      if rest.isEmpty { return body(done) }
      for index in rest.indices {
        var left = rest
        let next = left.remove(at: index)
        visit(done + [next], left)
      }
    }
    visit([], reports)
  }
}
