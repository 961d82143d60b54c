import HTTP
import OrderDomain

/// What the settings are, and that they be read again.
extension EngineEndpoints {
  func showConfiguration(_ responder: HTTPResponder) {
    guard let keeper else { return refuseConfiguration(responder) }
    engine.assumeIsolated { engine in
      engine.start { [self] _ in send(EngineReply(status: 200, body: await keeper.json()), responder) }
    }
  }

  func reload(
    _ request: borrowing HTTPRequestView, by visitor: Doorkeeper.Visitor, _ responder: HTTPResponder
  ) {
    guard let keeper else { return refuseConfiguration(responder) }
    guard let name = doer(visitor, request, responder) else { return }
    engine.assumeIsolated { engine in
      engine.start { [self] _ in send(await keeper.reload(by: name).reply, responder) }
    }
  }

  private func refuseConfiguration(_ responder: HTTPResponder) {
    refuse(
      404, "http.notFound", "this engine was not started from settings", "start it by order-engine serve", responder)
  }
}
