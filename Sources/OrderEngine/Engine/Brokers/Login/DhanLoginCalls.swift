package import OrderDomain

/// Builds the calls by which a Dhan account comes to a token (DhanHQ v2, section Authentication). Pure: the same input is
/// the same bytes. None of them is ever sent twice: each uses something up.
package struct DhanLoginCalls: Sendable {
  package let settings: DhanLoginSettings

  package init(settings: DhanLoginSettings) { self.settings = settings }

  /// A token for PIN and one-time password. Both travel in the query, which therefore is a secret as a whole.
  package func mint(pin: Secret, code: Secret) -> BrokerCall {
    var query = SecretText()
    query.append("dhanClientId=\(WireText.encoded(settings.clientID))&pin=")
    query.append(escaped: pin)
    query.append("&totp=")
    query.append(escaped: code)
    return call(.post, .login, "/app/generateAccessToken", query: query.secret)
  }

  /// Ends the token that it carries and answers with the next. GET: a POST is refused.
  package func renew(_ token: Secret) -> BrokerCall {
    call(
      .get, .trading, "/v2/RenewToken",
      headers: [("access-token", .secret(token)), ("dhanClientId", .plain(settings.clientID))])
  }

  /// Asks for leave to show a login page.
  package func makeConsent(key: Secret, secret: Secret) -> BrokerCall {
    var query = SecretText()
    query.append("client_id=\(WireText.encoded(settings.clientID))")
    return call(
      .post, .login, "/app/generate-consent", headers: [("app_id", .secret(key)), ("app_secret", .secret(secret))],
      query: query.secret)
  }

  /// The token for what the login page gave the browser.
  package func consume(_ tokenID: Secret, key: Secret, secret: Secret) -> BrokerCall {
    var query = SecretText()
    query.append("tokenId=")
    query.append(escaped: tokenID)
    return call(
      .get, .login, "/app/consumeApp-consent", headers: [("app_id", .secret(key)), ("app_secret", .secret(secret))],
      query: query.secret)
  }

  /// Where the person's browser goes.
  package func page(consent: String) -> String {
    settings.address + "/login/consentApp-login?consentAppId=" + WireText.encoded(consent)
  }

  private func call(
    _ method: BrokerCall.Method, _ host: BrokerHost, _ path: String,
    headers: [(name: String, value: BrokerCall.HeaderValue)] = [], query: Secret? = nil
  ) -> BrokerCall {
    BrokerCall(
      endpoint: .login, method: method, host: host, target: path,
      headers: headers + [("Accept", .plain("application/json"))], secretPart: query.map { .query($0) })
  }
}
