internal import HTTP
package import OrderDomain

/// Notices as messages of a Google Pub/Sub topic, by its REST interface: `POST …/topics/TOPIC:publish`.
package struct PubSubChannel: NotificationChannel {
  private let topic: NotificationSettings.Topic
  private let access: GoogleAccess
  private let transport: any CloudTransport

  package var name: String { "pubsub" }

  package init(_ topic: NotificationSettings.Topic, access: GoogleAccess, transport: any CloudTransport) {
    self.topic = topic
    self.access = access
    self.transport = transport
  }

  package func deliver(_ message: NoticeMessage) async -> NoticeDelivery {
    var json = JSONWriter()
    json.object { json in
      json.array("messages") { json in
        json.object { json in
          json.string("data", Base64.text(NoticeJSON.bytes(message)))
          // By these a subscription filters without looking inside.
          json.object("attributes") { json in
            json.string("event", message.notice.event.rawValue)
            json.string("severity", message.notice.severity.code)
          }
        }
      }
    }
    do throws(Refusal) {
      let answer = try await transport.send(
        CloudCall(
          method: .post,
          url: topic.address.text + "/v1/projects/\(topic.project)/topics/\(topic.name):publish",
          fields: try await access.fields(contentType: "application/json"), body: json.bytes))
      if answer.status == 200 { return .delivered }
      let refusal = Refusal(
        code: "notify.pubsubRefused",
        cause: "Pub/Sub takes nothing for \(topic.name) of \(topic.project): \(GoogleError.words(answer))",
        fix: "see that the topic is there, and give the service account the role Pub/Sub Publisher on it")
      return answer.status == 400 ? .refused(refusal) : .failed(refusal, retryAfter: nil)
    } catch {
      return .failed(error, retryAfter: nil)
    }
  }
}
