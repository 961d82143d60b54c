import HTTP
package import OrderDomain

/// Fyers' API version 3 over the floor.
package struct FyersDesk: Sendable {
  package private(set) var clients: [FyersClient]
  private var tokens: [String: FyersToken] = [:]
  var mint: TokenMint

  package init(settings: SimulationSettings, at now: Timestamp) {
    mint = TokenMint(seed: settings.seed &+ 2)
    clients = []
    for number in 1...max(1, settings.accountCount) { clients.append(FyersClient(number: number, mint: &mint)) }
    for client in clients.indices { _ = issue(to: client, at: now) }
  }

  mutating func withClient<Result>(_ number: Int, _ body: (inout FyersClient) -> Result) -> Result {
    body(&clients[number])
  }

  // MARK: Answering

  mutating func answer(_ request: BrokerRequest, _ route: FyersRoute, _ floor: inout MarketFloor) -> HTTPResponse {
    do throws(FyersRefusal) {
      return try process(request, route, &floor)
    } catch {
      return error.response
    }
  }

  private mutating func process(
    _ request: BrokerRequest, _ route: FyersRoute, _ floor: inout MarketFloor
  ) throws(FyersRefusal) -> HTTPResponse {
    switch route {
    case .login: return logIn(request, floor)
    case .exchangeCode: return try exchangeCode(request, floor)
    case .refresh: return try renew(request, floor)
    case .edge: return Answers.page(403, "Attention Required! | Cloudflare")
    default: break
    }
    let client = try admit(request, floor)
    var items: [JSONValue]?
    switch route {
    case .placeMany, .modifyMany, .cancelMany:
      guard let list = try parsed(request).elements, (1...10).contains(list.count) else { throw .invalidInput }
      items = list
    default: break
    }
    if floor.settings.enforcesRates, let wait = clients[client].take(items?.count ?? 1, at: floor.now) {
      return FyersRefusal.tooManyCalls(isOrder: route.isOrder, wait: wait)
    }
    if route.isOrder {
      if clients[client].isReadOnly { throw .noPermission }
      if floor.settings.enforcesAddresses, !clients[client].addresses.contains(request.peer) { throw .wrongAddress }
    }
    switch route {
    case .place: return try place(try parsed(request), client, &floor)
    case .modify: return try modify(try parsed(request), client, &floor)
    case .cancel: return try cancel(try parsed(request)["id"]?.text, client, &floor)
    case .cancelNamed(let id): return try cancel(id, client, &floor)
    case .placeMany, .modifyMany, .cancelMany: return many(items ?? [], route, client, &floor)
    case .orders: return try orders(request, client, floor)
    case .tradeBook: return tradeBook(request, client, floor)
    case .positions: return positions(client, floor)
    case .exit: return try exit(request, client, &floor)
    case .convert: throw .bad("Position cannot be converted")
    case .holdings: return holdings(client, floor)
    case .funds: return funds(client, floor)
    case .margin: return try margin(request, client, floor)
    case .profile: return profile(client)
    case .logout: return logOut(request)
    case .quotes: return try quotes(request, floor)
    case .depth: return try depth(request, floor)
    case .marketStatus: return marketStatus(floor)
    case .symbolTokens: return try symbolTokens(request, floor)
    case .edge, .login, .exchangeCode, .refresh: throw .invalidInput
    }
  }

  func parsed(_ request: BrokerRequest) throws(FyersRefusal) -> JSONValue {
    do throws(JSONError) {
      return try JSONValue(parsing: request.body.span)
    } catch {
      throw .invalidInput
    }
  }

  // MARK: Tokens

  /// `{app_id}:{access_token}`, without a word before it.
  func admit(_ request: BrokerRequest, _ floor: MarketFloor) throws(FyersRefusal) -> Int {
    let parts = (request.fields["authorization"] ?? "").split(separator: ":", maxSplits: 1).map(String.init)
    guard floor.settings.enforcesTokens else {
      return clients.firstIndex { $0.appID == parts.first } ?? 0
    }
    guard parts.count == 2 else { throw .malformedToken }
    guard let token = tokens[parts[1]], clients[token.client].appID == parts[0], !token.isDead else {
      throw .unknownToken
    }
    guard floor.now < token.expires else { throw .expiredToken }
    return token.client
  }

  /// Lives until six in the morning, Indian time.
  mutating func issue(to client: Int, at now: Timestamp) -> String {
    let day = now.indianSecondOfDay < 21_600 ? now.indianDate : now.indianDate.adding(days: 1)
    let expires = Int64(day.daysSinceEpoch) * 86_400 + 21_600 - 19_800
    let id = clients[client].id
    let text = mint.token { json in
      json.string("iss", "api.fyers.in")
      json.integer("iat", now.nanoseconds / 1_000_000_000)
      json.integer("exp", expires)
      json.string("sub", "access_token")
      json.string("fy_id", id)
      json.string("hsm_key", "simulated")
    }
    if tokens.count > 4_096 {
      let newest = Set(clients.map(\.token))
      tokens = tokens.filter { newest.contains($0.key) }
    }
    tokens[text] = FyersToken(client: client, expires: Timestamp(seconds: expires) ?? .distantFuture)
    clients[client].token = text
    return text
  }

  /// Ends the token that a request carries.
  mutating func killToken(_ request: BrokerRequest) -> FyersRefusal {
    let parts = (request.fields["authorization"] ?? "").split(separator: ":", maxSplits: 1).map(String.init)
    if parts.count == 2 { tokens[parts[1]]?.isDead = true }
    return .unknownToken
  }

  mutating func killTokens(of client: Int) {
    for (text, token) in tokens where token.client == client { tokens[text]?.isDead = true }
  }

  // MARK: Login

  /// Where the browser goes: here the user logs in at once and is sent back with a code.
  private mutating func logIn(_ request: BrokerRequest, _ floor: MarketFloor) -> HTTPResponse {
    guard let client = clients.firstIndex(where: { $0.appID == request.queryValue("client_id") }),
      let target = request.queryValue("redirect_uri"), request.queryValue("response_type") == "code"
    else { return FyersRefusal(400, -352, "Please provide a valid app id").response }
    let code = mint.token { json in
      json.string("sub", "auth_code")
      json.integer("iat", floor.now.nanoseconds / 1_000_000_000)
    }
    clients[client].codes = clients[client].codes.filter { $0.value > floor.now }
    clients[client].codes[code] = floor.now.adding(nanoseconds: 300_000_000_000)
    let state = request.queryValue("state") ?? ""
    let separator = target.contains("?") ? "&" : "?"
    let location = "\(target)\(separator)s=ok&code=200&auth_code=\(code)&state=\(state.queryEscaped)"
    return HTTPResponse(.found, fields: Answers.fields([("Location", location)]))
  }

  /// A code is exchanged once, within five minutes, with the hash of the app's id and secret.
  private mutating func exchangeCode(
    _ request: BrokerRequest, _ floor: MarketFloor
  ) throws(FyersRefusal) -> HTTPResponse {
    let body = try parsed(request)
    guard body["grant_type"]?.text == "authorization_code", let hash = body["appIdHash"]?.text,
      let code = body["code"]?.text
    else { throw .invalidInput }
    guard let client = clients.firstIndex(where: { $0.appHash == hash }) else {
      throw FyersRefusal(400, -371, "invalid app id hash")
    }
    guard let end = clients[client].codes.removeValue(forKey: code), floor.now < end else {
      throw FyersRefusal(400, -374, "invalid auth code")
    }
    let token = issue(to: client, at: floor.now)
    let refresh = mint.token { $0.string("sub", "refresh_token") }
    clients[client].refreshToken = refresh
    return FyersDesk.ok { json in
      json.string("access_token", token)
      json.string("refresh_token", refresh)
    }
  }

  /// Disabled for everybody unless a setting brings the old days back.
  private mutating func renew(_ request: BrokerRequest, _ floor: MarketFloor) throws(FyersRefusal) -> HTTPResponse {
    guard floor.settings.fyersRenewsTokens else { throw .refreshDisabled }
    let body = try parsed(request)
    guard body["grant_type"]?.text == "refresh_token", let hash = body["appIdHash"]?.text,
      let client = clients.firstIndex(where: { $0.appHash == hash }), let refresh = clients[client].refreshToken,
      body["refresh_token"]?.text == refresh
    else { throw .malformedToken }
    guard body["pin"]?.text == clients[client].pin else { throw .bad("Invalid pin") }
    let token = issue(to: client, at: floor.now)
    return FyersDesk.ok { $0.string("access_token", token) }
  }

  private mutating func logOut(_ request: BrokerRequest) -> HTTPResponse {
    _ = killToken(request)
    return FyersDesk.ok(message: "you are successfully logged out") { _ in }
  }

  private func profile(_ client: Int) -> HTTPResponse {
    FyersDesk.ok { json in
      json.object("data") { json in
        json.string("name", "SIMULATED CLIENT")
        json.null("image")
        json.string("display_name", "SIMULATED")
        json.string("email_id", "s****@example.com")
        json.string("PAN", "A****1234F")
        json.string("fy_id", clients[client].id)
        json.null("pin_change_date")
        json.string("mobile_number", "******0000")
        json.boolean("totp", true)
        json.null("pwd_change_date")
        json.integer("pwd_to_expire", 90)
        json.boolean("ddpi_enabled", false)
        json.boolean("mtf_enabled", false)
      }
    }
  }

  // MARK: Envelope

  static func ok(
    code: Int = 200, message: String = "", _ payload: (inout JSONWriter) -> Void
  ) -> HTTPResponse {
    Answers.object { json in
      json.string("s", "ok")
      json.integer("code", code)
      json.string("message", message)
      payload(&json)
    }
  }
}

extension String {
  /// As a value in a query: all but unreserved characters escaped (RFC 3986 section 2.3).
  var queryEscaped: String {
    var text: [UInt8] = []
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        text.append(byte)
      default: text += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension FyersDesk {
  mutating func resetBudgets() {
    for number in clients.indices { withClient(number) { $0.resetBudgets() } }
  }
}
