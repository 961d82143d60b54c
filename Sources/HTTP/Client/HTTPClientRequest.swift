/// One request, as it shall leave.
package struct HTTPClientRequest: Sendable {
  /// What may be done when a kept connection dies before the first byte of an answer.
  package enum Resend: Sendable, Hashable {
    /// The request leaves at most once, whatever happens.
    case never
    /// Once more over a new connection. Only for methods that ask for no change (RFC 9110 9.2.1); for others it means
    /// ``never``.
    case once
  }

  package var method: HTTPMethod
  /// `https://host/path?query`, escaped already; no user, no fragment.
  package var url: String
  package var fields: HTTPFields
  /// Sent with Content-Length. Without one, POST, PUT and PATCH say `Content-Length: 0`.
  package var body: [UInt8]
  /// From the call to the last byte of the answer, waiting for a connection included: 1 ms...1 day.
  package var deadline: Duration
  package var resend: Resend
  /// Bytes of the answer's content, decoded: 0...1 GiB. More ends the transfer.
  package var bodyLimit: Int
  /// Lets the server compress the answer; it is decoded on arrival.
  package var acceptsCompression: Bool

  package init(
    _ method: HTTPMethod, _ url: String, fields: HTTPFields = HTTPFields(), body: [UInt8] = [],
    deadline: Duration = .seconds(10), resend: Resend = .never, bodyLimit: Int = 1 << 20,
    acceptsCompression: Bool = false
  ) {
    self.method = method
    self.url = url
    self.fields = fields
    self.body = body
    self.deadline = deadline
    self.resend = resend
    self.bodyLimit = bodyLimit
    self.acceptsCompression = acceptsCompression
  }

  /// How often the request may be begun.
  var attemptLimit: Int { resend == .once && method.isSafe ? 2 : 1 }

  private static let ownFields: [StaticString] = ["host", "expect", "te", "accept-encoding"]

  /// What is wrong with it besides its fields, or nil.
  var flaw: String? {
    if !(Duration.milliseconds(1)...Duration.seconds(86_400)).contains(deadline) { return "its deadline" }
    if !(0...1 << 30).contains(bodyLimit) { return "its body limit" }
    if method == .trace || method.isSafe && !body.isEmpty { return "content with \(method.name)" }
    return nil
  }

  /// Host names the peer that was verified, and Expect would wait for an answer before the content leaves.
  var fieldsFlaw: String? {
    for name in HTTPClientRequest.ownFields where fields.contains(name) { return "the field \(name)" }
    return nil
  }
}
