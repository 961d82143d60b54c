package import Actors
package import OrderDomain

/// What a person does by hand, and the answers to it.
extension OrderEngine {
  /// What a person has found out about an order whose outcome nobody had proven.
  package enum Resolution: Sendable {
    /// The broker does not have it; it is not sent any more.
    case absent
    /// The broker has it under this number.
    case placed(BrokerOrderID)
  }

  /// Ends the doubt about an order by a person's word, which the journal keeps with his name.
  package func resolve(_ id: CorrelationID, as resolution: Resolution, by name: String) -> EngineReply {
    let routers = parts.accounts.map(\.router)
    guard
      let (router, order) = routers.lazy.compactMap({ router in
        router.assumeIsolated { $0.order(id) }.map { (router, $0) }
      }).first
    else { return .refused(404, [EngineRefusals.orderNotFound]) }
    guard order.state == .unknown else { return .refused(409, [EngineRefusals.orderNotUnknown(order.state)]) }
    let words = Refusal(
      code: "order.resolvedByHand", cause: "\(name) has looked it up at the broker",
      fix: "nothing to do")
    let now = parts.wallClock.now()
    router.assumeIsolated { router in
      switch resolution {
      case .absent: router.settleAsAbsent(id, words, at: now)
      case .placed(let number):
        router.receive(
          OrderReport(correlationID: id, transition: .accepted, brokerOrderID: number, refusal: words, at: now))
      }
    }
    let settled = router.assumeIsolated { $0.order(id) } ?? order
    var json = JSONWriter()
    json.object { settled.write(to: &$0, broker: accounts[settled.request.account]?.standing.broker) }
    return EngineReply(status: 200, body: json.bytes)
  }

  /// Opens or closes a circuit by hand; `nil` when there is no such account.
  package func setCircuit(
    _ lane: CircuitLane, of account: AccountID, isOpen: Bool, reason: String
  ) -> EngineReply? {
    guard let controls = accounts[account]?.controls else { return nil }
    controls.setCircuit(lane, isOpen, reason)
    return EngineReply(status: 200, body: breakersJSON())
  }

  package func breakersJSON() -> [UInt8] {
    list { json in
      for account in parts.accounts {
        guard let controls = account.controls else { continue }
        for lane in CircuitLane.allCases {
          let circuit = controls.circuit(lane)
          json.object { json in
            json.string("account", account.id)
            json.string("lane", lane.code)
            json.string("state", circuit.phase.rawValue)
            json.string("reason", circuit.reason)
            json.integer("calls", circuit.callCount)
            json.integer("failures", circuit.failureCount)
            json.integer("slow", circuit.slowCount)
            json.integer("waiting", circuit.waiterCount)
            json.integer("opened", circuit.counters.opened)
            if let rest = circuit.retryAfter { json.integer("retry_after_ms", Self.milliseconds(rest)) }
          }
        }
      }
    }
  }

  package func limitsJSON() -> [UInt8] {
    list { json in
      for account in parts.accounts {
        guard let controls = account.controls else { continue }
        for kind in RateClass.allCases {
          let forecast = controls.forecast(kind)
          json.object { json in
            json.string("account", account.id)
            json.string("class", kind.code)
            json.array("windows") { json in
              for window in forecast.windows {
                json.object { json in
                  json.string("window", window.name)
                  json.integer("limit", window.limit)
                  json.integer("used", window.used)
                  json.integer("left", window.left)
                  if let next = window.nextFree { json.integer("next_free_ms", Self.milliseconds(next)) }
                }
              }
            }
            json.integer("waiting", forecast.waiterCounts.reduce(0, +))
            if let rest = forecast.penalty { json.integer("rest_ms", Self.milliseconds(rest)) }
          }
        }
      }
    }
  }

  private func list(_ items: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter(reserving: 2048)
    json.object { json in
      json.array("items") { json in items(&json) }
      json.null("next")
    }
    return json.bytes
  }

  private static func milliseconds(_ duration: Duration) -> Int64 {
    duration.components.seconds * 1_000 + duration.components.attoseconds / 1_000_000_000_000_000
  }
}

extension EngineRefusals {
  static let orderNotFound = Refusal(
    code: "order.notFound", cause: "no order with this correlation id is known",
    fix: "GET /api/v1/orders lists them")

  static func orderNotUnknown(_ state: OrderState) -> Refusal {
    Refusal(
      code: "order.notUnknown", cause: "the order is \(state.code), and nobody is in doubt about it",
      fix: "only an order that is unknown is resolved by hand")
  }
}
