import Actors
import Brokers
import HTTP
import Logging
import OrderDomain
import Ring
import SimulatedExchange

/// One account's parts: who sends its orders, what keeps its calls within bounds, where its symbols come from.
struct AccountHouse: Sendable {
  let account: EngineAccount
  /// What runs beside the orders as long as its task lives: the broker's book, the symbols of each day.
  let chores: [@Sendable () async -> Void]
  /// Ends whoever waits for a permit or a token.
  let endAdmission: @Sendable () async -> Void
  /// When no call is under way any more.
  let close: @Sendable () async -> Void
}

/// Builds accounts on one engine thread.
struct AccountBuilder: Sendable {
  let loop: EventLoop
  let wallClock: any WallClock
  let configuration: EngineConfiguration
  let directory: DataDirectory
  let symbols: SymbolMaster
  let market: PaperMarket
  /// Orders that were sent today before this start, by account: they count against the day's limit.
  let sentToday: [AccountID: Int]
  let logger: Logger
  let sink: OrderRouter.ChangeSink

  private typealias Limiter = RateLimiter<LoopClock>

  func build(_ settings: AccountConfiguration) async throws -> AccountHouse {
    switch settings.broker {
    case .paper: try await paper(settings)
    case .dhan, .fyers: try await remote(settings)
    }
  }

  // MARK: Paper

  private func paper(_ settings: AccountConfiguration) async throws -> AccountHouse {
    let (symbols, market, configuration, wallClock, logger) = (symbols, market, configuration, wallClock, logger)
    try await SymbolLoading.load(configuration, into: symbols, at: wallClock.now(), logger: logger)
    let guards = await guards(of: settings, source: StaticTokenSource.paper, readPolicy: nil)
    let router = OrderRouter(
      executor: loop, account: settings.id, gateway: PaperGateway(market: market, account: settings.id),
      admission: guards.admission, wallClock: wallClock, sink: sink)
    await market.deliver(settings.id) { report in router.assumeIsolated { $0.receive(report) } }
    let clock = loop.clock
    return AccountHouse(
      account: EngineAccount(
        id: settings.id, standing: AccountStanding(broker: .paper, mayTrade: true), router: router,
        symbols: { symbols.assumeIsolated { $0.current(.sample) } },
        lastPrice: { instrument in market.assumeIsolated { $0.lastPrice(instrument) } }),
      chores: [
        {
          let change = DayChange(clock: clock, wallClock: wallClock) { _ in
            await SymbolLoading.reload(configuration, into: symbols, at: wallClock.now(), logger: logger)
          }
          await change.run(since: wallClock.now().indianDate)
        }
      ],
      endAdmission: guards.end, close: {})
  }

  // MARK: Real brokers, and simulated ones behind their protocols

  private func remote(_ settings: AccountConfiguration) async throws -> AccountHouse {
    guard let addresses = settings.addresses else { preconditionFailure("a remote account has addresses") }
    let client = try await client(settings)
    let transport = HTTPBrokerTransport(
      client: client, trading: addresses.orders.text, marketData: addresses.data.text)
    let line = BrokerLine(transport: transport, deadlines: settings.deadlines, wallClock: wallClock)
    let gateway: any BrokerAccount
    let source: SymbolSource
    let readPolicy: RateLimitPolicy?
    switch settings.broker {
    case .paper: preconditionFailure("paper is not remote")
    case .dhan:
      gateway = DhanGateway(
        settings: DhanSettings(
          clientID: settings.clientID, protectiveBand: settings.protectiveBand,
          afterMarketTime: settings.afterMarketTime), line: line)
      source = .dhan
      // DhanHQ v2 meters readings apart: 20 a second, of which half is used here.
      readPolicy = settings.rateLimit.isOff ? .off : try RateLimitPolicy("10/1s")
    case .fyers:
      gateway = FyersGateway(
        settings: FyersSettings(appID: settings.clientID, protectiveBand: settings.protectiveBand), line: line)
      source = .fyers
      // FYERS v3 has one limit for all calls.
      readPolicy = nil
    }
    let guards = await guards(of: settings, source: StaticTokenSource.configuration, readPolicy: readPolicy)
    if let token = settings.accessToken {
      await guards.tokens.supply(IssuedToken(secret: token, expiresAt: nil))
    }
    let router = OrderRouter(
      executor: loop, account: settings.id, gateway: gateway, admission: guards.admission, wallClock: wallClock,
      absenceInterval: AccountBuilder.absenceInterval, sink: sink)
    let library = SymbolLibrary(
      source: source, base: addresses.symbols, master: symbols,
      directory: try DataDirectory(path: try DataDirectory(path: directory.file("symbols")).file(source.code)),
      limits: limits(addresses.symbols), logger: logger, fetch: { url throws(Refusal) in try await fetch(url, client) })
    let quotes = LoopConfined(QuoteBook())
    let (clock, wallClock, symbols, loop, logger) = (loop.clock, wallClock, symbols, loop, logger)
    let account = settings.id
    let admission = guards.admission
    let loaded = await library.open(at: wallClock.now())
    await AccountBuilder.keepWarm(client, addresses, loop)
    return AccountHouse(
      account: EngineAccount(
        id: settings.id, standing: AccountStanding(broker: settings.broker, mayTrade: settings.mayTrade),
        router: router, symbols: { symbols.assumeIsolated { $0.current(source) } },
        lastPrice: { quotes.value.lastPrice($0.key, at: wallClock.now()) },
        fetchPrices: { instruments in
          let deadline = wallClock.now().adding(nanoseconds: 2_000_000_000)
          let answer = await admission.read(deadline: deadline) { token throws(BrokerReadFailure) in
            try await gateway.quotes(for: instruments, token: token)
          }
          switch answer {
          case .success(let prices): await loop.run { quotes.value.add(prices, at: wallClock.now()) }
          case .failure(let failure):
            let refusal = failure.refusal
            logger.warning(
              "quotes.notRead",
              metadata: [
                "account": "\(account)", "code": "\(refusal.code)", "cause": "\(refusal.cause)",
                "fix": "\(refusal.fix)",
              ])
          }
        }),
      chores: [
        {
          let change = DayChange(clock: clock, wallClock: wallClock, timeOfDay: SymbolLibrary.morning) { date in
            await library.renew(date, at: wallClock.now())
          }
          await change.run(since: loaded)
        },
        { await AccountBuilder.watch(router, clock) },
      ],
      endAdmission: guards.end,
      close: { await loop.run { client.close() } })
  }

  /// Two readings of the book without an order must be so far apart to prove its absence (an order in transit is not shown
  /// at once).
  private static let absenceInterval = Duration.seconds(5)

  /// A connection to each of the broker's addresses, open before the first order needs it. What the broker answers there
  /// does not matter, and a failure is tried again by the client.
  private static func keepWarm(
    _ client: HTTPClient, _ addresses: AccountConfiguration.Addresses, _ loop: EventLoop
  ) async {
    await loop.run {
      for address in Set([addresses.orders.text, addresses.data.text]).sorted() {
        do throws(TransferFailure) {
          _ = try client.keepWarm(HTTPWarmUp(address + "/"))
        } catch {
          preconditionFailure("two addresses can be kept warm: \(error.cause)")
        }
      }
    }
  }

  /// Reads the broker's book each second while an order is open there.
  private static func watch(_ router: OrderRouter, _ clock: LoopClock) async {
    while true {
      do { try await clock.sleep(for: .seconds(1)) } catch { return }
      if await router.liveCount > 0 { _ = await router.reconcile() }
    }
  }

  private func client(_ settings: AccountConfiguration) async throws -> HTTPClient {
    var options = HTTPClientConfiguration()
    options.extraAuthorities = configuration.brokerAuthorities
    options.userAgent = "order-engine/\(OrderEngineVersion.current)"
    if let text = settings.sourceAddress {
      options.sourceAddress = try SocketAddress(host: text, port: 0).host
    }
    let (loop, final) = (loop, options)
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

  private func fetch(_ url: String, _ client: HTTPClient) async throws(Refusal) -> [UInt8] {
    let request = HTTPClientRequest(
      .get, url, deadline: .seconds(120), resend: .once, bodyLimit: 256 << 20, acceptsCompression: true)
    let response: HTTPClientResponse
    do throws(TransferFailure) {
      response = try await client.send(request)
    } catch {
      throw Refusal(code: error.code.rawValue, cause: "\(url): \(error.cause)", fix: error.fix)
    }
    guard response.status.code == 200 else {
      throw Refusal(
        code: "symbols.notServed", cause: "\(url) was answered with status \(response.status.code)",
        fix: "see whether the broker has moved its symbol files; the address is a setting")
    }
    return response.body
  }

  private func limits(_ base: BrokerAddress) -> SymbolTableLimits {
    var limits = SymbolTableLimits()
    // A quarter of today's: a download that was cut looks valid. A simulator may serve a handful.
    if !base.isLoopback { limits.minimumRowCount = 50_000 }
    return limits
  }

  // MARK: Guards

  private struct Guards {
    let admission: RouterAdmission<LoopClock>
    let tokens: TokenManager<LoopClock>
    let end: @Sendable () async -> Void
  }

  private func guards(
    of settings: AccountConfiguration, source: any TokenSource, readPolicy: RateLimitPolicy?
  ) async -> Guards {
    let clock = loop.clock
    let tokens = TokenManager(
      executor: loop, clock: clock, wallClock: wallClock, account: settings.id, source: source)
    let breaker = CircuitBreaker(executor: loop, clock: clock)
    let limiter = Limiter(executor: loop, clock: clock, settings: RateLimiterSettings(policy: settings.rateLimit))
    await limiter.beginDay(wallClock.now().indianDate, used: sentToday[settings.id] ?? 0)
    let readLimiter = readPolicy.map {
      Limiter(executor: loop, clock: clock, settings: RateLimiterSettings(policy: $0))
    }
    return Guards(
      admission: RouterAdmission(
        clock: clock, wallClock: wallClock, tokens: tokens, breaker: breaker, limiter: limiter,
        readLimiter: readLimiter, jitter: { Int64.random(in: $0) }),
      tokens: tokens,
      end: {
        await tokens.shutdown()
        await limiter.shutdown()
        await readLimiter?.shutdown()
        await breaker.shutdown()
      })
  }
}

/// Something that only the engine's thread touches.
private struct LoopConfined<Value>: @unchecked Sendable {
  let value: Value

  init(_ value: Value) { self.value = value }
}

extension EventLoop {
  /// Runs `body` on the loop's thread and waits for it.
  func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      execute { continuation.resume(returning: body()) }
    }
  }
}
