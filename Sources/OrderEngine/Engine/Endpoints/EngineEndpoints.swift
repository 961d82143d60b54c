package import HTTP
package import OrderDomain
package import Ring

/// Every address of the engine: what it answers, and to whom. Called on the engine's thread, where asking an actor is a
/// plain call; unchecked, because the compiler cannot see that nobody else calls it.
package final class EngineEndpoints: HTTPHandler, @unchecked Sendable {
  let engine: OrderEngine
  let doorkeeper: Doorkeeper
  private let archive: AlertArchive
  private let gate: MorningGate?
  private let events: EventFeed
  let fields = AnswerFields()
  /// A request's id begins differently at each start, so that none ever repeats.
  private let requestID: HTTPFields.Start

  package init(
    engine: OrderEngine, archive: AlertArchive, gate: MorningGate? = nil, operatorToken: Secret, loop: EventLoop,
    startID: String
  ) {
    self.engine = engine
    self.archive = archive
    self.gate = gate
    doorkeeper = Doorkeeper(operatorToken: operatorToken)
    events = EventFeed(engine: engine, loop: loop)
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
    case .post: post(request, responder)
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
    var strategy: String?
    if !request.isPath("/webhook") {
      guard let segments = request.pathSegments(), segments.count == 2, !segments[1].isEmpty else {
        return refuse(404, "http.notFound", "nothing is at this address", "post to /webhook/NAME", responder)
      }
      strategy = segments[1]
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
    let delivery = AlertDelivery(
      body: request.body.copied(), idempotencyKey: request.fieldText("idempotency-key"),
      headerSecret: request.fieldText("x-webhook-secret").map { Secret($0) },
      strategy: strategy,
      sender: SenderAddress(high: request.peer.high, low: request.peer.low), requestID: responder.requestID,
      waitMilliseconds: wait)
    engine.assumeIsolated { engine in
      engine.receive(delivery) { [self] reply in send(reply, responder) }
    }
  }

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
    if request.isPath("/"), let token = request.queryValue("token") { return logIn(token, responder) }
    guard doorkeeper.admits(request) else {
      return refuse(
        401, "auth.operatorTokenMissing", "this address is for the operator",
        "open the dashboard's address as it was printed at the start, or send Authorization: Bearer TOKEN; the token is "
          + "in the data directory's operator-token", responder)
    }
    if request.isPath("/") {
      send(200, DashboardPage.html, fields.html, responder)
    } else if request.isPath("/dashboard.js") {
      send(200, DashboardPage.script, fields.script, responder)
    } else if request.isPath("/dashboard.css") {
      send(200, DashboardPage.style, fields.style, responder)
    } else if request.isPath("/events") {
      events.add(responder, fields.events)
    } else if request.isPath("/auth-url") {
      authURL(request, responder)
    } else if request.isPath("/metrics") {
      send(200, engine.assumeIsolated { $0.metricsText() }, fields.text, responder)
    } else if request.hasPathPrefix("/api/v1/") {
      api(request, responder)
    } else {
      refuse(404, "http.notFound", "nothing is at this address", "see / for what there is", responder)
    }
  }

  private func api(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    let limit = request.queryValue("limit").flatMap { Int($0) }.map { min(max($0, 1), 200) } ?? 50
    let cursor = request.queryValue("after").flatMap { AlertIdentity($0) }
    let segments = request.pathSegments() ?? []
    switch segments.dropFirst(2).first {
    case "alerts" where segments.count == 3:
      send(200, engine.assumeIsolated { $0.alertsJSON(after: cursor, limit: limit) }, responder)
    case "alerts" where segments.count == 4:
      alert(segments[3], responder)
    case "orders" where segments.count == 3:
      send(200, engine.assumeIsolated { $0.ordersJSON(limit: limit) }, responder)
    case "positions" where segments.count == 3:
      send(200, engine.assumeIsolated { $0.positionsJSON() }, responder)
    case "accounts" where segments.count == 3:
      send(200, engine.assumeIsolated { $0.accountsJSON() }, responder)
    case "breakers" where segments.count == 3:
      send(200, engine.assumeIsolated { $0.breakersJSON() }, responder)
    case "tokens" where segments.count == 3:
      send(200, engine.assumeIsolated { $0.tokensJSON() }, responder)
    case "diagnosis" where segments.count == 3 && gate != nil:
      diagnose(responder)
    case "limits" where segments.count == 3:
      send(200, engine.assumeIsolated { $0.limitsJSON() }, responder)
    default:
      refuse(
        404, "http.notFound", "nothing is at this address",
        "there are alerts, orders, positions, accounts, tokens, diagnosis, limits and breakers under /api/v1", responder
      )
    }
  }

  /// The morning's look, now.
  private func diagnose(_ responder: HTTPResponder) {
    engine.assumeIsolated { engine in
      engine.start { [self] _ in
        guard let report = await gate?.check() else { return }
        send(200, report.json, responder)
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

  /// The printed address carries the token once; a cookie keeps it out of addresses from then on.
  private func logIn(_ token: String, _ responder: HTTPResponder) {
    guard doorkeeper.admits(token: token) else {
      return refuse(
        401, "auth.wrongOperatorToken", "this is not the operator's token",
        "copy the address as it was printed at the start", responder)
    }
    var headers = fields.json
    headers.add("Location", "/")
    headers.add("Set-Cookie", "\(Doorkeeper.cookieName)=\(token); Path=/; HttpOnly; SameSite=Strict; Max-Age=86400")
    send(303, [], headers, responder)
  }

  // MARK: Answering

  func send(_ reply: EngineReply, _ responder: HTTPResponder) {
    var headers = fields.json
    if let seconds = reply.retryAfterSeconds { headers.add("Retry-After", String(seconds)) }
    send(reply.status, reply.body, headers, responder)
  }

  private func send(_ status: UInt16, _ body: [UInt8], _ responder: HTTPResponder) {
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
