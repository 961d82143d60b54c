package import HTTP
package import OrderDomain

/// One call to a cloud's service and its answer.
package struct CloudCall: Sendable {
  var method: HTTPMethod
  var url: String
  var fields: [(name: String, value: Secret)]
  var body: [UInt8] = []
}

package struct CloudAnswer: Sendable {
  let status: Int
  let generation: String?
  let body: [UInt8]
}

/// Carries calls to a cloud's services. A door of its own, so that what is said can be tested without sockets.
package protocol CloudTransport: Sendable {
  func send(_ call: CloudCall) async throws(Refusal) -> CloudAnswer
}

/// By the engine's HTTP client. Every address was checked when it was read: plain `http` is for this machine and for the
/// metadata server, which is reached by no other.
package struct HTTPCloudTransport: CloudTransport {
  private let client: HTTPClient

  /// From the call to the last byte of its answer.
  private static let deadline = Duration.seconds(10)

  package init(client: HTTPClient) { self.client = client }

  static var configuration: HTTPClientConfiguration {
    var options = HTTPClientConfiguration()
    options.plainText = .anywhere
    options.userAgent = "order-engine/\(OrderEngineVersion.current)"
    return options
  }

  package func send(_ call: CloudCall) async throws(Refusal) -> CloudAnswer {
    var fields = HTTPFields()
    do throws(HTTPFields.Refusal) {
      for field in call.fields { try fields.append(field.name, field.value.text) }
    } catch {
      throw HTTPCloudTransport.unreachable(call, "a field of the request cannot be sent")
    }
    do throws(TransferFailure) {
      let response = try await client.send(
        HTTPClientRequest(
          call.method, call.url, fields: fields, body: call.body, deadline: HTTPCloudTransport.deadline,
          resend: call.method == .get ? .once : .never))
      return CloudAnswer(
        status: Int(response.status.code), generation: response.fields["x-goog-generation"], body: response.body)
    } catch {
      throw HTTPCloudTransport.unreachable(call, error.cause)
    }
  }

  private static func unreachable(_ call: CloudCall, _ cause: String) -> Refusal {
    Refusal(
      code: "secret.cloudUnreachable", cause: "\(call.url.prefix { $0 != "?" }): \(cause)",
      fix:
        "see that this machine can reach the address; SECRET_MANAGER_URL, GCS_URL, PUBSUB_URL and GOOGLE_TOKEN_URL name others"
    )
  }
}
