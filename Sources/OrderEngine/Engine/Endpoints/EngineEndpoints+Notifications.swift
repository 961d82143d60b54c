import Actors
import HTTP
import OrderDomain

/// How messages to people do, and a test of them.
extension EngineEndpoints {
  func showNotifications(_ responder: HTTPResponder) {
    guard let desk else { return send(.refused(404, [EngineEndpoints.noChannel]), responder) }
    engine.assumeIsolated { engine in
      engine.start { [self] _ in
        let channels = await desk.notifier.status()
        var json = JSONWriter()
        json.object { json in
          json.array("items") { json in for channel in channels { channel.write(to: &json) } }
          json.null("next")
        }
        send(200, json.bytes, responder)
      }
    }
  }

  /// Answers when each channel has made one attempt, or after 20 s.
  func testNotifications(_ responder: HTTPResponder) {
    guard let desk else { return send(.refused(404, [EngineEndpoints.noChannel]), responder) }
    engine.assumeIsolated { engine in
      engine.start { [self] _ in
        let outcomes = await desk.test()
        if outcomes.isEmpty { return send(.refused(409, [EngineEndpoints.noChannel]), responder) }
        var json = JSONWriter()
        json.object { json in
          json.array("items") { json in
            for outcome in outcomes {
              json.object { json in
                json.string("channel", outcome.name)
                json.boolean("delivered", outcome.delivery == .delivered)
                let refusal = outcome.delivery == nil ? EngineEndpoints.stillWaiting : outcome.delivery?.refusal
                refusal?.write("error", to: &json)
              }
            }
          }
          json.null("next")
        }
        send(outcomes.allSatisfy { $0.delivery == .delivered } ? 200 : 503, json.bytes, responder)
      }
    }
  }

  private static let noChannel = Refusal(
    code: "notify.noChannel", cause: "no channel for messages is configured",
    fix: "set TELEGRAM_BOT_TOKEN and TELEGRAM_CHAT_ID, NOTIFICATION_URL or NOTIFICATION_TOPIC")
  private static let stillWaiting = Refusal(
    code: "notify.stillWaiting", cause: "the message waits for its turn, or for an answer",
    fix: "look again in a minute; GET /api/v1/notifications says how the channel does")
}

extension Notifier.ChannelStatus {
  /// `proven`, `failing` or `untried`.
  fileprivate var word: String {
    if health.lastFailure != nil { return "failing" }
    return health.lastDelivered == nil ? "untried" : "proven"
  }

  fileprivate func write(to json: inout JSONWriter) {
    json.object { json in
      json.string("channel", name)
      json.string("state", word)
      if let at = health.lastDelivered { json.string("last_delivered_at", at) } else { json.null("last_delivered_at") }
      if let failure = health.lastFailure {
        json.string("last_failed_at", failure.at)
        failure.refusal.write("last_error", to: &json)
      }
      json.integer("delivered", health.delivered)
      json.integer("failed", health.failed)
      json.integer("given_up", health.lost)
      json.integer("waiting", waitingCount)
    }
  }
}
