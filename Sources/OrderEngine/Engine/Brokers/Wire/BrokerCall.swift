package import OrderDomain

/// One request to a broker, said completely and not yet sent: pure data, so that tests compare it byte by byte.
package struct BrokerCall: Sendable {
  package enum Method: String, Hashable, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  package enum HeaderValue: Sendable {
    case plain(String)
    case secret(Secret)
  }

  /// What nobody may see of a call beside its headers.
  package enum SecretPart: Sendable {
    /// Stands behind the target and a `?`, encoded already.
    case query(Secret)
    /// Is sent instead of a body.
    case body(Secret)
  }

  package let endpoint: BrokerEndpoint
  package let method: Method
  package let host: BrokerHost
  /// Absolute and percent-encoded, with the query: `/v2/orders?x=y`.
  package let target: String
  package let headers: [(name: String, value: HeaderValue)]
  /// Empty for none.
  package let body: [UInt8]
  package let secretPart: SecretPart?

  package init(
    endpoint: BrokerEndpoint, method: Method, host: BrokerHost = .trading, target: String,
    headers: [(name: String, value: HeaderValue)], body: [UInt8] = [], secretPart: SecretPart? = nil
  ) {
    self.endpoint = endpoint
    self.method = method
    self.host = host
    self.target = target
    self.headers = headers
    self.body = body
    self.secretPart = secretPart
  }

  /// Whether its effect would double if it were sent twice. Such a call is never repeated below the engine.
  package var isMutating: Bool { endpoint.isMutating }
}

/// What a call is for: by this it is counted, timed and allowed to be repeated.
package enum BrokerEndpoint: UInt8, Hashable, Sendable, CaseIterable {
  /// Placing and modifying.
  case order
  case cancel
  /// Books, positions, money: what reconciliation reads.
  case data
  /// Market prices, which brokers meter by themselves.
  case quote
  /// Profile and account matters.
  case other
  /// Comes to a token, and uses up what it is had for: a one-time password, a code, the token before.
  case login

  package var isMutating: Bool {
    switch self {
    case .order, .cancel, .login: true
    case .data, .quote, .other: false
    }
  }
}

/// Which of a broker's addresses a call goes to; configuration says where each is.
package enum BrokerHost: UInt8, Hashable, Sendable, CaseIterable {
  case trading
  case marketData
  case login
}
