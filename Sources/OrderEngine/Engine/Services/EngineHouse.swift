import Actors
import HTTP
import Logging
import OrderDomain
import Ring

/// The engine in a process of its own: its parts, its door, its files. Everything in it lives on `loop`.
struct EngineHouse: Sendable {
  let loop: EventLoop
  private let core: EngineCore
  private let door: Door
  /// What the door shows at first; nil for plain HTTP.
  private let certificate: TLSCertificate?
  private let certificateCare: DoorCertificate?
  private let configuration: EngineConfiguration
  private let directory: DataDirectory
  private let gate: MorningGate
  let notifications: NotificationHouse
  /// Makes snapshots and removes what is old, as long as its task lives.
  private let careForJournal: @Sendable () async -> Void
  /// Notices changed keys and passwords, as long as its task lives.
  private let watchOperators: @Sendable () async -> Void
  private let webhookSecret: EngineService.Key
  private let operatorToken: EngineService.Key

  var journal: Journal { core.journal }

  /// The server and its addresses, which only the loop's thread touches.
  private final class Door: @unchecked Sendable {
    let server: HTTPServer
    let endpoints: EngineEndpoints

    init(server: HTTPServer, endpoints: EngineEndpoints) {
      self.server = server
      self.endpoints = endpoints
      endpoints.doorMetrics = { [unowned server] in DoorMetrics.text(server.certificate, server.counters) }
    }
  }

  static func build(
    configuration: EngineConfiguration, directory: DataDirectory, recovered: JournalStore.Recovered, loop: EventLoop,
    keeper: ConfigurationKeeper, logger: Logger
  ) async throws -> EngineHouse {
    let wallClock = SystemWallClock()
    // First of all: a door that cannot open is no reason to ask brokers for anything.
    let stamp = configuration.certificate.map { CertificatePaths.Stamp($0) }
    let certificate = try configuration.certificate?.load()
    let notifications = try await NotificationHouse.open(
      configuration, on: loop, wallClock: wallClock, logger: logger)
    let desk = notifications.desk
    let log: @Sendable (Refusal) -> Void = { refusal in
      logger.error("\(refusal.code)", metadata: ["cause": "\(refusal.cause)", "fix": "\(refusal.fix)"])
    }
    let ground = EngineGround(
      executor: loop, clock: EngineClock(loop), wallClock: wallClock,
      timer: { delay, body in loop.execute { _ = loop.schedule(after: delay, body) } },
      jitter: { Int64.random(in: $0) },
      alarm: { refusal in
        log(refusal)
        desk.alarm(refusal)
      }, orderAlarm: log)
    let (closedSegments, segmentClosed) = AsyncStream.makeStream(of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
    let care = JournalCare(directory: directory, retentionDays: configuration.journalRetentionDays)
    let careForJournal: @Sendable () async -> Void = {
      if recovered.recordCount > JournalCare.longTail {
        await offThread(ground.alarm) { () throws(Refusal) in
          try care.keep(JournalSnapshot(position: recovered.position, fold: recovered.fold), at: wallClock.now())
        }
      }
      for await segment in closedSegments {
        await offThread(ground.alarm) { () throws(Refusal) in try care.snapshot(through: segment, at: wallClock.now()) }
        // Cancelled when the engine stops.
        do { try await ground.clock.wait(for: JournalCare.pause) } catch { return }
      }
    }
    let state = JournalState(
      at: recovered.position, segmentByteCount: recovered.segmentByteCount, settings: configuration.journal)
    let journalLog = try JournalStore.log(recovered, in: directory, loop: loop)
    let webhookSecret = try key(configuration.webhookSecret.current, "WEBHOOK_SECRET", "webhook-secret", in: directory)
    let operatorToken = try key(configuration.operatorToken, "OPERATOR_TOKEN", "operator-token", in: directory)
    let stores = try await TokenStores.make(configuration, on: loop)
    let core = try await EngineCore.build(
      on: ground, configuration: configuration,
      past: EngineCore.Past(fold: recovered.fold, state: state), log: journalLog,
      segmentClosed: { segmentClosed.yield($0) },
      webhookSecret: webhookSecret.secret
    ) { maker in
      let builder = AccountBuilder(
        loop: loop, configuration: configuration, directory: directory, symbols: SymbolMaster(executor: loop),
        tokenStores: stores, desk: desk, logger: logger, maker: maker)
      var accounts: [AccountHouse] = []
      for settings in configuration.accounts { accounts.append(try await builder.build(settings)) }
      return accounts
    }
    let archive = AlertArchive(executor: loop) { identity in
      do throws(Refusal) {
        return .success(try JournalInspection(path: directory.path).alert(identity))
      } catch {
        return .failure(error)
      }
    }
    let journal = core.journal
    let gate = MorningGate(
      executor: loop, clock: ground.clock, wallClock: wallClock,
      round: ReadinessRound(
        wallClock: wallClock, accounts: core.parts.accounts.compactMap(\.probe),
        journal: { await journal.failure },
        freeByteCount: { await BlockingWork.run { DataDirectory.freeByteCount(directory.path) } },
        holidays: {
          await BlockingWork.run {
            HolidayFile.read(setting: configuration.holidaysFile, dataDirectory: directory.path)
          }
        }, channels: { await desk.notifier.status() }),
      from: configuration.tokenCheckTime, desk: desk, logger: logger)
    let files = OperatorFiles(directory: directory)
    // Before they are read: what changes in between is read again.
    let keysStamp = files.stamp()
    let keys = try files.keys()
    let endpoints = EngineEndpoints(
      engine: core.engine, archive: archive, gate: gate, operatorToken: operatorToken.secret, files: files,
      keys: keys, configuration: configuration, loop: loop,
      startID: String(wallClock.now().nanoseconds / 1_000_000, radix: 36), isSecure: certificate != nil)
    endpoints.keeper = keeper
    endpoints.desk = desk
    let door = Door(
      server: HTTPServer(
        loop: loop, configuration: HTTPServerConfiguration(wallClock: { wallClock.now().nanoseconds / 1_000_000_000 }),
        handler: endpoints),
      endpoints: endpoints)
    var certificateCare: DoorCertificate?
    if let certificate, let stamp, let paths = configuration.certificate {
      certificateCare = DoorCertificate(
        paths: paths, current: certificate, stamp: stamp, executor: loop, wallClock: wallClock,
        adopt: { certificate throws(TLSFailure) in try door.server.adopt(certificate) },
        tell: { logger.tell($0, at: wallClock.now()) })
    }
    let watch = OperatorWatch(
      files: files, clock: ground.clock, alarm: ground.alarm, changed: { door.endpoints.take($0) })
    return EngineHouse(
      loop: loop, core: core, door: door, certificate: certificate, certificateCare: certificateCare,
      configuration: configuration, directory: directory, gate: gate, notifications: notifications,
      careForJournal: careForJournal,
      watchOperators: { await watch.run(since: keysStamp) },
      webhookSecret: webhookSecret.key, operatorToken: operatorToken.key)
  }

  /// A configured secret, else the one that the data directory keeps under `file`.
  static func key(
    _ configured: Secret?, _ setting: String, _ file: String, in directory: DataDirectory
  ) throws(Refusal) -> (secret: Secret, key: EngineService.Key) {
    if let configured { return (configured, .configured(setting)) }
    let kept = try directory.secret(file)
    return (Secret(kept.text), kept.isNew ? .made(kept.text) : .kept(path: directory.file(file)))
  }

  /// Puts the past in place and opens the door. Alerts are answered 503 until ``settle()`` has ended.
  func open() async throws -> EngineService.ServingAddress {
    let address = try SocketAddress(host: configuration.host, port: configuration.port)
    try await core.restore()
    let (door, loop, certificate) = (door, loop, certificate)
    let bound: Result<SocketAddress, any Error> = await loop.run {
      do {
        if let certificate { try door.server.secure(with: certificate, at: loop.time) }
        return .success(try door.server.listen(on: address))
      } catch let failure as TLSFailure {
        return .failure(Refusal(failure))
      } catch {
        return .failure(error)
      }
    }
    await certificateCare?.announce()
    return EngineService.ServingAddress(
      base: EngineHouse.base(try bound.get(), certificate), accounts: configuration.accounts,
      webhookSecret: webhookSecret,
      operatorToken: operatorToken,
      backend: loop.backendInUse.rawValue)
  }

  /// How the door is addressed: over TLS by a name that the certificate is for, where that leads here.
  static func base(_ bound: SocketAddress, _ certificate: TLSCertificate?) -> String {
    guard let certificate else { return "http://\(bound)" }
    let name = certificate.names.first { bound.isLoopback ? $0 == "localhost" : !$0.hasPrefix("*") }
    guard let name else { return "https://\(bound)" }
    return bound.port == 443 ? "https://\(name)" : "https://\(name):\(bound.port)"
  }

  /// Reads the door's certificate and key again; those before stay in force if these cannot be used.
  func reloadCertificate() async { await certificateCare?.reload() }

  /// Puts other settings in force.
  func apply(_ configuration: EngineConfiguration, _ change: ConfigurationChange) async throws(Refusal) {
    let directory = directory
    let secret: Result<Secret, Refusal> = await BlockingWork.run {
      do throws(Refusal) {
        return .success(
          try EngineHouse.key(configuration.webhookSecret.current, "WEBHOOK_SECRET", "webhook-secret", in: directory)
            .secret)
      } catch {
        return .failure(error)
      }
    }
    try await core.engine.apply(LiveSettings(configuration, webhookSecret: try secret.get()), change)
  }

  /// Asks the brokers about what the past leaves open, then takes alerts. `false` when its task is cancelled first.
  func settle() async -> Bool {
    // First of all: what comes of the orders of before the start is news.
    await notifications.attach(to: core.engine)
    guard await core.settle() else { return false }
    await core.engine.start { [careForJournal] _ in await careForJournal() }
    if let certificateCare {
      let clock = EngineClock(loop)
      await core.engine.start { _ in await certificateCare.watch { try await clock.wait(for: $0) } }
    }
    await core.engine.start { [watchOperators] _ in await watchOperators() }
    await core.engine.start { [gate] _ in await gate.watch() }
    notifications.desk.started([
      "Accounts: "
        + configuration.accounts.map { $0.mayTrade ? $0.id.name : "\($0.id) (orders stay here)" }
        .joined(separator: ", ") + "."
    ])
    return true
  }

  /// The door first, so that nothing new comes in; then what is under way; the journal is the caller's, and last.
  func close(grace: Duration, logger: Logger) async {
    let door = door
    let deadline = loop.clock.now.advanced(by: grace)
    notifications.desk.stopped()
    await core.engine.beginDraining()
    let drained = await withCheckedContinuation { (continuation: CheckedContinuation<Int, Never>) in
      loop.execute {
        door.endpoints.close()
        door.server.drain(deadline: deadline) { continuation.resume(returning: $0.forcedConnectionCount) }
      }
    }
    if drained > 0 { logger.warning("http.connectionsCutOff", metadata: ["count": "\(drained)"]) }
    await core.close(grace: grace)
  }
}

/// Cares for the journal beside the engine, and tells of what could not be done.
private func offThread(
  _ alarm: @Sendable (Refusal) -> Void, _ body: @escaping @Sendable () throws(Refusal) -> Void
) async {
  let refusal: Refusal? = await BlockingWork.runAside {
    do throws(Refusal) {
      try body()
      return nil
    } catch {
      return error
    }
  }
  if let refusal { alarm(refusal) }
}

package enum OrderEngineVersion {
  package static let current = "0.1.0"
}

extension AccountID {
  /// The account that a configuration without names has.
  static let standard = AccountID(staticName: "paper")
}
