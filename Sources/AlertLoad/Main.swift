import ArgumentParser
import Foundation
import HTTP
import Ring

@main
struct AlertLoadCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "alert-load",
    abstract: "Sends alerts to an order engine on a fixed schedule and shows how long each took.",
    discussion: """
      Latency runs from the moment that an alert was due, whatever the server did: one that stalls is charged for all that \
      waited. Point it at your own engine alone, with paper trading or a broker on this machine.
      """)

  @Option(help: "Address and port of the engine.")
  var server = "127.0.0.1:8080"

  @Option(help: "Speak TLS, and take certificates of the authorities in this PEM file, or the one in it.")
  var tlsAuthorities: String?

  @Option(help: "Path that alerts are posted to.")
  var path = "/webhook"

  @Option(help: "A file with the alert; \(AlertTemplate.placeholder) in it becomes a number of seven digits.")
  var body: String?

  @Option(help: "The webhook secret, where no --body is given.")
  var secret = ""

  @Option(help: "Alerts a second.")
  var rate = 1_000

  @Option(help: "Seconds that alerts are sent at this rate, 1 to 600.")
  var seconds = 10

  @Option(help: "So many alerts at once, instead of a rate.")
  var burst: Int?

  @Option(help: "Connections, 1 to 10000.")
  var connections = 64

  @Option(help: "Alerts that warm up and stand in no figure; a second's worth without it, and none of a burst.")
  var warmUp: Int?

  @Option(
    help:
      "Be the broker too: the port to take Dhan's orders on. The body's quantities must be \(AlertTemplate.placeholder)."
  )
  var brokerPort: UInt16?

  @Option(help: "Orders of each alert, with --broker-port.")
  var orders = 1

  @Option(help: "The operator's token: with it the engine's own stages are shown too.")
  var operatorToken: String?

  @Option(help: "Write the percentiles to this file.")
  var csv: String?

  @Option(help: "Draw the percentiles into this file.")
  var svg: String?

  func validate() throws {
    guard (1...1_000_000).contains(rate) else { throw ValidationError("--rate is 1 to 1000000") }
    guard (1...600).contains(seconds) else { throw ValidationError("--seconds is 1 to 600") }
    guard (1...10_000).contains(connections) else { throw ValidationError("--connections is 1 to 10000") }
    guard (1...31).contains(orders) else { throw ValidationError("--orders is 1 to 31") }
    guard (1...AlertTemplate.alertLimit).contains(alertCount) else {
      throw ValidationError("a run has 1 to \(AlertTemplate.alertLimit) alerts")
    }
    guard (0..<alertCount).contains(warmUpCount) else { throw ValidationError("--warm-up leaves no alert") }
  }

  private var alertCount: Int { burst ?? rate * seconds }
  private var warmUpCount: Int { warmUp ?? (burst == nil && seconds > 1 ? rate : 0) }

  func run() async throws {
    let plan = LoadPlan(
      arrival: burst == nil ? .rate(rate) : .burst, alertCount: alertCount, warmUpCount: warmUpCount,
      connectionCount: connections, patience: burst == nil ? 5_000_000_000 : 60_000_000_000)
    let template = AlertTemplate(host: server, path: path, body: try bodyText())
    guard template.isNumbered else {
      throw ValidationError("the body has no \(AlertTemplate.placeholder): all alerts but one would be duplicates")
    }
    let address = try SocketAddress(server)
    let security = try tlsAuthorities.map { file throws(TLSFailure) in
      try LoadSecurity(trusting: file, host: LoadSecurity.host(of: server))
    }
    var loopConfiguration = EventLoopConfiguration()
    // A clock that is read late is no clock: the loop never sleeps, which costs a core.
    loopConfiguration.spin = true
    loopConfiguration.drainLimit = .seconds(1)
    let thread = try EventLoop.start(name: "load", configuration: loopConfiguration)
    let broker = try await prepare(address, security, on: thread.loop)
    let before = try await stages(on: thread.loop)
    let result = try await AlertLoadCommand.run(
      plan, to: address, template, security, broker, ordersPerAlert: brokerPort == nil ? 0 : orders, on: thread.loop)
    let after = try await stages(on: thread.loop)
    await thread.stopAndWait()
    let report = LoadReport(plan: plan, result: result, stages: before.flatMap { after?.since($0) })
    print(report.text)
    if let csv { try report.csv.write(toFile: csv, atomically: true, encoding: .utf8) }
    if let svg { try report.svg.write(toFile: svg, atomically: true, encoding: .utf8) }
    if !result.isSound { throw ExitCode(1) }
  }

  /// Waits until the engine takes alerts. It asks its broker before that, so the broker is there first.
  private func prepare(
    _ server: SocketAddress, _ security: LoadSecurity?, on loop: EventLoop
  ) async throws -> WireBroker {
    let broker = try WireBroker()
    if let brokerPort { try await broker.listen(on: brokerPort, loop) }
    let probe = AlertTemplate(host: self.server, getting: "/ready")
    for attempt in 1...100 {
      let found = try await AlertLoadCommand.run(
        .probe, to: server, probe, security, nil, ordersPerAlert: 0, on: loop)
      if found.acceptedCount == 1 { break }
      if attempt == 100 { throw ValidationError("the engine at \(self.server) is not ready after ten seconds") }
      try await Task.sleep(for: .milliseconds(100))
    }
    return broker
  }

  /// What the engine has counted so far; `nil` without a token.
  private func stages(on loop: EventLoop) async throws -> StageTable? {
    guard let operatorToken else { return nil }
    var configuration = HTTPClientConfiguration()
    configuration.extraAuthorities = tlsAuthorities
    let client = try HTTPClient(loop: loop, configuration: configuration)
    var fields = HTTPFields()
    try fields.append("Authorization", "Bearer " + operatorToken)
    let request = HTTPClientRequest(
      .get, "\(tlsAuthorities == nil ? "http" : "https")://\(server)/metrics", fields: fields, body: [],
      deadline: .seconds(5), resend: .once, bodyLimit: 1 << 20, acceptsCompression: false)
    let answer: Result<HTTPClientResponse, TransferFailure>
    do throws(TransferFailure) { answer = .success(try await client.send(request)) } catch { answer = .failure(error) }
    loop.execute { client.close() }
    let response = try answer.get()
    guard response.status.code == 200 else {
      throw ValidationError("the engine answered its metrics with status \(response.status.code)")
    }
    return StageTable(metrics: String(decoding: response.body, as: UTF8.self))
  }

  private static func run(
    _ plan: LoadPlan, to server: SocketAddress, _ template: AlertTemplate, _ security: LoadSecurity?,
    _ broker: WireBroker?, ordersPerAlert: Int, on loop: EventLoop
  ) async throws -> LoadResult {
    let outcome: Result<LoadResult, RingError> = await withCheckedContinuation { continuation in
      loop.execute {
        let run = LoadRun(
          plan, to: server, template, ordersPerAlert: ordersPerAlert, security: security, on: loop
        ) {
          continuation.resume(returning: .success($0))
        }
        broker?.run = run
        do throws(RingError) { try run.begin() } catch { continuation.resume(returning: .failure(error)) }
      }
    }
    return try outcome.get()
  }

  private func bodyText() throws -> String {
    if let body {
      return try String(contentsOfFile: body, encoding: .utf8)
    }
    let number = AlertTemplate.placeholder
    let quantity = brokerPort == nil ? "1" : number
    let leg =
      #"{"transactionType":"B","orderType":"MKT","quantity":"\#(quantity)","exchange":"NSE","symbol":"RELIANCE","#
      + #""instrument":"EQ","productType":"C","sort_order":"1","price":"0"}"#
    // A second run's alerts are no repeats of the first one's.
    let run = Int(Date().timeIntervalSince1970)
    return
      #"{"secret":"\#(secret)","alertType":"multi_leg_order","alert_id":"load-\#(run)-\#(number)","order_legs":[\#(leg)]}"#
  }
}
