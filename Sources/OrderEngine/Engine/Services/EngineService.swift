import Actors
package import Logging
import OrderDomain
import Ring
import ServiceLifecycle

/// The whole engine as one service: builds its parts on one thread, reads the past, opens the door, and on the way out
/// closes it first and the journal last.
package struct EngineService: Service {
  private let configuration: EngineConfiguration
  private let keeper: ConfigurationKeeper
  private let logger: Logger
  /// Each asks for files to be read again that may change while the engine runs.
  private let reloads: AsyncStream<Void>
  /// Told once, when alerts are taken.
  private let whenServing: @Sendable (ServingAddress) -> Void

  /// Where a person finds the engine.
  package struct ServingAddress: Sendable {
    package let base: String
    package let accounts: [AccountConfiguration]
    package let webhookSecret: Key
    package let operatorToken: Key
    package let backend: String
  }

  /// Where a person finds a secret.
  package enum Key: Sendable {
    /// Made at this start, and shown this once.
    case made(String)
    /// Made at an earlier start.
    case kept(path: String)
    /// In this setting.
    case configured(String)
  }

  package init(
    configuration: EngineConfiguration, keeper: ConfigurationKeeper, logger: Logger,
    reloads: AsyncStream<Void> = AsyncStream { $0.finish() },
    whenServing: @escaping @Sendable (ServingAddress) -> Void
  ) {
    self.reloads = reloads
    self.configuration = configuration
    self.keeper = keeper
    self.logger = logger
    self.whenServing = whenServing
  }

  package func run() async throws {
    let directory = try DataDirectory(path: configuration.dataDirectory)
    let began = ContinuousClock.now
    let recovered = try JournalStore(directory: directory, durability: configuration.journal.durability).recover()
    let milliseconds = (ContinuousClock.now - began) / .milliseconds(1)
    if recovered.tornByteCount > 0 {
      logger.warning(
        "journal.tornTailCut",
        metadata: ["bytes": "\(recovered.tornByteCount)", "segment": "\(recovered.position.place.segment)"])
    }
    for words in recovered.damagedSnapshots {
      logger.warning("journal.snapshotDamaged", metadata: ["snapshot": "\(words)"])
    }
    logger.info(
      "journal.read",
      metadata: [
        "records": "\(recovered.recordCount)", "snapshotSequence": "\(recovered.snapshotSequence)",
        "nextSequence": "\(recovered.position.nextSequence)", "milliseconds": "\(Int(milliseconds))",
      ])
    var loopConfiguration = EventLoopConfiguration(backend: configuration.eventLoop.backend)
    loopConfiguration.spin = configuration.isSpinning
    let thread = try EventLoop.start(name: "engine", configuration: loopConfiguration)
    logger.info(
      "eventLoop.started",
      metadata: ["backend": "\(thread.loop.backendInUse.rawValue)", "why": "\(thread.loop.backendExplanation)"])
    let outcome: Result<Void, any Error>
    do {
      let house = try await EngineHouse.build(
        configuration: configuration, directory: directory, recovered: recovered, loop: thread.loop,
        keeper: keeper, logger: logger)
      outcome = await Result { try await run(house) }
    } catch {
      outcome = .failure(error)
    }
    await thread.stopAndWait()
    // Held until now: the next engine may begin.
    withExtendedLifetime(recovered.lock) {}
    try outcome.get()
  }

  private func run(_ house: EngineHouse) async throws {
    let ended: Result<ServingAddress, any Error> = await withTaskGroup(of: Void.self) { group in
      group.addTask(executorPreference: house.loop) { await house.journal.run() }
      group.addTask(executorPreference: house.loop) { await house.notifications.notifier.run() }
      let started: Result<ServingAddress, any Error> = await Result { try await house.open() }
      switch started {
      case .success(let address):
        let (whenServing, loop, keeper) = (whenServing, house.loop, keeper)
        // Beside the wait for the end: a broker that cannot be asked must not keep the engine from stopping.
        let settling = Task(executorPreference: loop) {
          guard await house.settle() else { return }
          await keeper.setApply { (configuration, change) throws(Refusal) in
            try await house.apply(configuration, change)
          }
          whenServing(address)
        }
        let reloading = Task { [reloads] in
          for await _ in reloads { await house.reloadCertificate() }
        }
        await waitForShutdown()
        logger.info("engine.stopping")
        reloading.cancel()
        await reloading.value
        settling.cancel()
        await settling.value
        await keeper.setApply(nil)
        await house.close(grace: .seconds(configuration.shutdownGraceSeconds), logger: logger)
      case .failure: break
      }
      // After all that may have something to say but the journal, whose last words are in the log.
      await house.notifications.close()
      await house.journal.stop(leaving: .engineStopped)
      await group.waitForAll()
      return started
    }
    _ = try ended.get()
    logger.info("engine.stopped")
  }

  private func waitForShutdown() async {
    do {
      try await gracefulShutdown()
    } catch {
      // The task was cancelled outright, which asks for the same end.
      logger.debug("engine.cancelled")
    }
  }
}

extension Result where Failure == any Error {
  init(_ body: () async throws -> Success) async {
    do { self = .success(try await body()) } catch { self = .failure(error) }
  }
}

extension EngineConfiguration.EventLoopChoice {
  var backend: EventLoopConfiguration.Backend {
    switch self {
    case .automatic: .automatic
    case .uring: .uring
    case .epoll: .epoll
    }
  }
}
