package import HTTP
package import OrderDomain

/// Notices as JSON, posted to an address of the user's. The address may hold a key, so nothing here puts it into words.
package struct WebhookChannel: NotificationChannel {
  private let url: Secret
  private let post: NoticePost

  package var name: String { "webhook" }

  package init(url: Secret, client: HTTPClient) {
    self.url = url
    post = NoticePost(client: client)
  }

  package func deliver(_ message: NoticeMessage) async -> NoticeDelivery {
    let answer: NoticePost.Answer
    do throws(Refusal) {
      answer = try await post.send(NoticeJSON.bytes(message), to: url, of: "NOTIFICATION_URL")
    } catch {
      return .failed(error, retryAfter: nil)
    }
    let words = "NOTIFICATION_URL answered with status \(answer.status)"
    switch answer.status {
    case 200..<300: return .delivered
    // RFC 9110, sections 15.5.1, 15.5.14 and 15.5.21: another message may be taken, this one never.
    case 400, 413, 422:
      return .refused(
        Refusal(
          code: "notify.webhookRefused", cause: words, fix: "see that it takes the JSON of docs/notifications.md"))
    default:
      return .failed(
        Refusal(
          code: "notify.webhookRefused", cause: words,
          fix: "see that the address is the right one and that what is behind it works"), retryAfter: answer.retryAfter)
    }
  }
}
