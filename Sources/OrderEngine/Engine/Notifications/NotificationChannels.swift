import HTTP
package import OrderDomain
import Ring

/// The channels that the settings name, and what they stand on.
struct NotificationChannels: Sendable {
  let channels: [any NotificationChannel]
  private let client: HTTPClient?
  private let loop: EventLoop

  /// Fails with a ``Refusal`` for what cannot be used, such as a service account's key; asks nobody anything.
  static func open(_ configuration: EngineConfiguration, on loop: EventLoop) async throws -> NotificationChannels {
    let settings = configuration.notifications
    if settings.channelNames.isEmpty { return NotificationChannels(channels: [], client: nil, loop: loop) }
    var options = HTTPClientConfiguration()
    options.extraAuthorities = configuration.brokerAuthorities
    options.userAgent = "order-engine/\(OrderEngineVersion.current)"
    // Nobody waits for a message as for an order.
    options.connectLimit = .seconds(8)
    options.connectionsPerHostLimit = 2
    let final = options
    let made: Result<HTTPClient, HTTPClientError> = await loop.run {
      do throws(HTTPClientError) { return .success(try HTTPClient(loop: loop, configuration: final)) } catch {
        return .failure(error)
      }
    }
    let client: HTTPClient
    do throws(HTTPClientError) { client = try made.get() } catch {
      throw Refusal(code: error.code, cause: error.cause, fix: error.fix)
    }
    var channels: [any NotificationChannel] = []
    if let telegram = settings.telegram { channels.append(TelegramChannel(telegram, client: client)) }
    if let url = settings.webhook { channels.append(WebhookChannel(url: url, client: client)) }
    if let topic = settings.topic {
      let (access, transport) = try await configuration.secretStores.googleAccess(on: loop)
      channels.append(PubSubChannel(topic, access: access, transport: transport))
    }
    return NotificationChannels(channels: channels, client: client, loop: loop)
  }

  /// When no delivery is under way any more.
  func close() async {
    guard let client else { return }
    await loop.run { client.close() }
  }
}

/// One message by every channel, without an engine and beside one.
package enum NotificationTest {
  package struct Outcome: Sendable {
    package let channel: String
    /// `nil` for one that arrived.
    package let refusal: Refusal?
  }

  /// Empty when no channel is configured.
  package static func run(_ configuration: EngineConfiguration) async throws -> [Outcome] {
    let thread = try EventLoop.start(name: "notify")
    let result = await Result {
      let opened = try await NotificationChannels.open(configuration, on: thread.loop)
      let message = NoticeMessage(NoticeDesk.testNotice(at: SystemWallClock().now()))
      var outcomes: [Outcome] = []
      for channel in opened.channels {
        outcomes.append(Outcome(channel: channel.name, refusal: await channel.deliver(message).refusal))
      }
      await opened.close()
      return outcomes
    }
    await thread.stopAndWait()
    return try result.get()
  }
}
