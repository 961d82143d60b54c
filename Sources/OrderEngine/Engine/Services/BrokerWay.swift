import Actors
import Brokers
import HTTP
import OrderDomain
import Ring

/// The way to one account's broker: its connections, what speaks its protocol, where its symbols come from.
struct BrokerWay: Sendable {
  let client: HTTPClient
  let transport: any BrokerTransport
  let gateway: any BrokerAccount
  let source: SymbolSource
  let addresses: AccountConfiguration.Addresses
  let clock: BrokerClock
  /// Where the broker tells which addresses may send orders.
  let readAddresses: (@Sendable (Secret?) async throws(BrokerReadFailure) -> DhanAddresses)?

  static func open(
    _ settings: AccountConfiguration, _ configuration: EngineConfiguration, loop: EventLoop, wallClock: any WallClock
  ) async throws -> BrokerWay {
    guard let addresses = settings.addresses else { preconditionFailure("a remote account has addresses") }
    let client = try await client(settings, configuration, loop)
    let transport = HTTPBrokerTransport(
      client: client, trading: addresses.orders.text, marketData: addresses.data.text, login: addresses.login.text)
    let clock = BrokerClock()
    let line = BrokerLine(
      transport: DatedTransport(transport, clock: clock, wallClock: wallClock), deadlines: settings.deadlines,
      wallClock: wallClock)
    switch settings.broker {
    case .paper: preconditionFailure("paper is not remote")
    case .dhan:
      let dhan = DhanGateway(
        settings: DhanSettings(
          clientID: settings.clientID, protectiveBand: settings.protectiveBand,
          afterMarketTime: settings.afterMarketTime), line: line)
      return BrokerWay(
        client: client, transport: transport, gateway: dhan, source: .dhan, addresses: addresses, clock: clock,
        readAddresses: { token throws(BrokerReadFailure) in try await dhan.addresses(token: token) })
    case .fyers:
      let fyers = FyersGateway(
        settings: FyersSettings(appID: settings.clientID, protectiveBand: settings.protectiveBand), line: line)
      return BrokerWay(
        client: client, transport: transport, gateway: fyers, source: .fyers, addresses: addresses, clock: clock,
        readAddresses: nil)
    }
  }

  /// Calls of one account that are under way or wait for a connection. Without a rate limit a burst of alerts is accepted
  /// faster than a broker answers its orders, and each of them is to leave: what is refused here is tried again a second
  /// later, and speaks against the broker's circuit though nothing is wrong with him.
  package static let orderLimit = 16_384

  private static func client(
    _ settings: AccountConfiguration, _ configuration: EngineConfiguration, _ loop: EventLoop
  ) async throws -> HTTPClient {
    var options = HTTPClientConfiguration()
    options.extraAuthorities = configuration.brokerAuthorities
    options.userAgent = "order-engine/\(OrderEngineVersion.current)"
    options.transferLimit = orderLimit
    if let text = settings.sourceAddress {
      options.sourceAddress = try SocketAddress(host: text, port: 0).host
    }
    let final = options
    let client: Result<HTTPClient, HTTPClientError> = await loop.run {
      do throws(HTTPClientError) { return .success(try HTTPClient(loop: loop, configuration: final)) } catch {
        return .failure(error)
      }
    }
    do {
      return try client.get()
    } catch {
      throw Refusal(code: error.code, cause: error.cause, fix: error.fix)
    }
  }

  /// Where the account's tokens come from and are kept; `nil` where nothing is configured for it.
  func keeper(
    _ settings: AccountConfiguration, loop: EventLoop, ground: (clock: any MonotonicClock, wallClock: any WallClock),
    stores: [any TokenStore], turn: (any TokenTurn)?, tell: @escaping @Sendable (TokenKeeper.News) -> Void
  ) -> TokenKeeper? {
    let login: any TokenLogin
    switch settings.login {
    case .none: return nil
    case .dhan(let dhan):
      login = DhanLogin(
        executor: loop, clock: ground.clock, wallClock: ground.wallClock, account: settings.id, settings: dhan,
        transport: transport, deadline: settings.deadlines[.login])
    case .fyers(let fyers):
      login = FyersLogin(
        executor: loop, wallClock: ground.wallClock, account: settings.id, settings: fyers, transport: transport,
        deadline: settings.deadlines[.login])
    }
    return TokenKeeper(
      executor: loop, clock: ground.clock, wallClock: ground.wallClock, account: settings.id, login: login,
      stores: stores, turn: turn, makeState: LoginState.make, tell: tell)
  }
}
