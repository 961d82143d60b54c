public import OrderDomain

/// What the journal says about the past, folded record by record: which alerts are known, where their orders stand, and
/// what older ones have left behind.
///
/// The latest alerts, and all with an order that can still change, are kept whole. An older one that has come to its end
/// is retired: its fills go into ``positions``, and its identity is remembered as long as it makes a duplicate. When that
/// happens depends on nothing but the records, so a fold that was put down in a snapshot and taken up again ends where
/// one over all records does.
public struct JournalFold: Sendable {
  /// An alert that is kept whole.
  public struct Alert: Sendable {
    public fileprivate(set) var accepted: AcceptedAlert
    /// Orders whose terms were fixed later.
    public fileprivate(set) var intended: [CorrelationID: IntendedOrder] = [:]
    /// As they came.
    public fileprivate(set) var reports: [OrderReport] = []
    public fileprivate(set) var cancels: [SentCancel] = []
  }

  /// What is left of an alert that has come to its end.
  public struct Remembered: Hashable, Sendable {
    public let identity: AlertIdentity
    public let key: AlertIdentity
    public let bodyDigest: AlertIdentity
    public let until: Timestamp

    var isOfUsedKey: Bool { key != identity.ledgerKey(bodyDigest) }
  }

  /// What retired alerts have traded of one instrument under one product.
  struct Possession: Hashable {
    let account: AccountID
    let instrument: InstrumentKey
    let product: ProductType
  }

  struct LastTrade: Sendable {
    let time: Timestamp
    let price: Price
  }

  /// So many alerts are kept whole, whatever has become of them: those that people ask for.
  public static let standardLatestLimit = 1_000
  /// An end that nothing is known to follow (filled, refused) is believed after so long: a broker may correct a price.
  static let settlingNanoseconds: Int64 = 60_000_000_000

  public private(set) var startCount = 0
  /// The latest time of any record.
  public private(set) var newest = Timestamp(nanoseconds: .min)
  public private(set) var remembered: [Remembered] = []
  private var alerts: [UInt128: Alert] = [:]
  private var latest = Queue()
  /// Pushed out of ``latest``, and perhaps not at their end yet.
  private var aging = Queue()
  private var possessions: [Possession: Position] = [:]
  private var lastTrades: [InstrumentKey: LastTrade] = [:]
  /// Orders that retired alerts have sent, by account, for the latest two dates of each.
  private var sent: [AccountID: [CalendarDate: Int]] = [:]
  private var pruneCount = 4_096

  private let latestLimit: Int

  public init(latestLimit: Int = JournalFold.standardLatestLimit) { self.latestLimit = latestLimit }

  // MARK: Folding

  public mutating func fold(_ event: JournalEvent, at time: Timestamp) {
    newest = max(newest, time)
    switch event {
    case .engineStarted: startCount += 1
    case .alertAccepted(let accepted):
      keep(accepted)
      retireSome()
    case .orderIntended(let intended):
      alerts[CorrelationID.alertDigest(of: intended.alert)]?.intended[intended.correlationID] = intended
    case .orderReported(let report): alerts[report.correlationID.alertDigest]?.reports.append(report)
    case .cancelSent(let cancel): alerts[cancel.correlationID.alertDigest]?.cancels.append(cancel)
    case .engineStopped, .writingResumed, .configurationChanged: break
    }
  }

  private mutating func keep(_ accepted: AcceptedAlert) {
    let key = CorrelationID.alertDigest(of: accepted.identity)
    if alerts[key] != nil {
      // Accepted again after its window: its orders are the same ones.
      alerts[key]?.accepted = accepted
      latest.remove(key)
      aging.remove(key)
    } else {
      alerts[key] = Alert(accepted: accepted)
    }
    latest.append(key)
  }

  /// Two alerts are looked at for each that comes, so that those which cannot be retired yet hold nobody up.
  private mutating func retireSome() {
    if latest.count > latestLimit, let key = latest.popFirst() { aging.append(key) }
    for _ in 0..<min(2, aging.count) {
      guard let key = aging.popFirst(), let alert = alerts[key] else { continue }
      let orders = alert.orders()
      if hasEnded(alert, orders) { retire(key, alert, orders) } else { aging.append(key) }
    }
  }

  private func hasEnded(_ alert: Alert, _ orders: [Alert.FoldedOrder]) -> Bool {
    // A leg that nothing was sent of may be under way still: its turn comes after another's fill.
    let hasUnsentLeg = alert.accepted.plan.legs.contains { leg in
      !orders.contains { Int($0.request.correlationID.leg) == leg.number }
    }
    if hasUnsentLeg, newest.indianDate <= alert.accepted.receivedAt.indianDate { return false }
    return orders.allSatisfy { folded in
      switch folded.order.state {
      case .filled, .denied, .rejected:
        newest.nanoseconds(since: folded.order.lastChange) > JournalFold.settlingNanoseconds
      // A fill that won the race may be reported late, but not on another day.
      case .cancelled, .expired: newest.indianDate > folded.order.lastChange.indianDate
      case .created, .submitted, .unknown, .accepted, .partiallyFilled: false
      }
    }
  }

  private mutating func retire(_ key: UInt128, _ alert: Alert, _ orders: [Alert.FoldedOrder]) {
    alerts[key] = nil
    remember(
      Remembered(
        identity: alert.accepted.identity, key: alert.accepted.key, bodyDigest: alert.accepted.bodyDigest,
        until: alert.accepted.rememberedUntil))
    for folded in orders {
      let request = folded.request
      if folded.order.filledValue != .zero || folded.order.filledQuantity > .zero {
        let possession = Possession(
          account: request.account, instrument: request.instrument.key, product: request.product)
        possessions[
          possession,
          default: Position(account: request.account, instrument: request.instrument, product: request.product)
        ].add(request.side, units: folded.order.filledQuantity.units, value: folded.order.filledValue)
      }
      if let trade = folded.lastTrade { note(trade, of: request.instrument.key) }
      for report in folded.reports where report.transition == .submitted {
        count(1, sentBy: request.account, on: report.at.indianDate)
      }
    }
  }

  private mutating func remember(_ alert: Remembered) {
    remembered.append(alert)
    guard remembered.count >= pruneCount else { return }
    remembered.removeAll { $0.until < newest }
    pruneCount = max(4_096, remembered.count * 2)
  }

  private mutating func note(_ trade: LastTrade, of instrument: InstrumentKey) {
    if lastTrades[instrument].map({ $0.time <= trade.time }) ?? true { lastTrades[instrument] = trade }
  }

  private mutating func count(_ number: Int, sentBy account: AccountID, on date: CalendarDate) {
    var dates = sent[account] ?? [:]
    dates[date, default: 0] += number
    if dates.count > 2, let oldest = dates.keys.min() { dates[oldest] = nil }
    sent[account] = dates
  }

  // MARK: What a start needs

  /// The alerts that are kept whole, in the order in which they were accepted but for those that wait for their end, which
  /// come first.
  public var keptAlerts: [Alert] { (aging.keys + latest.keys).compactMap { alerts[$0] } }

  /// What retired alerts have left, in a stable order.
  public var positions: [Position] {
    possessions.sorted { JournalFold.precedes($0.key, $1.key) }.map(\.value)
  }

  /// What each instrument was traded at last, by the fills of the orders that were reported.
  public var lastPrices: [InstrumentKey: Price] {
    var fold = self
    for alert in keptAlerts {
      for folded in alert.orders() {
        if let trade = folded.lastTrade { fold.note(trade, of: folded.request.instrument.key) }
      }
    }
    return fold.lastTrades.mapValues(\.price)
  }

  /// How many orders each account sent on that date: what a broker's limit for the day has counted.
  public func sentCounts(on date: CalendarDate) -> [AccountID: Int] {
    var counts = sent.compactMapValues { $0[date] }
    for alert in alerts.values {
      for folded in alert.orders() {
        let count = folded.reports.count { $0.transition == .submitted && $0.at.indianDate == date }
        if count > 0 { counts[folded.request.account, default: 0] += count }
      }
    }
    return counts
  }

  /// When each account sent its orders and cancels since `time`, the earliest first: what a broker's shorter limits have
  /// counted. Alerts that have been retired since are left out; a thousand others came after each of them.
  public func departures(since time: Timestamp) -> [AccountID: [Timestamp]] {
    var departures: [AccountID: [Timestamp]] = [:]
    for alert in alerts.values {
      for folded in alert.orders() {
        for report in folded.reports where report.transition == .submitted && report.at >= time {
          departures[folded.request.account, default: []].append(report.at)
        }
      }
      for cancel in alert.cancels where cancel.at >= time {
        guard let leg = alert.accepted.plan.legs.first(where: { $0.number == Int(cancel.correlationID.leg) })
        else { continue }
        departures[leg.account, default: []].append(cancel.at)
      }
    }
    return departures.mapValues { $0.sorted() }
  }

  private static func precedes(_ left: Possession, _ right: Possession) -> Bool {
    (left.account, left.instrument.segment.code, left.instrument.securityID.number, left.product.code)
      < (right.account, right.instrument.segment.code, right.instrument.securityID.number, right.product.code)
  }

  /// Keys first in, first out.
  private struct Queue: Sendable {
    private var items: [UInt128] = []
    private var head = 0

    var count: Int { items.count - head }
    var keys: ArraySlice<UInt128> { items[head...] }

    mutating func append(_ key: UInt128) { items.append(key) }

    mutating func popFirst() -> UInt128? {
      guard head < items.count else { return nil }
      head += 1
      let key = items[head - 1]
      if head > 64, head * 2 > items.count {
        items.removeFirst(head)
        head = 0
      }
      return key
    }

    mutating func remove(_ key: UInt128) {
      if let index = keys.firstIndex(of: key) { items.remove(at: index) }
    }
  }
}

// MARK: Snapshots

extension JournalFold {
  /// Everything that is known, as facts that make the same fold again; the same ones in the same order for the same fold.
  func facts() -> [SnapshotFact] {
    var facts: [SnapshotFact] = [
      .summary(startCount: startCount, newest: newest, agingCount: aging.count)
    ]
    facts += remembered.lazy.filter { $0.until >= newest }.map { .remembered($0) }
    for alert in keptAlerts {
      facts.append(.alert(alert.accepted))
      facts += alert.intended.values.sorted { $0.correlationID < $1.correlationID }
        .map { .intended($0) }
      facts += alert.reports.map { .reported($0) }
      facts += alert.cancels.map { .cancelSent($0) }
    }
    facts += positions.map { .position($0) }
    let trades = lastTrades.sorted {
      ($0.key.segment.code, $0.key.securityID.number) < ($1.key.segment.code, $1.key.securityID.number)
    }
    facts += trades.map { .lastTrade($0.key, $0.value) }
    for (account, dates) in sent.sorted(by: { $0.key < $1.key }) {
      facts += dates.sorted { $0.key < $1.key }.map { .sent(account, $0.key, $0.value) }
    }
    return facts
  }

  /// Takes up one of ``facts()``, in their order.
  mutating func take(_ fact: SnapshotFact, agingLeft: inout Int) {
    switch fact {
    case .summary(let startCount, let newest, let agingCount):
      self.startCount = startCount
      self.newest = newest
      agingLeft = agingCount
    case .remembered(let alert): remember(alert)
    case .alert(let accepted):
      let key = CorrelationID.alertDigest(of: accepted.identity)
      alerts[key] = Alert(accepted: accepted)
      if agingLeft > 0 {
        aging.append(key)
        agingLeft -= 1
      } else {
        latest.append(key)
      }
    case .intended(let intended):
      alerts[CorrelationID.alertDigest(of: intended.alert)]?.intended[intended.correlationID] = intended
    case .reported(let report): alerts[report.correlationID.alertDigest]?.reports.append(report)
    case .cancelSent(let cancel): alerts[cancel.correlationID.alertDigest]?.cancels.append(cancel)
    case .position(let position):
      possessions[
        Possession(account: position.account, instrument: position.instrument.key, product: position.product)] =
        position
    case .lastTrade(let instrument, let trade): lastTrades[instrument] = trade
    case .sent(let account, let date, let count): sent[account, default: [:]][date] = count
    }
  }
}

// MARK: Orders

extension JournalFold.Alert {
  /// An order that was sent or may have been, and all that was reported of it.
  struct FoldedOrder {
    let request: OrderRequest
    let reports: [OrderReport]
    let order: Order

    /// By its latest report with a fill: the average, on a tick.
    var lastTrade: JournalFold.LastTrade? {
      guard let report = reports.last(where: { $0.cumulativeFill != nil }), let fill = report.cumulativeFill,
        let average = Price(averageOf: fill.value, over: fill.quantity),
        let price = request.instrument.tickSize.round(average, .nearest), price > .zero
      else { return nil }
      return JournalFold.LastTrade(time: report.at, price: price)
    }
  }

  func orders() -> [FoldedOrder] {
    requestsWithReports().map { request, reports in
      var order = Order(request, createdAt: accepted.receivedAt)
      for report in reports { _ = order.apply(report) }
      return FoldedOrder(request: request, reports: reports, order: order)
    }
  }

  /// How every order that was sent or may have been stands.
  public func standings() -> [Order] { orders().map(\.order) }

  /// Every order that was sent or may have been, as it was asked for, with its reports as they came.
  public func requestsWithReports() -> [(request: OrderRequest, reports: [OrderReport])] {
    if let only = onlyRequest() { return [only] }
    let reports = Dictionary(grouping: reports, by: \.correlationID)
    var requests: [(OrderRequest, [OrderReport])] = []
    let firstRank = accepted.plan.legs.map(\.rank).min() ?? 0
    for leg in accepted.plan.legs {
      for slice in leg.slices {
        if case .fixed(let type) = leg.pricing, leg.rank == firstRank || reports[slice.correlationID] != nil,
          intended[slice.correlationID] == nil
        {
          let request = leg.request(slice.correlationID, type, slice.quantity)
          requests.append((request, reports[slice.correlationID] ?? []))
        }
      }
      let own = intended.values.filter { Int($0.correlationID.leg) == leg.number }.sorted {
        ($0.correlationID.attempt, $0.correlationID.slice) < ($1.correlationID.attempt, $1.correlationID.slice)
      }
      for intended in own {
        let request = leg.request(intended.correlationID, intended.type, intended.quantity)
        requests.append((request, reports[intended.correlationID] ?? []))
      }
    }
    return requests
  }

  /// One order of one leg, which most alerts are, without a table.
  private func onlyRequest() -> (request: OrderRequest, reports: [OrderReport])? {
    guard intended.isEmpty, accepted.plan.legs.count == 1, accepted.plan.legs[0].slices.count == 1 else { return nil }
    let leg = accepted.plan.legs[0]
    let slice = leg.slices[0]
    guard case .fixed(let type) = leg.pricing, reports.allSatisfy({ $0.correlationID == slice.correlationID }) else {
      return nil
    }
    return (leg.request(slice.correlationID, type, slice.quantity), reports)
  }
}

extension Leg {
  fileprivate func request(_ id: CorrelationID, _ type: OrderType, _ quantity: Quantity) -> OrderRequest {
    OrderRequest(
      correlationID: id, account: account, instrument: instrument, side: side, type: type, quantity: quantity,
      product: product, validity: validity, isAfterMarket: isAfterMarket, isExit: role != .entry)
  }
}
