import Actors
import OrderDomain
import TestSupport

/// Random journal events, legal in every field and wild in all of them.
struct EventSource {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func number(_ range: ClosedRange<Int64>) -> Int64 {
    // The ends are as likely as all between them together.
    switch random.next() % 4 {
    case 0: range.lowerBound
    case 1: range.upperBound
    default: .random(in: range, using: &random)
    }
  }

  mutating func one<Element>(of elements: [Element]) -> Element { certain(elements.randomElement(using: &random)) }
  mutating func maybe<Value>(_ make: (inout EventSource) -> Value) -> Value? {
    random.next() % 3 == 0 ? nil : make(&self)
  }

  mutating func text(atMost count: Int64 = 40) -> String {
    let letters = Array("abcXYZ019 -:&₹é\u{0}\"\\")
    return String((0..<number(0...count)).map { _ in one(of: letters) })
  }

  mutating func timestamp() -> Timestamp { Timestamp(nanoseconds: number(.min ... .max)) }
  mutating func identity() -> AlertIdentity { AlertIdentity(high: random.next(), low: random.next()) }
  mutating func price() -> Price { certain(Price(tenThousandths: number(0...90_000_000_000))) }
  mutating func quantity() -> Quantity { certain(Quantity(number(0...100_000_000))) }
  mutating func date() -> CalendarDate { CalendarDate(daysSinceEpoch: Int32(number(-700_000...2_900_000))) }
  mutating func refusal() -> Refusal { Refusal(code: text(), cause: text(), fix: text()) }

  mutating func tag(of alert: AlertIdentity? = nil) -> CorrelationID {
    certain(
      CorrelationID(
        alert: alert ?? identity(), leg: Int(number(1...31)), slice: Int(number(1...1023)),
        attempt: Int(number(0...31))))
  }

  mutating func orderType() -> OrderType {
    switch random.next() % 4 {
    case 0: .market
    case 1: .limit(price())
    case 2: .stopLimit(trigger: price(), limit: price())
    default: .stopMarket(trigger: price())
    }
  }

  mutating func pricing() -> LegPricing {
    switch random.next() % 3 {
    case 0: .fixed(orderType())
    case 1: .stop(distance: price())
    default: .target(distance: price())
    }
  }

  mutating func instrument() -> Instrument {
    let contract: Contract =
      switch random.next() % 5 {
      case 0: .equity
      case 1: .index
      case 2: .future(expiry: date())
      case 3: .option(expiry: date(), strike: price(), type: .call)
      default: .option(expiry: date(), strike: price(), type: .put)
      }
    let lot = certain(LotSize(number(1...100_000_000)))
    return Instrument(
      key: InstrumentKey(segment: one(of: ExchangeSegment.allCases), securityID: SecurityID(random.next())),
      contract: contract, underlying: text(), tradingSymbol: text(), brokerSymbol: text(), series: text(),
      lotSize: lot, tickSize: certain(TickSize(certain(Price(tenThousandths: number(1...90_000_000_000))))),
      freezeQuantity: maybe { FreezeQuantity(largestPublished: $0.quantity(), lot: lot) } ?? nil)
  }

  mutating func leg(_ alert: AlertIdentity, number: Int) -> Leg {
    let slices = (1...Int(self.number(1...6))).map { index in
      Slice(
        number: index, quantity: quantity(),
        correlationID: certain(CorrelationID(alert: alert, leg: number, slice: index)))
    }
    return Leg(
      number: number, account: certain(AccountID(one(of: ["a", "Main_1", String(repeating: "z", count: 32)]))),
      instrument: instrument(), side: one(of: [.buy, .sell]), pricing: pricing(), quantity: quantity(),
      product: one(of: ProductType.allCases), validity: one(of: [.day, .immediateOrCancel]),
      isAfterMarket: one(of: [true, false]), role: one(of: [.entry, .stop, .target, .exit]),
      rank: Int(self.number(0...31)), slices: slices, entryNumber: maybe { Int($0.number(1...31)) })
  }

  mutating func acceptedAlert() -> AcceptedAlert {
    let alert = identity()
    let legs = (1...Int(number(1...5))).map { leg(alert, number: $0) }
    return AcceptedAlert(
      identity: alert, key: maybe { $0.identity() }, bodyDigest: identity(), receivedAt: timestamp(),
      rememberedUntil: timestamp(),
      format: one(of: [.optionOrder, .multiLegOrder, .native]), body: Array(text(atMost: 300).utf8),
      plan: ExecutionPlan(
        alert: alert, strategy: maybe { $0.text() }, style: one(of: [.parallel, .sequential, .bracket]),
        endPolicy: one(of: [.unwind, .complete, .holdAndAlert]), deadline: timestamp(), legs: legs))
  }

  mutating func intendedOrder() -> IntendedOrder {
    let alert = identity()
    return IntendedOrder(correlationID: tag(of: alert), alert: alert, type: orderType(), quantity: quantity())
  }

  mutating func report() -> OrderReport {
    let fill = maybe { source in
      OrderReport.CumulativeFill(
        quantity: source.quantity(),
        value: Money(
          tenThousandths: Int128(
            truncatingIfNeeded: UInt128(source.random.next()) << 64 | UInt128(source.random.next()))
        ))
    }
    return OrderReport(
      correlationID: tag(), transition: one(of: OrderTransition.allCases),
      brokerOrderID: maybe {
        certain(BrokerOrderID($0.one(of: ["1", "112111182198", String(repeating: "~", count: 40)])))
      },
      cumulativeFill: fill, refusal: maybe { $0.refusal() }, at: timestamp())
  }

  mutating func event() -> JournalEvent {
    switch random.next() % 6 {
    case 4: .cancelSent(SentCancel(correlationID: tag(of: identity()), at: timestamp()))
    case 5: .configurationChanged(ConfigurationChange(by: text(), keys: (0..<number(0...9)).map { _ in text() }))
    case 0: .engineStarted(EngineStart(version: text()))
    case 1: .alertAccepted(acceptedAlert())
    case 2: .orderIntended(intendedOrder())
    default: .orderReported(report())
    }
  }
}
