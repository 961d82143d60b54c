import HTTP
import OrderDomain
import SimulatedExchange

/// Tokens, the profile, the kill switch, registered addresses.
extension DhanDesk {
  // MARK: PIN and one-time password

  /// Refusals come under 200 with a message, but for a wrong one-time password.
  mutating func mintToken(_ request: BrokerRequest, _ floor: MarketFloor) -> HTTPResponse {
    guard let client = clientNumber(request.queryValue("dhanClientId")) else {
      return DhanDesk.failure("Invalid Client")
    }
    if let last = clients[client].mintedAt,
      floor.now.nanoseconds(since: last) < floor.settings.tokenCooldownSeconds * 1_000_000_000
    {
      return DhanDesk.failure("Token can be generated once every 2 minutes.")
    }
    guard request.queryValue("pin") == clients[client].pin else { return DhanDesk.failure("Invalid PIN") }
    guard let code = request.queryValue("totp"),
      OneTimePassword.accepts(code, secret: clients[client].oneTimeSecret, at: floor.now)
    else { return DhanRefusal.order("Invalid TOTP").response }
    withClient(client) { $0.mintedAt = floor.now }
    let token = issue(to: client, consumer: "APP", floor.settings, at: floor.now)
    // With milliseconds here, without in the consent flow.
    return tokenAnswer(client, token.text, DhanDesk.local(token.expires) + ".000")
  }

  private static func failure(_ message: String) -> HTTPResponse {
    Answers.object { json in
      json.string("message", message)
      json.string("status", "error")
    }
  }

  /// Indian time without a zone.
  private static func local(_ time: Timestamp) -> String { "\(time.indianDate)T\(IndianTime.clock(time))" }

  private func tokenAnswer(_ client: Int, _ token: String, _ expiry: String) -> HTTPResponse {
    Answers.object { json in
      json.string("dhanClientId", clients[client].id)
      json.string("dhanClientName", "SIMULATED CLIENT")
      json.string("dhanClientUcc", "SIM\(clients[client].id.suffix(6))")
      json.boolean("givenPowerOfAttorney", false)
      json.string("accessToken", token)
      json.string("expiryTime", expiry)
    }
  }

  // MARK: Consent

  mutating func makeConsent(_ request: BrokerRequest) -> HTTPResponse {
    guard let client = clientNumber(request.queryValue("client_id")),
      request.fields["app_id"] == clients[client].appID, request.fields["app_secret"] == clients[client].appSecret
    else { return DhanRefusal.badAccess.response }
    guard clients[client].consents.count < 25 else { return DhanDesk.failure("Consent limit reached for the day") }
    let consent = mint.identifier()
    withClient(client) { $0.consents.append(consent) }
    return Answers.object { json in
      json.string("consentAppId", consent)
      json.string("consentAppStatus", "GENERATED")
      json.string("status", "success")
    }
  }

  /// Where the browser goes: here the user logs in at once, and is sent on to a redirect address.
  mutating func logIn(_ request: BrokerRequest) -> HTTPResponse {
    guard let consent = request.queryValue("consentAppId"),
      let client = clients.firstIndex(where: { $0.consents.contains(consent) })
    else { return Answers.page(404, "Unknown consent") }
    let login = mint.identifier()
    withClient(client) { client in
      client.consents.removeAll { $0 == consent }
      client.logins.append(login)
    }
    let target = request.queryValue("redirect") ?? "http://127.0.0.1/"
    return HTTPResponse(.found, fields: Answers.fields([("Location", "\(target)?tokenId=\(login)")]))
  }

  mutating func consumeConsent(_ request: BrokerRequest, _ floor: MarketFloor) -> HTTPResponse {
    guard let login = request.queryValue("tokenId"),
      let client = clients.firstIndex(where: { $0.logins.contains(login) }),
      request.fields["app_id"] == clients[client].appID, request.fields["app_secret"] == clients[client].appSecret
    else { return DhanRefusal.badAccess.response }
    withClient(client) { client in client.logins.removeAll { $0 == login } }
    let token = issue(to: client, consumer: "SELF", floor.settings, at: floor.now)
    return tokenAnswer(client, token.text, DhanDesk.local(token.expires))
  }

  // MARK: Renewal

  /// Ends the token that it renews. Only what the website made can be renewed, and only by GET.
  mutating func renew(
    _ request: BrokerRequest, _ client: Int, _ floor: MarketFloor
  ) throws(DhanRefusal) -> HTTPResponse {
    guard request.method == .get else { throw .badFields }
    guard request.fields["dhanclientid"] == clients[client].id else { throw .badFields }
    let consumer = token(request.fields["access-token"] ?? "")?.consumer
    guard consumer == "SELF" else { throw .input("Renewal of token not allowed for this token type") }
    let token = issue(to: client, consumer: "SELF", floor.settings, at: floor.now)
    return tokenAnswer(client, token.text, DhanDesk.local(token.expires))
  }

  func profile(_ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let expires = token(clients[client].token)?.expires ?? floor.now
    return Answers.object { json in
      json.string("dhanClientId", clients[client].id)
      json.string("tokenValidity", IndianTime.slashed(expires))
      json.string("activeSegment", "E, D, C, M, ")
      json.string("ddpi", "Active")
      json.string("mtf", "Active")
      json.string("dataPlan", "Active")
      json.string("dataValidity", "\(floor.now.indianDate.adding(days: 365)) 09:37:52.0")
    }
  }

  // MARK: Kill switch

  mutating func killSwitch(
    _ request: BrokerRequest, _ client: Int, _ floor: MarketFloor
  ) throws(DhanRefusal) -> HTTPResponse {
    let status: String
    if request.method == .get {
      status = clients[client].isKilled ? "ACTIVATE" : "DEACTIVATE"
    } else {
      switch request.queryValue("killSwitchStatus") {
      case "ACTIVATE":
        let account = clients[client].account
        let isFlat = floor.exchange.positions(of: account)?.allSatisfy { $0.net == 0 } ?? true
        let isQuiet = floor.exchange.orderBook(of: account)?.allSatisfy { $0.state.isFinal } ?? true
        guard isFlat, isQuiet else { throw .order("Please close all open positions and cancel all pending orders") }
        withClient(client) { $0.isKilled = true }
        status = "Kill Switch has been successfully activated"
      case "DEACTIVATE":
        withClient(client) { $0.isKilled = false }
        status = "Kill Switch has been successfully deactivated"
      default: throw .badFields
      }
    }
    return Answers.object { json in
      json.string("dhanClientId", clients[client].id)
      json.string("killSwitchStatus", status)
    }
  }

  // MARK: Addresses

  func readAddress(_ request: BrokerRequest, _ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    let (primary, secondary) = (clients[client].primaryAddress, clients[client].secondaryAddress)
    let isMatch = clients[client].allows(request.peer)
    return Answers.object { json in
      json.string("modifyDatePrimary", primary?.date.description ?? "0001-01-01")
      json.string("primaryIP", primary?.address ?? "")
      json.string("modifyDateSecondary", secondary?.date.description ?? "0001-01-01")
      json.string("secondaryIP", secondary?.address ?? "")
      json.string("detectedIP", request.peer)
      json.string("ipMatchStatus", isMatch ? "MATCH" : "MISMATCH")
      json.boolean("ordersAllowed", isMatch || !floor.settings.enforcesAddresses)
    }
  }

  /// Refusals are a list under 200. An address stays for seven days once it was changed.
  mutating func setAddress(_ request: BrokerRequest, _ client: Int, _ floor: MarketFloor) -> HTTPResponse {
    func failure(_ words: String) -> HTTPResponse {
      Answers.array { json in
        json.object { json in
          json.string("message", words)
          json.string("status", "ERROR")
        }
      }
    }
    let body: JSONValue
    do throws(DhanRefusal) { body = try parsed(request) } catch { return failure("Invalid request") }
    guard body["dhanClientId"]?.text == clients[client].id, let address = body["ip"]?.text,
      (3...45).contains(address.utf8.count), let flag = body["ipFlag"]?.text, ["PRIMARY", "SECONDARY"].contains(flag)
    else { return failure("Invalid request") }
    let today = floor.now.indianDate
    let known = flag == "PRIMARY" ? clients[client].primaryAddress : clients[client].secondaryAddress
    let isChange = request.method == .put
    guard isChange == (known != nil) else {
      return failure(isChange ? "IP not found" : "IP already exists. Use modify IP")
    }
    if isChange, let known, today < known.date.adding(days: 7) { return failure("IP can be modified once in 7 days") }
    let entry = DhanClient.RegisteredAddress(address: address, date: today)
    withClient(client) { client in
      if flag == "PRIMARY" { client.primaryAddress = entry } else { client.secondaryAddress = entry }
    }
    return Answers.object { json in
      json.string("message", "IP saved successfully")
      json.string("status", "SUCCESS")
    }
  }
}
