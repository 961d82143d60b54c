import Actors
import BrokerSimulation
import Brokers
import HTTP
import OrderDomain
import SimulatedExchange

/// Both brokers, as their simulator has them, behind a network that loses, delays and damages.
final class SimulatedBrokers: @unchecked Sendable {
  // Unchecked: see SimulatedExecutor.
  private(set) var simulation: Simulation
  private let world: World
  private let faults: FaultPlan
  private var chance: Chance
  private var nextCall = 0
  /// Requests on their way, by the tag in them: what may still become an order.
  private(set) var underway: [String: Int] = [:]
  /// Told of every new row of the brokers' log of orders.
  var received: (OrderLog.Entry) -> Void = { _ in }
  /// Told when an order, a change or a cancel leaves the engine.
  var departed: (Broker) -> Void = { _ in }
  private var logged = 0
  private var frozenAt: Timestamp?

  init(world: World, faults: FaultPlan, settings: SimulationSettings) {
    self.world = world
    self.faults = faults
    chance = Chance(seed: world.seed, stream: 4)
    simulation = Simulation(settings: settings, symbols: Instruments.catalogue, wall: world.trueTime)
  }

  func token(_ broker: Broker) -> Secret {
    switch broker {
    case .fyers: Secret(simulation.fyers.clients[0].token)
    case .dhan, .paper: Secret(simulation.dhan.clients[0].token)
    }
  }

  func newToken(_ broker: Broker) -> Secret { Secret(simulation.issueToken(broker)) }

  /// From now on no time passes at the brokers.
  func freeze() {
    simulation.settle(wall: world.trueTime)
    frozenAt = world.trueTime
  }

  func thaw() { frozenAt = nil }

  private var time: Timestamp { frozenAt ?? world.trueTime }

  // MARK: Calls

  /// What happens to one call.
  fileprivate enum Fate {
    case honest
    case notSent
    /// Never arrives; the client learns so, or waits in vain.
    case lostRequest(isReset: Bool)
    /// Arrives, and the answer does not.
    case lostAnswer(isReset: Bool)
    case slowRequest, slowAnswer
    case damaged(HTTPResponse, isTaken: Bool)
  }

  fileprivate func fate() -> Fate {
    if faults.happens(.notSent) { return .notSent }
    if faults.happens(.lostRequest) { return .lostRequest(isReset: false) }
    if faults.happens(.resetRequest) { return .lostRequest(isReset: true) }
    if faults.happens(.lostAnswer) { return .lostAnswer(isReset: false) }
    if faults.happens(.resetAnswer) { return .lostAnswer(isReset: true) }
    if faults.happens(.slowRequest) { return .slowRequest }
    if faults.happens(.slowAnswer) { return .slowAnswer }
    if faults.happens(.serverErrorTaken) { return .damaged(status(chance.pick([500, 502, 504])), isTaken: true) }
    if faults.happens(.serverErrorNotTaken) { return .damaged(status(503), isTaken: false) }
    if faults.happens(.page) { return .damaged(answer("<html>One moment</html>"), isTaken: chance.perMille(500)) }
    if faults.happens(.empty) { return .damaged(answer(""), isTaken: chance.perMille(500)) }
    if faults.happens(.brokenJSON) { return .damaged(answer(#"{"orderId":"1"#), isTaken: chance.perMille(500)) }
    if faults.happens(.garbage) { return .damaged(answer("\u{0}\u{7}{\"\u{1}"), isTaken: chance.perMille(500)) }
    return .honest
  }

  private func status(_ code: UInt16) -> HTTPResponse { HTTPResponse(HTTPStatus(code), body: Array("upstream".utf8)) }
  private func answer(_ body: String) -> HTTPResponse { HTTPResponse(.ok, body: Array(body.utf8)) }

  /// The bytes of a request need less than this to arrive, or never do: two readings of a book that are 5 s apart prove
  /// nothing about a network that holds a request back for longer.
  private static let longestTransit: Int64 = 2_000

  fileprivate func send(
    _ call: BrokerCall, broker: Broker, deadline: Duration, _ executor: SimulatedExecutor,
    _ ended: @escaping (BrokerTransportResult) -> Void
  ) {
    nextCall += 1
    let number = nextCall
    let request = BrokerRequest(call)
    let tag = request.tag
    let fate = fate()
    if case .notSent = fate {
      world.note("\(broker.code) #\(number) \(call.endpoint) is not sent")
      executor.after(chance.milliseconds(0, 50)) { ended(.notSent(cause: "connection refused")) }
      return
    }
    world.note("\(broker.code) #\(number) \(call.method.rawValue) \(call.target) \(tag ?? "") \(fate.name)")
    if call.isMutating { departed(broker) }
    let (seconds, attoseconds) = deadline.components
    executor.after(seconds * 1_000_000_000 + attoseconds / 1_000_000_000) {
      ended(.perhapsSent(cause: "no answer in time"))
    }
    var transit = chance.between(200_000, 20_000_000)
    switch fate {
    case .lostRequest(let isReset):
      if isReset { executor.after(transit) { ended(.perhapsSent(cause: "connection reset")) } }
      return
    case .slowRequest: transit = chance.milliseconds(100, SimulatedBrokers.longestTransit)
    case .damaged(let response, isTaken: false):
      executor.after(transit) { ended(.answer(BrokerAnswer(response, at: self.world.trueTime))) }
      return
    case .honest, .notSent, .lostAnswer, .slowAnswer, .damaged: break
    }
    if let tag { underway[tag, default: 0] += 1 }
    // What has left arrives, whether its sender lives or not.
    world.after(transit) { [self] in
      if let tag { underway[tag, default: 1] -= 1 }
      let response = process(request, broker, call)
      var delay = chance.between(500_000, 60_000_000)
      switch fate {
      case .lostAnswer(let isReset):
        if isReset { executor.after(delay) { ended(.perhapsSent(cause: "connection reset")) } }
        return
      case .damaged(let damaged, _):
        executor.after(delay) { ended(.answer(BrokerAnswer(damaged, at: self.world.trueTime))) }
        return
      case .slowAnswer: delay = chance.milliseconds(1_000, 15_000)
      case .honest, .notSent, .lostRequest, .slowRequest: break
      }
      world.note("\(broker.code) #\(number) answers \(response.status.code)")
      executor.after(delay) { ended(.answer(BrokerAnswer(response, at: self.world.trueTime))) }
    }
  }

  /// Of the one day that is simulated.
  fileprivate static func httpDate(_ time: Timestamp) -> String {
    "Tue, 24 Nov 2026 \(time.description.dropFirst(11).prefix(8)) GMT"
  }

  private func process(_ request: BrokerRequest, _ broker: Broker, _ call: BrokerCall) -> HTTPResponse {
    let endpoint = "\(broker.code).place"
    if faults.happens(.tokenDeath) { _ = simulation.addFault(FaultRule(.tokenDeath, on: "\(broker.code).*")) }
    if faults.happens(.tooManyCalls) {
      let soon = SimulatedBrokers.httpDate(world.trueTime.adding(nanoseconds: 10_000_000_000))
      let retryAfter = chance.pick([nil, "1", "3", "20", soon])
      _ = simulation.addFault(FaultRule(.tooManyCalls(retryAfter: retryAfter), on: "\(broker.code).*"))
    }
    if call.endpoint == .order {
      if faults.happens(.partlyRejected) {
        _ = simulation.addFault(
          FaultRule(.fate(.partlyFilledThenRejected(Quantity(5) ?? .zero, "RMS: cut")), on: endpoint))
      } else if faults.happens(.rejected) {
        _ = simulation.addFault(FaultRule(.fate(.rejected("RMS: refused")), on: endpoint))
      } else if faults.happens(.stuckInTransit) {
        _ = simulation.addFault(FaultRule(.fate(.stuckInTransit), on: endpoint))
      } else if faults.happens(.staleBooks) {
        _ = simulation.addFault(FaultRule(.staleBooks(nanoseconds: chance.milliseconds(100, 2_500)), on: endpoint))
      }
    }
    let delivery = simulation.answer(request, wall: time)
    simulation.removeFaults()
    for entry in simulation.floor.log.entries(from: logged, count: 1_000) {
      logged = entry.number + 1
      received(entry)
    }
    guard case .answer(let response) = delivery else { preconditionFailure("no rule of ours delays") }
    return response
  }
}

/// One life's line to one broker.
struct SimulatedTransport: BrokerTransport {
  let brokers: SimulatedBrokers
  let broker: Broker
  let executor: SimulatedExecutor

  /// A call that is under way; the first ending counts.
  private final class Call: @unchecked Sendable {
    var continuation: CheckedContinuation<BrokerTransportResult, Never>?
    var isCancelled = false

    func end(_ result: BrokerTransportResult) { continuation.take()?.resume(returning: result) }
  }

  func send(_ call: BrokerCall, deadline: Duration) async -> BrokerTransportResult {
    let running = Call()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if running.isCancelled { return continuation.resume(returning: .notSent(cause: "cancelled")) }
        running.continuation = continuation
        executor.callCount += 1
        brokers.send(call, broker: broker, deadline: deadline, executor) { [executor] result in
          if running.continuation != nil { executor.callCount -= 1 }
          running.end(result)
        }
      }
    } onCancel: {
      running.isCancelled = true
      if running.continuation != nil { executor.callCount -= 1 }
      running.end(.perhapsSent(cause: "cancelled"))
    }
  }
}

extension SimulatedBrokers.Fate {
  fileprivate var name: String {
    switch self {
    case .honest: ""
    case .notSent: "not sent"
    case .lostRequest: "never arrives"
    case .lostAnswer: "is not answered"
    case .slowRequest: "arrives late"
    case .slowAnswer: "is answered late"
    case .damaged(_, let isTaken): isTaken ? "is answered with nonsense" : "is turned away"
    }
  }
}

extension BrokerRequest {
  /// As HTTP would bring it.
  fileprivate init(_ call: Brokers.BrokerCall) {
    let parts = call.target.split(separator: "?", maxSplits: 1).map(String.init)
    var query: [(name: String, value: String)] = []
    for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let sides = pair.split(separator: "=", maxSplits: 1).map(String.init)
      query.append((sides[0], sides.count > 1 ? BrokerRequest.decoded(sides[1]) : ""))
    }
    var fields: [String: String] = [:]
    for (name, value) in call.headers {
      switch value {
      case .plain(let text): fields[name.lowercased()] = text
      case .secret(let secret):
        fields[name.lowercased()] = secret.withBytes { bytes in
          var copy: [UInt8] = []
          for index in bytes.indices { copy.append(bytes[index]) }
          return String(decoding: copy, as: UTF8.self)
        }
      }
    }
    let method: HTTPMethod =
      switch call.method {
      case .get: .get
      case .post: .post
      case .put: .put
      case .patch: .patch
      case .delete: .delete
      }
    self.init(
      method, BrokerRequest.decoded(parts[0]), query: query, fields: fields,
      body: String(decoding: call.body, as: UTF8.self))
  }

  private static func decoded(_ text: String) -> String {
    let bytes = Array(text.utf8)
    return PercentCoding.decode(bytes.span) ?? text
  }

  /// The tag that a placement carries.
  fileprivate var tag: String? {
    guard method == .post, let mark = body.firstRange(of: "\"q".utf8) else { return nil }
    let text = String(decoding: body[(mark.lowerBound + 1)...].prefix(20), as: UTF8.self)
    return CorrelationID(text)?.description
  }
}

extension BrokerAnswer {
  fileprivate init(_ response: HTTPResponse, at time: Timestamp) {
    self.init(
      status: Int(response.status.code), retryAfter: response.fields["Retry-After"],
      date: SimulatedBrokers.httpDate(time), body: response.body)
  }
}
