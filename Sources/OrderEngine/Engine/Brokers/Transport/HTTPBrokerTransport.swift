package import Brokers
package import HTTP
import OrderDomain

/// Carries calls to one broker over the engine's HTTP client.
package struct HTTPBrokerTransport: BrokerTransport {
  private let client: HTTPClient
  private let trading: String
  private let marketData: String
  private let login: String

  /// What an answer may weigh: a day of 7,000 orders at Dhan is some 6 MB.
  private static let bodyLimit = 16 << 20

  /// Base addresses carry no path: `https://api.dhan.co`. A slash at their end is dropped.
  package init(client: HTTPClient, trading: String, marketData: String? = nil, login: String? = nil) {
    self.client = client
    self.trading = HTTPBrokerTransport.base(trading)
    self.marketData = marketData.map(HTTPBrokerTransport.base) ?? self.trading
    self.login = login.map(HTTPBrokerTransport.base) ?? self.trading
  }

  package func send(_ call: BrokerCall, deadline: Duration) async -> BrokerTransportResult {
    var fields = HTTPFields()
    for header in call.headers {
      do throws(HTTPFields.Refusal) {
        try fields.append(header.name, HTTPBrokerTransport.text(header.value))
      } catch {
        // A token with a line end in it, say. Its value is not told.
        return .notSent(cause: "the field \(header.name) cannot be sent")
      }
    }
    var address = base(of: call.host) + call.target
    var body = call.body
    switch call.secretPart {
    case .query(let query): address += "?" + HTTPBrokerTransport.text(query)
    case .body(let secret): body = Array(HTTPBrokerTransport.text(secret).utf8)
    case nil: break
    }
    let request = HTTPClientRequest(
      HTTPBrokerTransport.method(call.method), address, fields: fields, body: body,
      // A read that met a dead connection may be asked once more; what changes something leaves once at most.
      deadline: deadline, resend: call.isMutating ? .never : .once, bodyLimit: HTTPBrokerTransport.bodyLimit,
      acceptsCompression: !call.isMutating)
    do throws(TransferFailure) {
      let response = try await client.send(request)
      return .answer(
        BrokerAnswer(
          status: Int(response.status.code), retryAfter: response.fields["Retry-After"],
          retryAfterMilliseconds: response.fields["X-Retry-After-Ms"], date: response.fields["Date"],
          body: response.body))
    } catch {
      return error.isCertainlyNotSent ? .notSent(cause: error.cause) : .perhapsSent(cause: error.cause)
    }
  }

  private func base(of host: BrokerHost) -> String {
    switch host {
    case .trading: trading
    case .marketData: marketData
    case .login: login
    }
  }

  private static func base(_ address: String) -> String {
    address.hasSuffix("/") ? String(address.dropLast()) : address
  }

  private static func method(_ method: BrokerCall.Method) -> HTTPMethod {
    switch method {
    case .get: .get
    case .post: .post
    case .put: .put
    case .patch: .patch
    case .delete: .delete
    }
  }

  private static func text(_ value: BrokerCall.HeaderValue) -> String {
    switch value {
    case .plain(let text): text
    case .secret(let secret): text(secret)
    }
  }

  /// The one place where a token becomes text: the client needs it so, and keeps it no longer than the transfer.
  private static func text(_ secret: Secret) -> String {
    secret.withBytes { bytes in
      var copy: [UInt8] = []
      copy.reserveCapacity(bytes.count)
      for index in bytes.indices { copy.append(bytes[index]) }
      return String(decoding: copy, as: UTF8.self)
    }
  }
}
