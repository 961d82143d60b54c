import Foundation
import HTTP
import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

/// Each channel against a server that speaks the service's protocol.
@Suite(.timeLimit(.minutes(1)))
struct ChannelTests {
  private static let token = "123456789:CANARY-of-a-token_0123456789abcdef"
  private static let good = LoopbackServer.Answer(body: #"{"ok":true,"result":{"message_id":7}}"#)

  private let message = NoticeMessage(
    Notice(
      .orderFailed, .critical, "Order rejected: BUY 10 \"A&B\" on dhan",
      lines: ["Cause: no funds.", "To do: add some."],
      at: Sample.opening, code: "broker.rejected"), moreCount: 4)

  private func json(_ text: String) throws -> [String: Any] {
    let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
    return try #require(object)
  }

  private func telegram(_ server: LoopbackServer, chat: String = "-1001234567890") throws -> TelegramChannel {
    TelegramChannel(
      NotificationSettings.Telegram(
        token: Secret(Self.token), chat: chat, address: try #require(BrokerAddress(server.base))),
      client: try #require(server.client))
  }

  // MARK: Telegram

  @Test func `Telegram gets plain text in the chat, under the bot's own address`() async throws {
    let server = try await LoopbackServer([Self.good])
    #expect(await (try telegram(server)).deliver(message) == .delivered)
    let call = try #require(server.calls.first)
    #expect(call.method == "POST")
    #expect(call.target == "/bot\(Self.token)/sendMessage")
    #expect(call.contentType == "application/json")
    let body = try json(call.body)
    #expect(body["chat_id"] as? String == "-1001234567890")
    #expect(
      body["text"] as? String
        == "Order rejected: BUY 10 \"A&B\" on dhan\nCause: no funds.\nTo do: add some.\nAnd 4 more like it.")
    #expect(body["parse_mode"] == nil)
    await server.stop()
  }

  @Test func `Telegram's own pause is kept`() async throws {
    let server = try await LoopbackServer([
      LoopbackServer.Answer(
        status: 429,
        body:
          #"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3","parameters":{"retry_after":3}}"#
      )
    ])
    guard case .failed(let refusal, let retryAfter) = await (try telegram(server)).deliver(message) else {
      Issue.record("429 is a failure that may be tried again")
      return
    }
    #expect(retryAfter == .seconds(3))
    #expect(refusal.cause.contains("Too Many Requests"))
    await server.stop()
  }

  @Test(
    arguments: [
      (401, "Unauthorized", "", false, "@BotFather"), (404, "Not Found", "", false, "@BotFather"),
      (403, "Forbidden: bot was blocked by the user", "", false, "press Start"),
      (400, "Bad Request: chat not found", "", false, "TELEGRAM_CHAT_ID"),
      (
        400, "Bad Request: group chat was upgraded to a supergroup chat",
        #","parameters":{"migrate_to_chat_id":-100987654321}"#, false, "-100987654321"
      ), (400, "Bad Request: message is too long", "", true, "report it"),
      (502, "Bad Gateway", "", false, "sent again"),
    ])
  func `what Telegram refuses is told with what to do`(
    status: Int, description: String, more: String, isFinal: Bool, fix: String
  ) async throws {
    let server = try await LoopbackServer([
      LoopbackServer.Answer(
        status: UInt16(status), body: #"{"ok":false,"error_code":\#(status),"description":"\#(description)"\#(more)}"#)
    ])
    let outcome = await (try telegram(server)).deliver(message)
    let refusal = try #require(outcome.refusal)
    #expect(refusal.fix.contains(fix))
    #expect(refusal.cause.contains(description))
    #expect(outcome == (isFinal ? .refused(refusal) : .failed(refusal, retryAfter: nil)))
    await server.stop()
  }

  @Test func `a page that a proxy puts in the way is no delivery`() async throws {
    let server = try await LoopbackServer([
      LoopbackServer.Answer(body: "<html>Please log in</html>"), LoopbackServer.Answer(body: #"{"ok":false}"#),
      LoopbackServer.Answer(body: "{}"),
    ])
    for _ in 0..<3 { #expect(await (try telegram(server)).deliver(message) != .delivered) }
    await server.stop()
  }

  @Test func `a long message is cut where Telegram would refuse it`() {
    let text = String(repeating: "🙂", count: 3_000)
    let cut = TelegramChannel.cut(text)
    #expect(cut.utf16.count <= 4_096)
    #expect(cut.hasSuffix("\n…"))
    #expect(TelegramChannel.cut("short") == "short")
  }

  // MARK: Secrets

  @Test func `no failure has the token or the address in its words`() async throws {
    let server = try await LoopbackServer([
      // A server that repeats what it was asked.
      LoopbackServer.Answer(
        status: 404, body: #"{"ok":false,"error_code":404,"description":"no /bot\#(Self.token)/sendMessage here"}"#),
      LoopbackServer.Answer(status: 500, body: "/bot\(Self.token)/sendMessage"),
    ])
    let channel = try telegram(server)
    let client = try #require(server.client)
    let closed = "http://127.0.0.1:1/CANARY-path?key=CANARY"
    var refusals: [Refusal] = []
    for _ in 0..<2 { refusals.append(try #require(await channel.deliver(message).refusal)) }
    refusals.append(
      try #require(await WebhookChannel(url: Secret(closed), client: client).deliver(message).refusal))
    let unreachable = TelegramChannel(
      NotificationSettings.Telegram(
        token: Secret(Self.token), chat: "1", address: try #require(BrokerAddress("http://127.0.0.1:1"))),
      client: client)
    refusals.append(try #require(await unreachable.deliver(message).refusal))
    for refusal in refusals { #expect(!refusal.description.contains("CANARY"), "\(refusal.code)") }
    let settings = NotificationSettings.Telegram(
      token: Secret(Self.token), chat: "1", address: try #require(BrokerAddress(server.base)))
    let text = String(reflecting: channel) + String(describing: settings)
    #expect(!text.contains("CANARY"))
    await server.stop()
  }

  // MARK: Webhook

  @Test func `a webhook gets what a program needs`() async throws {
    let server = try await LoopbackServer([LoopbackServer.Answer(status: 204, body: "")])
    let url = server.base + "/hook/abc?key=1"
    let channel = WebhookChannel(url: Secret(url), client: try #require(server.client))
    #expect(await channel.deliver(message) == .delivered)
    let call = try #require(server.calls.first)
    #expect(call.target == "/hook/abc?key=1")
    let body = try json(call.body)
    #expect(body["event"] as? String == "order_failed")
    #expect(body["severity"] as? String == "critical")
    #expect(body["code"] as? String == "broker.rejected")
    #expect(body["at"] as? String == Sample.opening.description)
    #expect(body["more_like_it"] as? Int == 4)
    #expect((body["text"] as? String)?.hasPrefix("Order rejected: ") == true)
    await server.stop()
  }

  @Test func `a webhook that is busy says when to come again, and one that refuses is believed`() async throws {
    let server = try await LoopbackServer([
      LoopbackServer.Answer(status: 503, fields: ["Retry-After": "7"]), LoopbackServer.Answer(status: 302),
      LoopbackServer.Answer(status: 400),
    ])
    let channel = WebhookChannel(url: Secret(server.base + "/"), client: try #require(server.client))
    guard case .failed(_, .seconds(7)?) = await channel.deliver(message) else {
      Issue.record("Retry-After was not kept")
      return
    }
    guard case .failed(_, nil) = await channel.deliver(message) else {
      Issue.record("a redirect is no delivery, and is not followed")
      return
    }
    guard case .refused = await channel.deliver(message) else {
      Issue.record("400 is final")
      return
    }
    #expect(server.calls.count == 3)
    await server.stop()
  }

  // MARK: Pub/Sub

  @Test func `Pub/Sub gets the notice as data of one message, by a service account`() async throws {
    let google = try await GoogleDouble()
    let server = try await LoopbackServer([
      LoopbackServer.Answer(body: #"{"messageIds":["1"]}"#),
      LoopbackServer.Answer(
        status: 403, body: #"{"error":{"code":403,"message":"canary of a message","status":"PERMISSION_DENIED"}}"#),
    ])
    let transport = HTTPCloudTransport(client: try #require(server.client))
    let access = GoogleAccess(
      source: .metadata(google.base), transport: transport, wallClock: SystemWallClock())
    let channel = PubSubChannel(
      NotificationSettings.Topic(
        project: "my-project", name: "alerts", address: try #require(BrokerAddress(server.base))),
      access: access, transport: transport)
    #expect(await channel.deliver(message) == .delivered)
    let call = try #require(server.calls.first)
    #expect(call.target == "/v1/projects/my-project/topics/alerts:publish")
    #expect(call.authorization == "Bearer \(GoogleDouble.token)")
    let messages = try json(call.body)["messages"] as? [[String: Any]]
    let sent = try #require(messages?.first)
    #expect(sent["attributes"] as? [String: String] == ["event": "order_failed", "severity": "critical"])
    let encoded = try #require(sent["data"] as? String)
    let data = try #require(Data(base64Encoded: encoded))
    #expect(try json(String(decoding: data, as: UTF8.self))["event"] as? String == "order_failed")

    let refusal = try #require(await channel.deliver(message).refusal)
    #expect(refusal.code == "notify.pubsubRefused")
    #expect(refusal.cause.contains("PERMISSION_DENIED"))
    #expect(!refusal.description.contains("canary"))
    await server.stop()
    await google.stop()
  }
}
