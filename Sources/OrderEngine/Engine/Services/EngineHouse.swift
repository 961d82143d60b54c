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
  private let configuration: EngineConfiguration
  private let gate: MorningGate
  /// Makes snapshots and removes what is old, as long as its task lives.
  private let careForJournal: @Sendable () async -> Void
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
    }
  }

  static func build(
    configuration: EngineConfiguration, directory: DataDirectory, recovered: JournalStore.Recovered, loop: EventLoop,
    logger: Logger
  ) async throws -> EngineHouse {
    let wallClock = SystemWallClock()
    let ground = EngineGround(
      executor: loop, clock: EngineClock(loop), wallClock: wallClock,
      timer: { delay, body in loop.execute { _ = loop.schedule(after: delay, body) } },
      jitter: { Int64.random(in: $0) },
      alarm: { refusal in
        logger.error("\(refusal.code)", metadata: ["cause": "\(refusal.cause)", "fix": "\(refusal.fix)"])
      })
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
        do { try await ground.clock.sleep(for: JournalCare.pause) } catch { return }
      }
    }
    let state = JournalState(
      at: recovered.position, segmentByteCount: recovered.segmentByteCount, settings: configuration.journal)
    let log = SegmentLog(
      loop: loop, directory: directory, segment: recovered.position.place.segment, file: recovered.file)
    let webhookSecret = try key(configuration.webhookSecret, "WEBHOOK_SECRET", "webhook-secret", in: directory)
    let operatorToken = try key(configuration.operatorToken, "OPERATOR_TOKEN", "operator-token", in: directory)
    let core = try await EngineCore.build(
      on: ground, configuration: configuration,
      past: EngineCore.Past(fold: recovered.fold, state: state), log: log, segmentClosed: { segmentClosed.yield($0) },
      webhookSecret: webhookSecret.secret
    ) { maker in
      let builder = AccountBuilder(
        loop: loop, configuration: configuration, directory: directory, symbols: SymbolMaster(executor: loop),
        tokenStores: TokenStores.make(configuration), logger: logger, maker: maker)
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
        freeByteCount: { await BlockingWork.run { DataDirectory.freeByteCount(directory.path) } }),
      from: configuration.tokenCheckTime, logger: logger)
    let endpoints = EngineEndpoints(
      engine: core.engine, archive: archive, gate: gate, operatorToken: operatorToken.secret, loop: loop,
      startID: String(wallClock.now().nanoseconds / 1_000_000, radix: 36))
    let door = Door(
      server: HTTPServer(
        loop: loop, configuration: HTTPServerConfiguration(wallClock: { wallClock.now().nanoseconds / 1_000_000_000 }),
        handler: endpoints),
      endpoints: endpoints)
    return EngineHouse(
      loop: loop, core: core, door: door, configuration: configuration, gate: gate, careForJournal: careForJournal,
      webhookSecret: webhookSecret.key, operatorToken: operatorToken.key)
  }

  /// A configured secret, else the one that the data directory keeps under `file`.
  private static func key(
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
    let door = door
    let bound: Result<SocketAddress, RingError> = await loop.run {
      do throws(RingError) { return .success(try door.server.listen(on: address)) } catch { return .failure(error) }
    }
    return EngineService.ServingAddress(
      base: "http://\(try bound.get())", accounts: configuration.accounts, webhookSecret: webhookSecret,
      operatorToken: operatorToken,
      backend: loop.backendInUse.rawValue)
  }

  /// Asks the brokers about what the past leaves open, then takes alerts. `false` when its task is cancelled first.
  func settle() async -> Bool {
    guard await core.settle() else { return false }
    await core.engine.start { [careForJournal] _ in await careForJournal() }
    await core.engine.start { [gate] _ in await gate.watch() }
    return true
  }

  /// The door first, so that nothing new comes in; then what is under way; the journal is the caller's, and last.
  func close(grace: Duration, logger: Logger) async {
    let door = door
    let deadline = loop.clock.now.advanced(by: grace)
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
