import Actors
import Brokers
import HTTP
import Logging
import OrderDomain
import Ring
import SimulatedExchange

/// One account's parts: who sends its orders, what keeps its calls within bounds, where its symbols come from.
package struct AccountHouse: Sendable {
  package let account: EngineAccount
  /// What runs beside the orders as long as its task lives: the broker's book, the symbols of each day.
  let chores: [@Sendable () async -> Void]
  /// Ends whoever waits for a permit or a token.
  let endAdmission: @Sendable () async -> Void
  /// When no call is under way any more.
  let close: @Sendable () async -> Void
}

/// Builds accounts on one event loop: their connections, their symbol files, and around them what ``AccountMaker`` makes.
struct AccountBuilder: Sendable {
  let loop: EventLoop
  let configuration: EngineConfiguration
  let directory: DataDirectory
  let symbols: SymbolMaster
  let tokenStores: [any TokenStore]
  let desk: NoticeDesk
  let logger: Logger
  let maker: AccountMaker

  private var wallClock: any WallClock { maker.ground.wallClock }

  func build(_ settings: AccountConfiguration) async throws -> AccountHouse {
    switch settings.broker {
    case .paper: try await paper(settings)
    case .dhan, .fyers: try await remote(settings)
    }
  }

  private func paper(_ settings: AccountConfiguration) async throws -> AccountHouse {
    let (clock, wallClock, symbols) = (maker.ground.clock, wallClock, symbols)
    let loading = SymbolLoading(configuration, into: symbols, directory: directory, logger: logger)
    try await loading.load(at: wallClock.now())
    return await maker.paper(
      settings, symbols: { symbols.here { $0.current(.sample) } },
      chores: [
        {
          await loading.keep()
          let change = DayChange(clock: clock, wallClock: wallClock) { _ in await loading.reload(at: wallClock.now()) }
          await change.run(since: wallClock.now().indianDate)
        }
      ])
  }

  // MARK: Real brokers, and simulated ones behind their protocols

  private func remote(_ settings: AccountConfiguration) async throws -> AccountHouse {
    let way = try await BrokerWay.open(settings, configuration, loop: loop, wallClock: wallClock)
    let (client, source, addresses) = (way.client, way.source, way.addresses)
    let library = SymbolLibrary(
      source: source, base: addresses.symbols, master: symbols,
      directory: try DataDirectory(path: try DataDirectory(path: directory.file("symbols")).file(source.code)),
      limits: limits(addresses.symbols), cache: SymbolCache(source, in: directory, logger: logger), logger: logger,
      fetch: { url throws(Refusal) in try await fetch(url, client) })
    let (clock, wallClock, symbols, loop) = (maker.ground.clock, wallClock, symbols, loop)
    let loaded = await library.open(at: wallClock.now())
    let day = SymbolDay()
    day.set(loaded)
    let (log, desk, account) = (TokenLog(account: settings.id, logger: logger), desk, settings.id)
    let keeper = way.keeper(
      settings, loop: loop, ground: (clock, wallClock), stores: tokenStores,
      turn: TokenStores.turn(configuration),
      tell: { news in
        log.tell(news)
        desk.take(news, of: account)
      })
    await AccountBuilder.keepWarm(client, addresses, loop)
    return try await maker.remote(
      settings, gateway: way.gateway, keeper: keeper,
      senses: AccountProbe.Senses(
        addresses: way.readAddresses, clockOffset: { way.clock.offset }, symbolDay: { day.value }),
      symbols: { symbols.here(source) { $0.current($1) } },
      chores: [
        {
          await library.keepTable()
          let change = DayChange(clock: clock, wallClock: wallClock, timeOfDay: SymbolLibrary.morning) { date in
            let isRenewed = await library.renew(date, at: wallClock.now())
            if isRenewed { day.set(date) }
            await library.keepTable()
            return isRenewed
          }
          await change.run(since: loaded)
        }
      ], tokenCheckTime: configuration.tokenCheckTime,
      close: { await loop.run { client.close() } })
  }

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
}

extension EventLoop {
  /// Runs `body` on the loop's thread and waits for it.
  func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
    await withCheckedContinuation { continuation in
      execute { continuation.resume(returning: body()) }
    }
  }
}
