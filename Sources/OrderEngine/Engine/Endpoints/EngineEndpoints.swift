package import HTTP
package import OrderDomain
package import Ring

/// Every address of the engine: what it answers, and to whom. Called on the engine's thread, where asking an actor is a
/// plain call; unchecked, because the compiler cannot see that nobody else calls it.
package final class EngineEndpoints: HTTPHandler, @unchecked Sendable {
  let engine: OrderEngine
  let doorkeeper: Doorkeeper
  /// Who knows the settings; `nil` in an engine that has none.
  var keeper: ConfigurationKeeper?
  /// Who tells people; `nil` in an engine that tells nobody.
  var desk: NoticeDesk?
  let files: OperatorFiles
  private let archive: AlertArchive
  private let gate: MorningGate?
  private let events: EventFeed
  private let forwarding: Forwarding
  let fields = AnswerFields()
  /// Passwords that are being hashed this moment.
  var hashingCount = 0
  /// A request's id begins differently at each start, so that none ever repeats.
  private let requestID: HTTPFields.Start
  /// Whether the door speaks TLS.
  private let isSecure: Bool
  /// What the door adds to the metrics.
  var doorMetrics: () -> String = { "" }

  package init(
    engine: OrderEngine, archive: AlertArchive, gate: MorningGate? = nil, operatorToken: Secret,
    files: OperatorFiles, keys: APIKeyRing,
    configuration: EngineConfiguration, loop: EventLoop, startID: String, isSecure: Bool = false
  ) {
    self.isSecure = isSecure
    self.engine = engine
    self.archive = archive
    self.files = files
    let (clock, parts) = (EngineClock(loop), engine.parts)
    doorkeeper = Doorkeeper(
      operatorToken: operatorToken, keys: keys, sessions: configuration.operatorDoor.sessions,
      lockOut: configuration.door.lockOut, now: { clock.now }, today: { parts.wallClock.now().indianDate },
      alarm: parts.alarm)
    self.gate = gate
    events = EventFeed(engine: engine, loop: loop)
    forwarding = Forwarding(trusted: configuration.door.trustedProxies)
    do throws(HTTPFields.Refusal) {
      requestID = try HTTPFields.Start("X-Request-Id", startID + "-")
    } catch {
      preconditionFailure("\(startID) cannot stand in a field: \(error)")
    }
  }

  package func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    if request.path.count >= 8, request.isPath("/webhook") || request.hasPathPrefix("/webhook/") {
      return webhook(request, responder)
    }
    switch request.method {
    case .get, .head: get(request, responder)
    case .post:
      if request.isPath("/login") { return signIn(request, responder) }
      operate(request, responder)
    default:
      refuse(
        405, "http.methodNotAllowed", "\(request.method.name) is not done at this address",
        "alerts are posted to /webhook; docs/operations.md lists what else can be done", responder)
    }
  }

  // MARK: Alerts

  private func webhook(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    guard request.method == .post else {
      return refuse(
        405, "http.methodNotAllowed", "alerts are posted", "send the alert by POST", responder, allow: "POST")
    }
    guard hasAlertType(request) else {
      return refuse(
        415, "http.unsupportedMediaType", "an alert is JSON, sent as application/json or text/plain",
        "send Content-Type: application/json", responder)
    }
    var path: WebhookPath?
    if !request.isPath("/webhook") {
      path = request.pathSegments().flatMap { WebhookPath(segments: $0) }
      guard path != nil else {
        return refuse(
          404, "http.notFound", "nothing is at this address", "post to /webhook/NAME or /webhook/secret/SECRET/NAME",
          responder)
      }
    }
    var wait: Int64 = 0
    if request.hasQuery, let text = request.queryValue("wait") {
      guard let milliseconds = Int64(text), (0...2_500).contains(milliseconds) else {
        return refuse(
          400, "alert.waitOutOfRange", "wait is a number of milliseconds from 0 to 2500",
          "leave it out, or write ?wait=1000", responder)
      }
      wait = milliseconds
    }
    var delivery = AlertDelivery(
      body: request.body.copied(), idempotencyKey: request.fieldText("idempotency-key"),
      headerSecret: path?.secret ?? request.fieldText("x-webhook-secret").map { Secret($0) },
      strategy: path?.strategy,
      sender: SenderAddress(high: request.peer.high, low: request.peer.low), requestID: responder.requestID,
      waitMilliseconds: wait)
    delivery.caller = caller(of: request)
    if request.fieldIndex("x-signature") != nil {
      delivery.signature = WebhookSignature(
        signature: request.field("x-signature"), timestamp: request.field("x-timestamp"))
    }
    engine.assumeIsolated { engine in
      engine.receive(delivery) { [self] reply in send(reply, responder) }
    }
  }

  func caller(of request: borrowing HTTPRequestView) -> Caller {
    let (caller, finding) = forwarding.caller(of: request)
    if finding != .plain { engine.assumeIsolated { $0.note(finding, from: caller) } }
    return caller
  }

  func isEncrypted(_ request: borrowing HTTPRequestView) -> Bool { isSecure || forwarding.isEncrypted(request) }

  /// TradingView sends text/plain when its template did not make valid JSON, and curl sends a form's type by default.
  private func hasAlertType(_ request: borrowing HTTPRequestView) -> Bool {
    request.hasMediaType("application/json") || request.hasMediaType("text/plain")
      || request.hasMediaType("application/x-www-form-urlencoded") || request.hasMediaType("")
  }

  // MARK: Reading

  private func get(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    if request.isPath("/health") || request.isPath("/healthz") {
      return send(200, Array(#"{"status":"healthy"}"#.utf8), responder)
    }
    if request.isPath("/ready") || request.isPath("/readyz") {
      let (isReady, body) = engine.assumeIsolated { $0.readinessJSON() }
      return send(isReady ? 200 : 503, body, responder)
    }
    if request.isPath("/callback") || request.isPath("/callback/") { return callback(request, responder) }
    if request.isPath("/login") { return send(200, SignInPage.html(saying: nil), fields.login, responder) }
    // The same bytes for everybody; the page to sign in needs them too.
    if request.isPath("/dashboard.css") { return send(200, DashboardPage.style, fields.style, responder) }
    if request.isPath("/"), let token = request.queryValue("token") { return signIn(token, request, responder) }
    operate(request, responder)
  }

  func show(
    _ place: OperatorPlace, to visitor: Doorkeeper.Visitor, _ segments: [String],
    _ request: borrowing HTTPRequestView, _ responder: HTTPResponder
  ) {
    let limit = request.queryValue("limit").flatMap { Int($0) }.map { min(max($0, 1), 200) } ?? 50
    switch place {
    case .page: send(200, DashboardPage.html, fields.html, responder)
    case .script: send(200, DashboardPage.script, fields.script, responder)
    case .events:
      let cookie = Doorkeeper.cookie(of: request)
      events.add(responder, fields.events) { [doorkeeper] in doorkeeper.stillAdmits(visitor, cookie: cookie) }
    case .metrics:
      let tally = doorkeeper.tally
      send(
        200, engine.assumeIsolated { $0.metricsText(operatorDoor: tally) } + Array(doorMetrics().utf8), fields.text,
        responder)
    case .alerts:
      let cursor = request.queryValue("after").flatMap { AlertIdentity($0) }
      send(200, engine.assumeIsolated { $0.alertsJSON(after: cursor, limit: limit) }, responder)
    case .alert: alert(segments[3], responder)
    case .orders: send(200, engine.assumeIsolated { $0.ordersJSON(limit: limit) }, responder)
    case .positions: send(200, engine.assumeIsolated { $0.positionsJSON() }, responder)
    case .accounts: send(200, engine.assumeIsolated { $0.accountsJSON() }, responder)
    case .breakers: send(200, engine.assumeIsolated { $0.breakersJSON() }, responder)
    case .limits: send(200, engine.assumeIsolated { $0.limitsJSON() }, responder)
    case .session: send(200, sessionJSON(visitor), responder)
    case .keys: send(200, keysJSON(), responder)
    case .signOut: signOut(request, responder)
    case .resolveOrder: resolve(segments[3], visitor, request, responder)
    case .setCircuit: setCircuit(segments[3], segments[4], visitor, request, responder)
    case .reloadKeys: reloadKeys(responder)
    case .configuration: showConfiguration(responder)
    case .reloadConfiguration: reload(request, by: visitor, responder)
    case .tokens: send(200, engine.assumeIsolated { $0.tokensJSON() }, responder)
    case .diagnosis: diagnose(onlyLast: request.queryValue("last") == "1", responder)
    case .notifications: showNotifications(responder)
    case .testNotifications: testNotifications(responder)
    case .authURL: authURL(request, responder)
    case .refreshToken, .generateToken: postToken(request, responder)
    }
  }

  /// The morning's look, now; or what the last one found, which asks no broker anything.
  private func diagnose(onlyLast: Bool, _ responder: HTTPResponder) {
    guard let gate else {
      return refuse(
        404, "http.notFound", "this engine looks at nothing in the morning", "start it by order-engine serve", responder
      )
    }
    engine.assumeIsolated { engine in
      engine.start { [self] _ in
        let report = onlyLast ? await gate.latest : await gate.check()
        send(200, report?.json ?? Array(#"{"ready":null,"at":null,"checks":[]}"#.utf8), responder)
      }
    }
  }

  /// From memory at once, or from the journal when it has been read.
  private func alert(_ id: String, _ responder: HTTPResponder) {
    guard let identity = AlertIdentity(id) else { return send(EngineEndpoints.alertNotFound, responder) }
    if let body = engine.assumeIsolated({ $0.alertJSON(identity) }) { return send(200, body, responder) }
    engine.assumeIsolated { engine in
      engine.start { [self] engine in
        let reply: EngineReply
        do throws(Refusal) {
          if let past = try await archive.alert(identity) {
            reply = EngineReply(status: 200, body: await engine.alertJSON(past))
          } else {
            reply = EngineEndpoints.alertNotFound
          }
        } catch {
          reply = .refused(503, [error], retryAfterSeconds: 5)
        }
        send(reply, responder)
      }
    }
  }

  private static let alertNotFound = EngineReply.refused(
    404,
    [
      Refusal(
        code: "alert.notFound", cause: "no alert with this id was accepted, as far back as the journal is kept",
        fix: "take the alert_id of an answer; JOURNAL_RETENTION_DAYS says how long alerts are kept")
    ])

  // MARK: Answering

  func send(_ reply: EngineReply, _ responder: HTTPResponder) {
    var headers = fields.json
    if let seconds = reply.retryAfterSeconds { headers.add("Retry-After", String(seconds)) }
    send(reply.status, reply.body, headers, responder)
  }

  func send(_ status: UInt16, _ body: [UInt8], _ responder: HTTPResponder) {
    send(status, body, fields.json, responder)
  }

  func send(_ status: UInt16, _ body: [UInt8], _ headers: HTTPFields, _ responder: HTTPResponder) {
    var headers = headers
    headers.append(requestID, base36: responder.requestID)
    responder.respond(HTTPResponse(HTTPStatus(status), fields: headers, body: body))
  }

  func refuse(
    _ status: UInt16, _ code: String, _ cause: String, _ fix: String, _ responder: HTTPResponder, allow: String? = nil
  ) {
    let reply = EngineReply.refused(status, [Refusal(code: code, cause: cause, fix: fix)])
    var headers = fields.json
    if let allow { headers.add("Allow", allow) }
    send(status, reply.body, headers, responder)
  }

  /// Ends all event streams, so that the server can drain.
  package func close() { events.close() }
}

extension HTTPRequestView {
  func hasPathPrefix(_ prefix: StaticString) -> Bool {
    let path = path
    guard path.count >= prefix.utf8CodeUnitCount else { return false }
    for index in 0..<prefix.utf8CodeUnitCount {
      // A static string's bytes live for ever, and the index is below its count.
      if unsafe path[index] != prefix.utf8Start[index] { return false }
    }
    return true
  }
}

extension Span where Element == UInt8 {
  func copied() -> [UInt8] {
    // The buffer is read within the closure only.
    unsafe withUnsafeBufferPointer { unsafe Array($0) }
  }
}
