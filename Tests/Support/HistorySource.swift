package import Actors
package import OrderDomain

/// A history as an engine writes it: alerts, what is sent of them, and all that brokers may say, some of it late.
package struct HistorySource {
  private var random: SeededGenerator
  package private(set) var time = Sample.opening
  private var nextAlert: UInt64 = 1
  private var open: [CorrelationID] = []
  private var ended: [CorrelationID] = []
  private var filled: [CorrelationID: Int64] = [:]
  private var submitted: Set<CorrelationID> = []
  private var alerts: [AlertIdentity] = []

  private let isTidy: Bool

  /// - Parameter isTidy: no alert is accepted twice, and nothing comes of one after its orders' ends.
  package init(seed: UInt64, isTidy: Bool = false) {
    random = SeededGenerator(seed: seed)
    self.isTidy = isTidy
  }

  package static let quantity: Int64 = 100
  private static let instruments = [Sample.reliance, Sample.niftyCall, Sample.goldFuture]

  package mutating func next() -> (event: JournalEvent, time: Timestamp) {
    let step: Int64 =
      Int.random(in: 0..<150, using: &random) == 0
      ? 40_000_000_000_000 : Int64.random(in: 0...20_000_000_000, using: &random)
    time = time.adding(nanoseconds: step)
    return (event(), time)
  }

  private mutating func event() -> JournalEvent {
    switch Int.random(in: 0..<20, using: &random) {
    case 0: return .engineStarted(EngineStart(version: "1"))
    case 1:
      guard let id = open.randomElement(using: &random) else { return .engineStopped }
      return .cancelSent(SentCancel(correlationID: id, at: time))
    case 2..<8: return .alertAccepted(alert())
    case 8:
      guard !isTidy, let alert = alerts.randomElement(using: &random),
        let id = CorrelationID(alert: alert, leg: 1, slice: 1, attempt: Int.random(in: 1...3, using: &random))
      else { return .writingResumed }
      open.append(id)
      return .orderIntended(
        IntendedOrder(correlationID: id, alert: alert, type: .market, quantity: quantityOf(HistorySource.quantity)))
    case 9:
      // Late news of what had ended: a fill that won the race, or the same again.
      guard !isTidy, let id = ended.randomElement(using: &random) else { return .writingResumed }
      return report(id, .filled, units: HistorySource.quantity)
    default:
      guard let index = open.indices.randomElement(using: &random) else { return .writingResumed }
      return progress(open[index], at: index)
    }
  }

  private mutating func progress(_ id: CorrelationID, at index: Int) -> JournalEvent {
    guard submitted.contains(id) else {
      submitted.insert(id)
      return report(id, .submitted, units: 0)
    }
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return report(id, .accepted, units: 0)
    case 1:
      let units = min(filled[id, default: 0] + Int64.random(in: 1...60, using: &random), HistorySource.quantity - 1)
      filled[id] = units
      return report(id, .partiallyFilled, units: units)
    case 2: return report(id, .outcomeLost, units: 0)
    case 3:
      end(index)
      return report(id, .filled, units: HistorySource.quantity)
    case 4:
      end(index)
      return report(id, .cancelled, units: filled[id, default: 0])
    default:
      end(index)
      return report(id, .rejected, units: 0)
    }
  }

  private mutating func end(_ index: Int) { ended.append(open.remove(at: index)) }

  private func report(_ id: CorrelationID, _ transition: OrderTransition, units: Int64) -> JournalEvent {
    let value = Money(tenThousandths: Int128(units) * Int128(1_000_000 + Int64(id.slice) * 1_000))
    return .orderReported(
      OrderReport(
        correlationID: id, transition: transition,
        cumulativeFill: units > 0 ? OrderReport.CumulativeFill(quantity: quantityOf(units), value: value) : nil,
        at: time))
  }

  private mutating func alert() -> AcceptedAlert {
    // Now and then one comes again after its window.
    let isRepeat = !isTidy && Int.random(in: 0..<40, using: &random) == 0
    let identity =
      isRepeat
      ? alerts.randomElement(using: &random) ?? AlertIdentity(high: 0, low: 1)
      : AlertIdentity(high: nextAlert &* 0x9E37_79B9_7F4A_7C15, low: nextAlert)
    nextAlert += 1
    alerts.append(identity)
    let legs = (1...Int.random(in: 1...2, using: &random)).map { number in
      let slices = (1...Int.random(in: 1...2, using: &random)).map { index in
        Slice(
          number: index, quantity: quantityOf(HistorySource.quantity),
          correlationID: certain(CorrelationID(alert: identity, leg: number, slice: index)))
      }
      return Leg(
        number: number, account: Int.random(in: 0..<3, using: &random) == 0 ? Sample.otherAccount : Sample.account,
        instrument: certain(HistorySource.instruments.randomElement(using: &random)),
        side: Bool.random(using: &random) ? .buy : .sell, pricing: .fixed(.market),
        quantity: quantityOf(HistorySource.quantity * Int64(slices.count)), product: .intraday, validity: .day,
        isAfterMarket: false, role: .entry, rank: number == 1 || isTidy ? 0 : Int.random(in: 0...1, using: &random),
        slices: slices, entryNumber: nil)
    }
    open += legs.flatMap(\.slices).map(\.correlationID)
    let window = Bool.random(using: &random) ? 30_000_000_000 : Int64(86_400_000_000_000)
    let key: AlertIdentity? =
      Bool.random(using: &random) ? nil : AlertIdentity(high: identity.high ^ 1, low: identity.low)
    return AcceptedAlert(
      identity: identity, key: key, bodyDigest: identity, receivedAt: time,
      rememberedUntil: time.adding(nanoseconds: window), format: .native, body: [],
      plan: ExecutionPlan(
        alert: identity, strategy: nil, style: .parallel, endPolicy: .complete,
        deadline: time.adding(nanoseconds: 30_000_000_000), legs: legs))
  }
}
