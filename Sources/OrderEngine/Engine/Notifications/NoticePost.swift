import HTTP
import OrderDomain

/// Posts a channel's JSON, and says in words what went wrong. The address may be a secret: no word of it is told.
struct NoticePost: Sendable {
  let client: HTTPClient

  /// From the call to the last byte of the answer.
  private static let deadline = Duration.seconds(10)
  /// More than any of the services answers.
  private static let answerLimit = 64 << 10

  struct Answer: Sendable {
    let status: Int
    /// Of the field `Retry-After`, in seconds (RFC 9110, section 10.2.3); a date is not understood.
    let retryAfter: Duration?
    let body: [UInt8]
  }

  /// - Parameter service: in words, for the refusal.
  func send(_ body: [UInt8], to url: Secret, of service: String) async throws(Refusal) -> Answer {
    var fields = HTTPFields()
    fields.add("Content-Type", "application/json")
    do throws(TransferFailure) {
      // A message that perhaps arrived may be sent again: two are better than none.
      let response = try await client.send(
        HTTPClientRequest(
          .post, url.text, fields: fields, body: body, deadline: NoticePost.deadline, bodyLimit: NoticePost.answerLimit)
      )
      let seconds = response.fields["retry-after"].flatMap { Int64($0) }.map { min(max($0, 0), 86_400) }
      return Answer(
        status: Int(response.status.code), retryAfter: seconds.map { .seconds($0) }, body: response.body)
    } catch {
      // The client's own words name hosts at most; what cannot be is made sure of here.
      let cause = error.cause.contains(url.text) ? error.code.rawValue : error.cause
      throw Refusal(code: "notify.unreachable", cause: "\(service) could not be told: \(cause)", fix: error.fix)
    }
  }
}
