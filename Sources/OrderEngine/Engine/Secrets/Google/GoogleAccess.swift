internal import HTTP
package import OrderDomain

/// Access tokens for Google's services: by a service account's key, or from the machine's metadata server. One is kept
/// until shortly before it ends.
package actor GoogleAccess {
  package enum Source: Sendable {
    case key(ServiceAccountKey)
    /// Scheme and host of the metadata server.
    case metadata(String)
  }

  private let source: Source
  private let transport: any CloudTransport
  private let wallClock: any WallClock
  private var kept: (token: Secret, until: Timestamp)?

  /// A token is not used in its last minute.
  private static let margin: Int64 = 60

  package init(source: Source, transport: any CloudTransport, wallClock: any WallClock) {
    self.source = source
    self.transport = transport
    self.wallClock = wallClock
  }

  /// A bearer token that holds for a while.
  func token() async throws(Refusal) -> Secret {
    let now = wallClock.now()
    if let kept, now < kept.until { return kept.token }
    let answer = try await transport.send(try call(at: now))
    guard answer.status == 200 else { throw refusal(answer) }
    let fields: [String: String]
    do throws(JSONError) { fields = try JSONFields.texts(answer.body) } catch { throw refusal(answer) }
    guard let text = fields["access_token"], let seconds = fields["expires_in"].flatMap({ Int64($0) }) else {
      throw refusal(answer)
    }
    let token = Secret(text)
    let lifetime = max(0, min(seconds, 86_400) - GoogleAccess.margin)
    kept = (token, now.adding(nanoseconds: lifetime * 1_000_000_000))
    return token
  }

  private func call(at now: Timestamp) throws(Refusal) -> CloudCall {
    switch source {
    case .key(let key):
      // RFC 7523, section 2.1. A JWT holds no character that a form would have to escape.
      let assertion = try key.assertion(at: now).copiedBytes()
      return CloudCall(
        method: .post, url: key.tokenURL,
        fields: [("Content-Type", Secret("application/x-www-form-urlencoded"))],
        body: Array("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=".utf8) + assertion)
    case .metadata(let base):
      return CloudCall(
        method: .get, url: base + "/computeMetadata/v1/instance/service-accounts/default/token",
        fields: [("Metadata-Flavor", Secret("Google"))])
    }
  }

  private func refusal(_ answer: CloudAnswer) -> Refusal {
    // Only the codes that RFC 6749 section 5.2 names are told: the rest of the answer could hold anything.
    let known = [
      "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
      "invalid_scope",
    ]
    let body = String(decoding: answer.body.prefix(4096), as: UTF8.self)
    let word = known.first { body.contains("\"\($0)\"") }.map { ", \($0)" } ?? ""
    let fix =
      switch source {
      case .key: "see that the service account and its key are still there, and that this machine's clock is right"
      case .metadata: "give this machine a service account, or set GOOGLE_APPLICATION_CREDENTIALS"
      }
    return Refusal(
      code: "secret.googleLogin", cause: "Google gave no access token: status \(answer.status)\(word)", fix: fix)
  }
}
