import OrderDomain
import Testing

@testable import OrderEngine

struct NotificationSettingsTests {
  private static let token = "123456789:AAbbCCddEEffGGhhIIjjKKllMMnnOOpp_-1"

  private func settings(_ values: [String: String]) throws -> NotificationSettings {
    try EngineConfiguration.load(
      layers: [SettingsLayer(name: "environment", values: values, mayHoldOthers: true)]
    ).notifications
  }

  private func errors(_ values: [String: String]) -> [ConfigurationError] {
    do {
      _ = try settings(values)
      return []
    } catch let errors as ConfigurationErrors {
      return errors.errors
    } catch {
      Issue.record("\(error)")
      return []
    }
  }

  @Test func `nothing is told by anything unless it is set`() throws {
    let plain = try settings([:])
    #expect(plain.channelNames == [])
    #expect(plain.flaw == nil)
    #expect(plain.optionalEvents == [.morningReport, .engineStarted, .engineStopped])
  }

  @Test func `all channels at once`() throws {
    let all = try settings([
      "TELEGRAM_BOT_TOKEN": Self.token, "TELEGRAM_CHAT_ID": "-1001234567890",
      "NOTIFICATION_URL": "https://hooks.example.com/x?key=1",
      "NOTIFICATION_TOPIC": "projects/my-project/topics/alerts",
      "NOTIFICATION_EVENTS": "daily_summary,order_success",
    ])
    #expect(all.channelNames == ["telegram", "webhook", "pubsub"])
    #expect(all.topic?.project == "my-project")
    #expect(all.topic?.name == "alerts")
    #expect(all.optionalEvents == [.orderFilled, .dailySummary])
    #expect(try settings(["NOTIFICATION_EVENTS": "none"]).optionalEvents == [])
  }

  @Test func `Telegram is off when it is said so, and half of it is warned of`() throws {
    let both = ["TELEGRAM_BOT_TOKEN": Self.token, "TELEGRAM_CHAT_ID": "7"]
    #expect(try settings(both.merging(["ENABLE_TELEGRAM": "false"]) { $1 }).channelNames == [])
    for half in [["TELEGRAM_BOT_TOKEN": "canary"], ["TELEGRAM_CHAT_ID": "7"], ["ENABLE_TELEGRAM": "true"]] {
      let found = try settings(half)
      #expect(found.channelNames == [])
      #expect(found.flaw?.code == "config.telegramIncomplete")
      #expect(found.flaw?.description.contains("canary") == false)
    }
  }

  @Test(
    arguments: [
      ("TELEGRAM_BOT_TOKEN", "canary"), ("TELEGRAM_BOT_TOKEN", "123456789:canary/../canary12345678"),
      ("TELEGRAM_CHAT_ID", "me"), ("TELEGRAM_CHAT_ID", "0"), ("TELEGRAM_CHAT_ID", "-9223372036854775808"),
      ("NOTIFICATION_URL", "canary"), ("NOTIFICATION_URL", "http://192.0.2.1/canary"),
      ("NOTIFICATION_URL", "https://user@h/canary"), ("NOTIFICATION_URL", "https://h/canary#x"),
      ("NOTIFICATION_URL", "https://h/can ary"), ("NOTIFICATION_TOPIC", "alerts"),
      ("NOTIFICATION_TOPIC", "projects/my-project/topics/a/b"), ("NOTIFICATION_EVENTS", "order_failed"),
    ])
  func `what cannot be used is refused, and no secret is shown`(name: String, value: String) {
    let ground = ["TELEGRAM_BOT_TOKEN": Self.token, "TELEGRAM_CHAT_ID": "7"]
    let found = errors(ground.merging([name: value]) { $1 })
    #expect(found.map(\.key) == [name])
    if SettingsSchema.setting(name)?.isSecret == true {
      #expect(!found.map(\.description).joined().contains("canary"))
    }
  }

  @Test func `a topic's name alone is in the project of the secrets`() throws {
    let found = try settings(["NOTIFICATION_TOPIC": "alerts", "SECRET_MANAGER_PROJECT": "my-project"])
    #expect(found.topic?.project == "my-project")
  }
}
