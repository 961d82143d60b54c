import Actors
import Brokers
internal import Glibc
import HTTP
package import Logging
import OrderDomain
import Ring

/// The morning's look without an engine: by the settings alone. It changes nothing, and above all logs in nowhere: a token
/// that it made would end the one of a running engine.
package enum Diagnosis {
  package static func run(_ configuration: EngineConfiguration, logger: Logger) async throws -> ReadinessReport {
    var loopConfiguration = EventLoopConfiguration(backend: configuration.eventLoop.backend)
    loopConfiguration.spin = false
    let thread = try EventLoop.start(name: "diagnose", configuration: loopConfiguration)
    let report: Result<ReadinessReport, any Error> = await Result {
      try await look(configuration, on: thread.loop, logger)
    }
    await thread.stopAndWait()
    return try report.get()
  }

  private static func look(
    _ configuration: EngineConfiguration, on loop: EventLoop, _ logger: Logger
  ) async throws -> ReadinessReport {
    let wallClock = SystemWallClock()
    let symbols = SymbolMaster(executor: loop)
    let path = configuration.dataDirectory
    var probes: [AccountProbe] = []
    var ways: [BrokerWay] = []
    for settings in configuration.accounts where settings.broker != .paper {
      let way = try await BrokerWay.open(settings, configuration, loop: loop, wallClock: wallClock)
      ways.append(way)
      let library = SymbolLibrary.kept(way.source, in: path, master: symbols, logger: logger)
      let day = await library?.openKept(at: wallClock.now())
      let table = await symbols.current(way.source)
      let keeper = way.keeper(
        settings, loop: loop, ground: (EngineClock(loop), wallClock),
        stores: try await TokenStores.make(configuration, on: loop), turn: nil,
        tell: TokenLog(account: settings.id, logger: logger).tell)
      let now = wallClock.now()
      let token = await keeper?.open(configured: settings.accessToken.map { StoredTokens(pasted: $0, at: now) })
      let finding = ReadinessRules.TokenFinding(
        isValid: token != nil, expiresAt: token?.expiresAt,
        failure: token == nil ? await missing(keeper, of: settings.id) : nil)
      probes.append(
        AccountProbe(
          account: settings.id, gateway: way.gateway, reader: DirectReader(token: token?.secret),
          senses: AccountProbe.Senses(
            addresses: way.readAddresses, clockOffset: { way.clock.offset }, symbolDay: { day }),
          symbols: { table }, wallClock: wallClock, token: { finding }))
    }
    let report = await ReadinessRound(
      wallClock: wallClock, accounts: probes, journal: { await BlockingWork.run { unwritable(path) } },
      freeByteCount: { await BlockingWork.run { DataDirectory.freeByteCount(path) } },
      holidays: {
        await BlockingWork.run { HolidayFile.read(setting: configuration.holidaysFile, dataDirectory: path) }
      },
      // Nothing has been sent: this changes nothing, and a message would be a change.
      channels: { configuration.notifications.channelNames.map { Notifier.ChannelStatus(unused: $0) } }
    ).run()
    for way in ways { await loop.run { way.client.close() } }
    return report
  }

  private static func missing(_ keeper: TokenKeeper?, of account: AccountID) async -> Refusal {
    let fix =
      if let keeper, await keeper.canRenew() {
        "start the engine: it logs in by itself"
      } else {
        "start the engine, open its /auth-url?account=\(account) with the operator's token, and log in there"
      }
    return Refusal(code: "auth.tokenNeeded", cause: "no living token is kept", fix: fix)
  }

  private static func unwritable(_ path: String) -> Refusal? {
    if unsafe access(path, W_OK | X_OK) == 0 { return nil }
    let words = unsafe String(cString: strerror(errno))
    return Refusal(
      code: "file.unusable", cause: "\(path) cannot be written: \(words)",
      fix: "start the engine once, which makes it; or see that this user may write there")
  }
}
