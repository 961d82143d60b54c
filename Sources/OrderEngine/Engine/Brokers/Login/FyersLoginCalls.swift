internal import Crypto
package import OrderDomain

/// Builds the calls by which a Fyers account comes to a token (API v3, section Authentication). Pure: the same input is the
/// same bytes. None of them is ever sent twice: each uses something up.
package struct FyersLoginCalls: Sendable {
  package let settings: FyersLoginSettings

  package init(settings: FyersLoginSettings) { self.settings = settings }

  /// Where the person's browser goes; `nil` without a registered address to come back to.
  package func page(state: String) -> String? {
    guard let redirect = settings.redirectAddress else { return nil }
    return settings.address + "/api/v3/generate-authcode?client_id=" + WireText.encoded(settings.appID)
      + "&redirect_uri=" + WireText.encoded(redirect) + "&response_type=code&state=" + WireText.encoded(state)
  }

  /// The tokens for a code that the login page gave the browser.
  package func exchange(_ code: Secret, secretID: Secret) -> BrokerCall {
    call("/api/v3/validate-authcode") { body in
      body.append("{\"grant_type\":\"authorization_code\",\"appIdHash\":")
      body.append(quoted: hash(secretID))
      body.append(",\"code\":")
      body.append(quoted: code)
      body.append("}")
    }
  }

  /// An access token for a refresh token. Fyers has refused this to everybody since April 2026.
  package func refresh(_ token: Secret, pin: Secret, secretID: Secret) -> BrokerCall {
    call("/api/v3/validate-refresh-token") { body in
      body.append("{\"grant_type\":\"refresh_token\",\"appIdHash\":")
      body.append(quoted: hash(secretID))
      body.append(",\"refresh_token\":")
      body.append(quoted: token)
      body.append(",\"pin\":")
      body.append(quoted: pin)
      body.append("}")
    }
  }

  /// Lower-case hexadecimal SHA-256 of `app id:secret`. The documents leave the colon out; it is part of it.
  package func hash(_ secretID: Secret) -> Secret {
    var hash = SHA256()
    hash.update(data: Array((settings.appID + ":").utf8))
    secretID.withBytes { bytes in
      for index in bytes.indices { hash.update(data: [bytes[index]]) }
    }
    let digits = Array("0123456789abcdef".utf8)
    return Secret(hash.finalize().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  private func call(_ path: String, _ write: (inout SecretText) -> Void) -> BrokerCall {
    var body = SecretText()
    write(&body)
    return BrokerCall(
      endpoint: .login, method: .post, host: .login, target: path,
      headers: [("Accept", .plain("application/json")), ("Content-Type", .plain("application/json"))],
      secretPart: .body(body.secret))
  }
}
