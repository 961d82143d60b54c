import HTTP
package import OrderDomain

/// Dhan's API version 2 over the floor: who may ask, what is asked, and Dhan's way of saying yes and no.
package struct DhanDesk: Sendable {
  package private(set) var clients: [DhanClient]
  private var clientNumbers: [String: Int] = [:]
  private var tokens: [String: DhanToken] = [:]
  var mint: TokenMint

  package init(settings: SimulationSettings, at now: Timestamp) {
    mint = TokenMint(seed: settings.seed &+ 1)
    clients = []
    for number in 1...max(1, settings.accountCount) {
      clients.append(DhanClient(number: number, mint: &mint))
      clientNumbers[clients[number - 1].id] = number - 1
    }
    for client in clients.indices { _ = issue(to: client, consumer: "SELF", settings, at: now) }
  }

  func clientNumber(_ id: String?) -> Int? { id.flatMap { clientNumbers[$0] } }

  mutating func withClient<Result>(_ number: Int, _ body: (inout DhanClient) -> Result) -> Result {
    body(&clients[number])
  }

  // MARK: Answering

  mutating func answer(_ request: BrokerRequest, _ route: DhanRoute, _ floor: inout MarketFloor) -> HTTPResponse {
    do throws(DhanRefusal) {
      return try process(request, route, &floor)
    } catch {
      return error.response
    }
  }

  static func notFound(_ path: String, at now: Timestamp) -> HTTPResponse {
    Answers.object(404) { json in
      json.string("timestamp", now.description)
      json.integer("status", 404)
      json.string("error", "Not Found")
      json.string("path", path)
    }
  }

  private mutating func process(
    _ request: BrokerRequest, _ route: DhanRoute, _ floor: inout MarketFloor
  ) throws(DhanRefusal) -> HTTPResponse {
    switch route {
    case .mint: return mintToken(request, floor)
    case .consent: return makeConsent(request)
    case .login: return logIn(request)
    case .consume: return consumeConsent(request, floor)
    default: break
    }
    let client: Int
    switch admit(request, floor) {
    case .client(let number): client = number
    case .refused(let refusal): throw refusal
    case .expired:
      if route.budget == .quotes { return DhanRefusal.data(807, "Access Token is expired") }
      throw .badAccess
    }
    if floor.settings.enforcesRates, !clients[client].take(route.budget, at: floor.now) { throw .tooManyCalls }

    switch route {
    case .place: return try place(request, client, &floor)
    case .slice: return try slice(request, client, &floor)
    case .modify(let id): return try modify(id, request, client, &floor)
    case .cancel(let id): return try cancel(id, request, client, &floor)
    case .orderBook: return orderBook(client, floor)
    case .order(let id): return order(id, client, floor)
    case .external(let tag): return try order(tagged: tag, client, floor)
    case .tradeBook: return tradeBook(client, floor)
    case .trades(let id): return trades(of: id, client, floor)
    case .holdings: return try holdings(client, floor)
    case .positions: return positions(client, floor)
    case .exitAll: return exitAll(client, &floor)
    case .convert: throw .order("Position cannot be converted")
    case .funds: return funds(client, floor)
    case .margin: return try margin(request, client, floor)
    case .margins: return try margins(request, client, floor)
    case .feed(let kind): return feed(request, kind, floor)
    case .profile: return profile(client, floor)
    case .renew: return try renew(request, client, floor)
    case .readKillSwitch, .killSwitch: return try killSwitch(request, client, floor)
    case .readAddress: return readAddress(request, client, floor)
    case .setAddress, .changeAddress: return setAddress(request, client, floor)
    case .segmentFile(let name): return segmentFile(name, floor)
    case .mint, .consent, .login, .consume: throw .badFields
    }
  }

  // MARK: Tokens

  private enum Admission {
    case client(Int)
    case expired
    case refused(DhanRefusal)
  }

  private func admit(_ request: BrokerRequest, _ floor: MarketFloor) -> Admission {
    guard let text = request.fields["access-token"], let token = tokens[text] else {
      // Without enforcement the client is whoever the request says, or the first.
      if !floor.settings.enforcesTokens { return .client(clientNumber(request.fields["client-id"]) ?? 0) }
      return .refused(.badAccess)
    }
    if !floor.settings.enforcesTokens { return .client(token.client) }
    guard clients[token.client].token == text else { return .refused(.deadToken) }
    return floor.now < token.expires ? .client(token.client) : .expired
  }

  func token(_ text: String) -> DhanToken? { tokens[text] }

  /// Makes a token, and with it ends the one before.
  mutating func issue(
    to client: Int, consumer: String, _ settings: SimulationSettings, at now: Timestamp
  ) -> (text: String, expires: Timestamp) {
    let issued = now.nanoseconds / 1_000_000_000
    let expires = issued + settings.tokenLifeSeconds
    let id = clients[client].id
    let text = mint.token { json in
      json.string("iss", "dhan")
      json.string("partnerId", "")
      json.integer("exp", expires)
      json.integer("iat", issued)
      json.string("tokenConsumerType", consumer)
      json.string("webhookUrl", "")
      json.string("dhanClientId", id)
    }
    // Dead ones are remembered to be told apart from unknown ones, though not for ever.
    if tokens.count > 4_096 {
      let alive = Set(clients.map(\.token))
      tokens = tokens.filter { alive.contains($0.key) }
    }
    let end = Timestamp(seconds: expires) ?? .distantFuture
    tokens[text] = DhanToken(client: client, consumer: consumer, expires: end)
    clients[client].token = text
    return (text, end)
  }

  /// Ends the token that a request carries, as a script may.
  mutating func killToken(_ request: BrokerRequest) -> DhanRefusal {
    if let text = request.fields["access-token"], let token = tokens[text], clients[token.client].token == text {
      clients[token.client].token = ""
    }
    return .deadToken
  }
}

extension DhanDesk {
  mutating func resetBudgets() {
    for number in clients.indices { withClient(number) { $0.resetBudgets() } }
  }
}
