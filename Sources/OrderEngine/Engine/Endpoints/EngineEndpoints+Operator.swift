import Actors
import HTTP
import OrderDomain

/// What an operator changes by hand. A browser's cookie is not enough for it: another page could use that.
extension EngineEndpoints {
  func post(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    guard doorkeeper.admitsCaller(request) else {
      return refuse(
        401, "auth.operatorTokenMissing", "this address is for the operator",
        "send Authorization: Bearer TOKEN; the token is in the data directory's operator-token", responder)
    }
    if postToken(request, responder) { return }
    let segments = request.pathSegments() ?? []
    guard segments.count == 5, segments[0] == "api", segments[1] == "v1" else {
      return refuse(404, "http.notFound", "nothing is at this address", "see docs/operations.md", responder)
    }
    guard let name = request.queryValue("by"), !name.isEmpty, name.utf8.count <= 64 else {
      return refuse(
        400, "operator.nameMissing", "the journal keeps who did it", "add by=NAME to the address", responder)
    }
    switch (segments[2], segments[4]) {
    case ("orders", "resolve"): resolve(segments[3], name, request, responder)
    case ("breakers", let lane): setCircuit(segments[3], lane, name, request, responder)
    default: refuse(404, "http.notFound", "nothing is at this address", "see docs/operations.md", responder)
    }
  }

  private func resolve(
    _ id: String, _ name: String, _ request: borrowing HTTPRequestView, _ responder: HTTPResponder
  ) {
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

  private func setCircuit(
    _ account: String, _ lane: String, _ name: String, _ request: borrowing HTTPRequestView,
    _ responder: HTTPResponder
  ) {
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
