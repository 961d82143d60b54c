/// An answer that the server gives in its own name.
package enum HTTPRefusal: Hashable, Sendable {
  /// The bytes are no request that we take.
  case message(HTTPParseError)
  /// The request did not come fast enough (RFC 9110 15.5.9).
  case requestTooSlow
  /// More connections than the limits allow.
  case connectionLimit
  /// The handler did not answer in time.
  case answerOverdue
  /// HTTP came where TLS is spoken.
  case plainRequest

  package var status: HTTPStatus {
    switch self {
    case .message(let error): error.status
    case .requestTooSlow: .requestTimeout
    case .connectionLimit, .answerOverdue: .serviceUnavailable
    case .plainRequest: .badRequest
    }
  }

  /// The stable code.
  package var code: String {
    switch self {
    case .message(let error): error.code
    case .requestTooSlow: "http.requestTooSlow"
    case .connectionLimit: "http.connectionLimit"
    case .answerOverdue: "http.answerOverdue"
    case .plainRequest: "tls.plainRequest"
    }
  }

  package var cause: String {
    switch self {
    case .message(let error): error.cause
    case .requestTooSlow: "the request did not arrive in time"
    case .connectionLimit: "too many connections"
    case .answerOverdue: "the answer was not ready in time"
    case .plainRequest: "the request came by plain HTTP, and this port speaks HTTPS"
    }
  }

  package var fix: String {
    switch self {
    case .message: "send a request that conforms to RFC 9110 and RFC 9112, within the limits"
    case .requestTooSlow: "send the whole request at once"
    case .connectionLimit: "close unused connections, or try again later"
    case .answerOverdue: "try again later"
    case .plainRequest: "begin the address with https://"
    }
  }

  /// The refusal as JSON.
  package static func response(_ refusal: HTTPRefusal) -> HTTPResponse {
    var body: [UInt8] = []
    // None of the texts holds a character that JSON would want escaped.
    let text =
      "{\"error\":{\"code\":\"\(refusal.code)\",\"cause\":\"\(refusal.cause)\",\"fix\":\"\(refusal.fix)\"}}\n"
    body.append(contentsOf: text.utf8)
    return HTTPResponse(refusal.status, fields: refusal.retries ? retryFields : jsonFields, body: body)
  }

  private var retries: Bool { status == .serviceUnavailable }

  private static let jsonFields = fields(["Content-Type": "application/json"])
  private static let retryFields = fields(["Content-Type": "application/json", "Retry-After": "1"])

  private static func fields(_ pairs: KeyValuePairs<String, String>) -> HTTPFields {
    do { return try HTTPFields(pairs) } catch { preconditionFailure("the fields above are well-formed") }
  }
}
