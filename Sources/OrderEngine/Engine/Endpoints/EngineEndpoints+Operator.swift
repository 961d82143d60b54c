import Actors
import HTTP
import OrderDomain

/// Where the operator's door leads: in by the table of places, and to what a person changes by hand.
extension EngineEndpoints {
  func operate(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    let segments = request.pathSegments() ?? []
    let place = OperatorPlace(request.method, segments)
    switch doorkeeper.judge(request, from: caller(of: request), at: place) {
    case .admitted(let visitor):
      guard let place else { preconditionFailure("nobody is admitted to no place") }
      show(place, to: visitor, segments, request, responder)
    case .refused(let turned):
      // A person who opens the page is shown where to sign in.
      if turned.status == 401, place == .page, request.fieldText("accept")?.contains("text/html") == true {
        return lead(to: "/login", responder)
      }
      send(
        EngineReply.refused(turned.status, [turned.refusal], retryAfterSeconds: turned.retryAfterSeconds), responder)
    }
  }

  /// The page it leads to, with a cookie perhaps.
  func lead(to path: String, setting cookie: String? = nil, _ responder: HTTPResponder) {
    var headers = fields.json
    headers.add("Location", path)
    if let cookie { headers.add("Set-Cookie", cookie) }
    send(303, [], headers, responder)
  }

  /// Who does it, as the journal keeps it: the name that is given and what he was let in by. A key has a name already;
  /// the token and a session may be anybody's of the house.
  func doer(
    _ visitor: Doorkeeper.Visitor, _ request: borrowing HTTPRequestView, _ responder: HTTPResponder
  ) -> String? {
    if let name = request.queryValue("by"), !name.isEmpty, name.utf8.count <= 64 {
      return "\(name) (\(visitor.words))"
    }
    if case .key = visitor.means, request.queryValue("by") == nil { return visitor.words }
    refuse(400, "operator.nameMissing", "the journal keeps who did it", "add by=NAME to the address", responder)
    return nil
  }

  func keysJSON() -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.array("items") { json in
        for key in doorkeeper.listedKeys {
          json.object { json in
            json.string("name", key.name)
            json.string("scope", key.scope.rawValue)
            json.string("created_on", key.createdOn.description)
            json.optionalString("until", key.until?.description)
          }
        }
      }
      json.null("next")
    }
    return json.bytes
  }

  func reloadKeys(_ responder: HTTPResponder) {
    let files = files
    engine.assumeIsolated { engine in
      engine.start { [self] _ in
        switch await BlockingWork.run({ files.readKeys() }) {
        case .success(let keys):
          doorkeeper.use(keys)
          send(200, keysJSON(), responder)
        case .failure(let refusal): send(.refused(503, [refusal]), responder)
        }
      }
    }
  }

  func resolve(
    _ id: String, _ visitor: Doorkeeper.Visitor, _ request: borrowing HTTPRequestView, _ responder: HTTPResponder
  ) {
    guard let name = doer(visitor, request, responder) else { return }
    let resolution: OrderEngine.Resolution?
    switch request.queryValue("as") {
    case "absent": resolution = .absent
    case "placed": resolution = request.queryValue("order_id").flatMap { BrokerOrderID($0) }.map { .placed($0) }
    default: resolution = nil
    }
    guard let resolution else {
      return refuse(
        400, "order.badResolution", "it is not said what became of the order",
        "add as=absent, or as=placed and order_id=NUMBER with the broker's number", responder)
    }
    guard let id = CorrelationID(id) else {
      return send(EngineReply.refused(404, [EngineRefusals.orderNotFound]), responder)
    }
    send(engine.assumeIsolated { $0.resolve(id, as: resolution, by: name) }, responder)
  }

  func setCircuit(
    _ account: String, _ lane: String, _ visitor: Doorkeeper.Visitor, _ request: borrowing HTTPRequestView,
    _ responder: HTTPResponder
  ) {
    guard let name = doer(visitor, request, responder) else { return }
    guard let lane = CircuitLane.allCases.first(where: { $0.code == lane }),
      let state = request.queryValue("state"), state == "open" || state == "closed"
    else {
      return refuse(
        400, "breaker.badState", "no lane or state like this exists",
        "post to /api/v1/breakers/ACCOUNT/entries or exits, with state=open or state=closed", responder)
    }
    let reply = AccountID(account).flatMap { id in
      engine.assumeIsolated { $0.setCircuit(lane, of: id, isOpen: state == "open", reason: "by \(name)") }
    }
    if let reply { return send(reply, responder) }
    refuse(404, "account.notFound", "there is no account of this name", "GET /api/v1/accounts lists them", responder)
  }
}
