import HTTP
import OrderDomain

/// What the settings are, and that they be read again.
extension EngineEndpoints {
  func isReload(_ request: borrowing HTTPRequestView) -> Bool { request.isPath("/api/v1/configuration/reload") }

  func showConfiguration(_ responder: HTTPResponder) {
    guard let keeper else { return refuseConfiguration(responder) }
    engine.assumeIsolated { engine in
      engine.start { [self] _ in send(EngineReply(status: 200, body: await keeper.json()), responder) }
    }
  }

  func reload(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    guard let keeper else { return refuseConfiguration(responder) }
    guard let name = request.queryValue("by"), !name.isEmpty, name.utf8.count <= 64 else {
      return refuse(
        400, "operator.nameMissing", "the journal keeps who did it", "add by=NAME to the address", responder)
    }
    engine.assumeIsolated { engine in
      engine.start { [self] _ in send(await keeper.reload(by: name).reply, responder) }
    }
  }

  private func refuseConfiguration(_ responder: HTTPResponder) {
    refuse(
      404, "http.notFound", "this engine was not started from settings", "start it by order-engine serve", responder)
  }
}
