import Actors
import BrokerSimulation
import OrderDomain
import OrderEngine
import SimulatedExchange

/// What must hold in every world, by name. Cheap rules are looked at when something happens that could break them, the
/// others when all is quiet.
package enum Invariant: String, Sendable {
  /// No broker ever has two orders under one tag.
  case oneOrderPerTag
  /// At no moment does the engine send more than a broker's limits allow.
  case withinRates
  /// Nothing but a broker's proof leads out of `unknown`.
  case unknownUntilProven
  /// An alert that was answered 200 is in the journal of every later life.
  case acceptedIsKept
  /// No byte whose durability was promised is ever cut off.
  case durableIsKept
  /// A journal that a crash leaves behind can be read.
  case journalIsReadable
  /// A start from a snapshot finds what one from all records would.
  case snapshotAgrees
  /// After a restart orders stand as the journal says.
  case restoredAsJournaled
  /// What must be refused is refused.
  case badIsRefused
  /// When faults are over, the engine serves again.
  case recovers
  /// Every accepted alert comes to an end that can be asked for.
  case everyAlertEnds
  /// At the end the engine's orders stand as the broker's do.
  case ordersAgree
  /// At the end no exit of a bracket works for more than is left of what its entry filled, and nothing is left without
  /// one unless a person was told.
  case exitsFit
  /// At the end the engine's positions are the broker's.
  case positionsAgree
  /// When the engine has stopped, nothing of it is left running.
  case nothingLeftRunning
  /// A repeat without a key, outside its window, is an alert of its own.
  case repeatIsCarriedOut
}

package struct Violation: Error, CustomStringConvertible {
  package let invariant: Invariant
  package let detail: String

  package var description: String { "\(invariant.rawValue): \(detail)" }
}

/// Watches one world. Knows the truth that the engine does not: what the brokers hold, what the disk promised, what the
/// senders were told.
final class Judge: @unchecked Sendable {
  // Unchecked: see SimulatedExecutor.
  /// The first that was found.
  private(set) var violation: Violation?
  private let world: World
  private let setting: WorldSetting
  weak var brokers: SimulatedBrokers?
  private var acknowledged: [String: Int] = [:]
  private(set) var acknowledgedCount = 0
  private var departures: [Broker: [Int64]] = [:]
  private var states: [CorrelationID: OrderState] = [:]
  /// Alerts that were answered 200.
  private var accepted: [AlertIdentity] = []
  private var taken: Set<AlertIdentity> = []
  private var unguardedCount = 0
  private var uncancelledCount = 0
  /// Orders that a power cut took out of the journal, of which a person was told.
  private var lostTags: Set<String> = []
  /// How the last life left things, for the next to be measured by.
  private var left: [CorrelationID: OrderFacts]?

  init(world: World, setting: WorldSetting) {
    self.world = world
    self.setting = setting
  }

  func fail(_ invariant: Invariant, _ detail: String) {
    guard violation == nil else { return }
    world.note("VIOLATION \(invariant.rawValue): \(detail)")
    violation = Violation(invariant: invariant, detail: detail)
  }

  // MARK: While it runs

  func received(_ entry: OrderLog.Entry) {
    guard case .acknowledged(let id) = entry.outcome else {
      return world.note("\(entry.broker.code) refuses \(entry.tag ?? "an order"): \(entry.outcome)")
    }
    world.note("\(entry.broker.code) takes \(entry.tag ?? "an order without a tag") as \(id.text)")
    acknowledgedCount += 1
    guard let tag = entry.tag else { return fail(.oneOrderPerTag, "an order without a tag at \(entry.broker.code)") }
    acknowledged[tag, default: 0] += 1
    if let count = acknowledged[tag], count > 1 {
      fail(.oneOrderPerTag, "\(entry.broker.code) has \(count) orders under \(tag)")
    }
  }

  func departed(_ broker: Broker) {
    guard let policy = setting.configuration.accounts.first(where: { $0.broker == broker })?.rateLimit else { return }
    var times = departures[broker] ?? []
    times.append(world.now)
    departures[broker] = times
    for window in policy.windows {
      let length = window.length.components.seconds * 1_000_000_000
      let count = times.reversed().prefix { world.now - $0 < length }.count
      if count > window.limit {
        fail(.withinRates, "\(count) calls to \(broker.code) within \(window.name), \(window.limit) are allowed")
      }
    }
    if let limit = policy.dayLimit, times.count > limit { fail(.withinRates, "more calls than a day allows") }
  }

  func changed(_ order: Order) {
    let id = order.request.correlationID
    let before = states[id]
    states[id] = order.state
    world.note(
      "order \(id) \(before?.code ?? "-") → \(order.state.code) \(order.filledQuantity)/\(order.request.quantity) "
        + (order.refusal?.code ?? ""))
    guard before == .unknown, order.state != .unknown, order.request.account.name != "paper" else { return }
    let isHeld = acknowledged[id.description] != nil
    if order.state == .created {
      if isHeld { fail(.unknownUntilProven, "\(id) counts as absent, and the broker has it") }
      if brokers?.underway[id.description, default: 0] ?? 0 > 0 {
        fail(.unknownUntilProven, "\(id) counts as absent, and is on its way to the broker")
      }
    } else if !isHeld, order.state != .rejected {
      fail(.unknownUntilProven, "\(id) is \(order.state.code), and the broker does not have it")
    }
  }

  func answered(_ identity: AlertIdentity, isNew: Bool) {
    if isNew, !taken.insert(identity).inserted {
      fail(.repeatIsCarriedOut, "alert \(identity) was taken as new twice: the second never becomes an order")
    }
    if !accepted.contains(identity) { accepted.append(identity) }
  }

  var acceptedCount: Int { accepted.count }

  // MARK: At a start

  func recovered(_ end: LogPlace, promised: LogPlace) {
    if (end.segment, end.offset) < (promised.segment, promised.offset) {
      fail(.durableIsKept, "the journal was durable up to \(promised), and is believed up to \(end)")
    }
  }

  func restored(_ core: EngineCore, _ past: [JournalEvent]) {
    states = [:]
    var known: Set<AlertIdentity> = []
    var reports: [CorrelationID: [OrderReport]] = [:]
    var callCount = 0
    var remote: Set<LegKey> = []
    func isRemote(_ id: CorrelationID) -> Bool { remote.contains(LegKey(alert: id.alertDigest, leg: Int(id.leg))) }
    for event in past {
      switch event {
      case .alertAccepted(let alert):
        known.insert(alert.identity)
        for leg in alert.plan.legs where leg.account.name != "paper" {
          remote.insert(LegKey(alert: CorrelationID.alertDigest(of: alert.identity), leg: leg.number))
        }
      case .orderReported(let report):
        reports[report.correlationID, default: []].append(report)
        if report.transition == .submitted, isRemote(report.correlationID) { callCount += 1 }
      case .cancelSent(let cancel): if isRemote(cancel.correlationID) { callCount += 1 }
      case .engineStarted, .engineStopped, .writingResumed, .orderIntended, .configurationChanged: break
      }
    }
    // Calls that a crash or a bad disk kept from the journal nobody can count.
    if callCount < departures.values.reduce(0, { $0 + $1.count }) { departures = [:] }
    if left != nil { checkBrackets(past, Judge.orders(core)) }
    for identity in accepted where !known.contains(identity) {
      fail(.acceptedIsKept, "alert \(identity) was answered 200 and is not in the journal")
    }
    for order in Judge.orders(core) {
      let id = order.request.correlationID
      states[id] = order.state
      var expected = Order(order.request, createdAt: order.lastChange)
      for report in reports[id] ?? [] { _ = expected.apply(report) }
      if OrderFacts(expected) != OrderFacts(order) {
        fail(.restoredAsJournaled, "\(id) is \(OrderFacts(order)), the journal says \(OrderFacts(expected))")
      }
      if let before = left?.removeValue(forKey: id), before != OrderFacts(order) {
        fail(.restoredAsJournaled, "\(id) is \(OrderFacts(order)), it was left as \(before)")
      }
    }
    for (id, facts) in (left ?? [:]).sorted(by: { $0.key.description < $1.key.description }) {
      fail(.restoredAsJournaled, "\(id) is forgotten, it was left as \(facts)")
    }
    left = nil
  }

  private func checkBrackets(_ past: [JournalEvent], _ orders: [Order]) {
    let legs = Dictionary(grouping: orders) {
      LegKey(alert: $0.request.correlationID.alertDigest, leg: Int($0.request.correlationID.leg))
    }
    for event in past {
      guard case .alertAccepted(let alert) = event, alert.plan.style == .bracket else { continue }
      let digest = CorrelationID.alertDigest(of: alert.identity)
      func orders(_ leg: Leg) -> [Order] { legs[LegKey(alert: digest, leg: leg.number)] ?? [] }
      for entry in alert.plan.legs where entry.role == .entry {
        let exits = alert.plan.legs.filter { $0.entryNumber == entry.number }
        guard !exits.isEmpty, orders(entry).allSatisfy(\.state.isFinal) else { continue }
        let filled = orders(entry).reduce(0) { $0 + $1.filledQuantity.units }
        let exited = exits.reduce(0) { $0 + orders($1).reduce(0) { $0 + $1.filledQuantity.units } }
        var isGuarded = false
        for exit in exits {
          let open = orders(exit).filter { !$0.state.isFinal }.reduce(0) { $0 + $1.remainingQuantity.units }
          isGuarded = isGuarded || open > 0
          // A broker that never lets an exit go (one that is stuck in transit) is a person's matter, and he was told.
          if open > max(0, filled - exited), uncancelledCount == 0 {
            fail(
              .exitsFit,
              "leg \(exit.number) of \(alert.identity) works for \(open); its entry filled \(filled), exits \(exited)")
          }
        }
        if filled > exited, !isGuarded, unguardedCount == 0 {
          fail(.exitsFit, "\(filled - exited) units of \(alert.identity) have no exit, and nobody was told")
        }
      }
    }
  }

  private struct LegKey: Hashable {
    let alert: UInt128
    let leg: Int
  }

  /// What a person was told.
  func alarmed(_ refusal: Refusal) {
    world.note("alarm \(refusal.code): \(refusal.cause)")
    if refusal.code == "bracket.unguarded" { unguardedCount += 1 }
    if refusal.code == "bracket.exitNotCancelled" { uncancelledCount += 1 }
    if refusal.code == "order.notInJournal", let mark = refusal.cause.firstRange(of: "this engine's tag ") {
      lostTags.insert(String(refusal.cause[mark.upperBound...].prefix { $0.isLetter || $0.isNumber }))
    }
  }

  /// The engine has stopped in order: the next life must find all as it is now.
  func stopped(_ core: EngineCore) {
    left = [:]
    for order in Judge.orders(core) { left?[order.request.correlationID] = OrderFacts(order) }
  }

  // MARK: At the end

  func quiet(_ core: EngineCore) {
    checkAlerts(core)
    checkOrders(core)
    checkPositions(core)
  }

  private func checkAlerts(_ core: EngineCore) {
    for identity in accepted {
      guard let json = core.engine.assumeIsolated({ $0.alertJSON(identity) }) else {
        fail(.everyAlertEnds, "alert \(identity) was answered 200 and cannot be asked for")
        continue
      }
      let text = String(decoding: json, as: UTF8.self)
      // What waits for a leg that rests at the broker may wait.
      let isResting = ["accepted", "partially_filled"].contains { text.contains("\"outcome\":\"\($0)\"") }
      for word in isResting ? ["unknown"] : ["pending", "unknown"] where text.contains("\"outcome\":\"\(word)\"") {
        fail(.everyAlertEnds, "a leg is \(word) long after the last fault: \(text)")
      }
    }
  }

  private func checkOrders(_ core: EngineCore) {
    guard let brokers else { return }
    var own: [String: Order] = [:]
    for order in Judge.orders(core) { own[order.request.correlationID.description] = order }
    for account in setting.configuration.accounts where account.broker != .paper {
      let id =
        account.broker == .fyers
        ? brokers.simulation.fyers.clients[0].account : brokers.simulation.dhan.clients[0].account
      for row in brokers.simulation.floor.exchange.orderBook(of: id) ?? [] {
        guard let tag = row.tag, let order = own[tag] else {
          if let tag = row.tag, lostTags.contains(tag) { continue }
          fail(.ordersAgree, "\(account.broker.code) has \(row.id.text) under \(row.tag ?? "no tag"), unknown here")
          continue
        }
        own[tag] = nil
        guard order.brokerOrderID == row.id, order.filledQuantity == row.filled, Judge.agree(order.state, row)
        else {
          fail(
            .ordersAgree,
            "\(tag) is \(OrderFacts(order)); at the broker \(row.id.text) is \(row.state), filled \(row.filled)")
          continue
        }
      }
    }
    let resting = Set(
      Judge.orders(core).filter { [.accepted, .partiallyFilled].contains($0.state) }
        .map(\.request.correlationID.alertDigest))
    for (_, order) in own.sorted(by: { $0.key < $1.key }) where order.request.account.name != "paper" {
      switch order.state {
      case .denied, .expired, .rejected: continue
      // Its turn comes when the leg before it has filled.
      case .created where resting.contains(order.request.correlationID.alertDigest): continue
      case .created, .submitted, .unknown, .accepted, .partiallyFilled, .filled, .cancelled:
        fail(.ordersAgree, "\(order.request.correlationID) is \(OrderFacts(order)), and the broker does not have it")
      }
    }
  }

  private static func agree(_ state: OrderState, _ row: ExchangeOrder) -> Bool {
    switch row.state {
    case .transit, .pending: state == .accepted
    case .partiallyFilled: state == .partiallyFilled
    case .filled: state == .filled
    // What filled before a refusal stays filled; the refusal ends the rest.
    case .rejected: state == (row.filled > .zero ? .cancelled : .rejected)
    case .cancelled: state == .cancelled
    case .expired: state == .expired
    }
  }

  private func checkPositions(_ core: EngineCore) {
    guard let brokers else { return }
    for account in setting.configuration.accounts where account.broker != .paper {
      let id =
        account.broker == .fyers
        ? brokers.simulation.fyers.clients[0].account : brokers.simulation.dhan.clients[0].account
      var theirs: [PositionKey: Int64] = [:]
      for row in brokers.simulation.floor.exchange.positions(of: id) ?? [] {
        theirs[PositionKey(instrument: row.instrument.key, product: row.product)] = row.net
      }
      let own = Set(Judge.orders(core).map(\.request.correlationID.description))
      for row in brokers.simulation.floor.exchange.orderBook(of: id) ?? [] {
        guard let tag = row.tag, lostTags.contains(tag), !own.contains(tag) else { continue }
        theirs[PositionKey(instrument: row.instrument.key, product: row.product), default: 0] -=
          row.side == .buy ? row.filled.units : -row.filled.units
      }
      for position in core.parts.positions.assumeIsolated({ $0.all() }) where position.account == account.id {
        let key = PositionKey(instrument: position.instrument.key, product: position.product)
        let net = theirs.removeValue(forKey: key) ?? 0
        if net != position.netUnits {
          fail(
            .positionsAgree,
            "\(position.netUnits) of \(position.instrument.tradingSymbol) here, \(net) at \(account.broker.code)")
        }
      }
      for (key, net) in theirs.sorted(by: { $0.key.instrument.securityID.number < $1.key.instrument.securityID.number })
      where net != 0 {
        fail(.positionsAgree, "\(net) of \(key.instrument) at \(account.broker.code), nothing here")
      }
    }
  }

  private struct PositionKey: Hashable {
    let instrument: InstrumentKey
    let product: ProductType
  }

  static func orders(_ core: EngineCore) -> [Order] {
    core.parts.accounts.flatMap { account in account.router.assumeIsolated { $0.orders() } }
  }
}

/// Of an order what a restart must bring back.
struct OrderFacts: Equatable, CustomStringConvertible {
  let state: OrderState
  let filled: Quantity
  let value: Money
  let brokerOrderID: BrokerOrderID?

  init(_ order: Order) {
    state = order.state
    filled = order.filledQuantity
    value = order.filledValue
    brokerOrderID = order.brokerOrderID
  }

  var description: String { "\(state.code), filled \(filled) for \(value), \(brokerOrderID?.text ?? "no number")" }
}
