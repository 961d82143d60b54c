import Actors
import Logging
import OrderDomain
import Ring

/// Everything by which an engine tells people what happens: channels, notifier and desk, and what feeds them.
struct NotificationHouse: Sendable {
  let notifier: Notifier
  let desk: NoticeDesk
  private let opened: NotificationChannels
  private let clock: any MonotonicClock
  private let wallClock: any WallClock

  /// How long a stop waits for the last messages.
  private static let farewell = Duration.seconds(5)
  /// The daily summary comes after the share market's close at 15:30.
  private static let summaryTime = Duration.seconds(15 * 3_600 + 45 * 60)

  static func open(
    _ configuration: EngineConfiguration, on loop: EventLoop, wallClock: any WallClock, logger: Logger
  ) async throws -> NotificationHouse {
    let opened = try await NotificationChannels.open(configuration, on: loop)
    let clock = EngineClock(loop)
    let notifier = Notifier(
      executor: loop, clock: clock, wallClock: wallClock, channels: opened.channels,
      attemptFailed: { channel, refusal in
        logger.warning(
          "notification.notDelivered",
          metadata: [
            "channel": "\(channel)", "code": "\(refusal.code)", "cause": "\(refusal.cause)", "fix": "\(refusal.fix)",
          ])
      })
    let settings = configuration.notifications
    if opened.channels.isEmpty {
      logger.info("notifications.off", metadata: ["fix": "docs/notifications.md says how to be told of failures"])
    } else {
      var metadata: Logger.Metadata = [
        "channels": "\(settings.channelNames.joined(separator: ", "))",
        "optional": "\(settings.optionalEvents.map(\.rawValue).joined(separator: ", "))",
      ]
      if let telegram = settings.telegram { metadata["telegramChat"] = "\(telegram.chat)" }
      logger.info("notifications.enabled", metadata: metadata)
    }
    return NotificationHouse(
      notifier: notifier,
      desk: NoticeDesk(notifier: notifier, wallClock: wallClock, optionalEvents: settings.optionalEvents),
      opened: opened, clock: clock, wallClock: wallClock)
  }

  /// Listens to the engine, and looks after what comes with time. The engine owns the tasks.
  func attach(to engine: OrderEngine) async {
    if opened.channels.isEmpty { return }
    let (desk, clock, wallClock) = (desk, clock, wallClock)
    _ = await engine.addListener { [unowned engine] news in
      desk.take(news) { identity in engine.here(identity) { $0.alertWords($1) } }
    }
    await engine.start { engine in await NotificationHouse.watchTokens(engine.parts.accounts, desk, clock) }
    guard desk.tellsSummary else { return }
    await engine.start { _ in
      let change = DayChange(clock: clock, wallClock: wallClock, timeOfDay: NotificationHouse.summaryTime) { day in
        // Monday is 0; nothing closes on a weekend.
        if day.weekday < 5 { desk.summarise(day) }
        return true
      }
      await change.run(since: DayChange.date(at: wallClock.now(), after: NotificationHouse.summaryTime))
    }
  }

  private static func watchTokens(
    _ accounts: [EngineAccount], _ desk: NoticeDesk, _ clock: any MonotonicClock
  ) async {
    while true {
      for account in accounts {
        guard let tokens = account.tokens, let keeper = tokens.keeper else { continue }
        desk.look(
          at: await tokens.manager.snapshot(), of: account.id, renewsItself: await keeper.canRenew())
      }
      do { try await clock.wait(for: .seconds(60)) } catch { return }
    }
  }

  /// Says that the engine stops, and gives what waits a last chance.
  func close() async {
    await notifier.shutdown(within: NotificationHouse.farewell)
    await opened.close()
  }
}

extension OrderEngine {
  /// An accepted alert in one line, for people; `nil` for one that is not known any more.
  func alertWords(_ identity: AlertIdentity) -> String? {
    guard let record = history[identity] else { return nil }
    let legs = record.plan.legs.filter { $0.role == .entry }
    let shown = legs.prefix(4).map { leg in
      "\(leg.side == .buy ? "BUY" : "SELL") \(leg.quantity) \(leg.instrument.tradingSymbol) on \(leg.account)"
    }
    let rest = legs.count > 4 ? " and \(legs.count - 4) more" : ""
    return (record.plan.strategy.map { "\($0): " } ?? "") + shown.joined(separator: ", ") + rest
  }
}
