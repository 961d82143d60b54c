import Foundation
import Testing

/// A running engine tells a person by Telegram what the person must know, and no more.
@Suite(.timeLimit(.minutes(3)))
struct NotificationTests {
  @Test func `a rejected order produces one message, and what goes well none`() throws {
    let (simulator, telegram) = (try SimulatorProcess(), try TelegramDouble())
    let engine = try EngineProcess(
      environment: simulator.environment("dhan").merging(telegram.settings) { $1 })
    _ = telegram.wait(for: "Order engine ")
    let client = try RawClient(port: engine.port)
    #expect(try client.post("/webhook?wait=2000", AlertBodies.native(engine.secret, id: "good")).status == 200)
    try simulator.add("reject", on: "dhan.place")
    let answer = try client.post("/webhook?wait=2000", AlertBodies.native(engine.secret, id: "bad"))
    #expect(answer.legs.first?["outcome"] as? String == "rejected", "\(answer.body)")
    _ = telegram.wait(for: "Order rejected")
    #expect(engine.stop() == 0)
    let texts = telegram.wait(for: "Order engine stops")
    telegram.stop()
    #expect(
      texts.map { $0.split(separator: "\n")[0].split(separator: ":")[0] } == [
        "Order engine 0.1.0 takes alerts", "Order rejected by the broker", "Order engine stops",
      ], "\(texts)")
    #expect(texts[1].hasPrefix("Order rejected by the broker: BUY 5 SBIN on dhan\nCause: "), "\(texts)")
    #expect(texts[1].contains("\nTo do: "))
    #expect(engine.log.contains("notifications.enabled"))
    #expect(engine.log.contains(TelegramDouble.chat))
    #expect(!engine.log.contains("CANARY"))
  }

  @Test func `an alert that is refused is told, and Telegram's own pause is kept`() throws {
    let telegram = try TelegramDouble()
    telegram.answer(
      #"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 2","parameters":{"retry_after":2}}"#)
    let engine = try EngineProcess(
      environment: telegram.settings.merging(["NOTIFICATION_EVENTS": "order_success"]) { $1 })
    let began = Date()
    let client = try RawClient(port: engine.port)
    #expect(try client.post("/webhook", AlertBodies.native(engine.secret, id: "a", symbol: "NOTHING")).status == 422)
    let texts = telegram.wait(for: "Alert refused")
    #expect(texts.count == 1)
    #expect(Date().timeIntervalSince(began) >= 2)
    #expect(engine.waitForLog("notification.notDelivered") != nil)
    #expect(try client.post("/webhook?wait=2000", AlertBodies.native(engine.secret, id: "b")).status == 200)
    #expect(telegram.wait(for: "Filled: BUY 5 SBIN on paper at ").count == 2)

    // The channel is proven now, and says so.
    let report = try client.get("/api/v1/diagnosis", token: engine.operatorToken)
    let checks = report.json["checks"] as? [[String: Any]] ?? []
    #expect(checks.first { $0["name"] as? String == "notification" }?["result"] as? String == "ok", "\(report.body)")
    let fields = ["Authorization": "Bearer \(engine.operatorToken)"]
    let test = try client.post("/api/v1/notifications/test", "", fields: fields)
    #expect(test.status == 200, "\(test.body)")
    #expect(telegram.texts.last?.hasPrefix("Test message") == true)
    let state = try client.get("/api/v1/notifications", token: engine.operatorToken)
    #expect(state.body.contains("\"state\":\"proven\""), "\(state.body)")
    #expect(!state.body.contains("CANARY"))
    #expect(try client.get("/api/v1/notifications").status == 401)
    telegram.stop()
  }

  @Test func `the command tries each channel, and fails when one does`() throws {
    let telegram = try TelegramDouble()
    let place = ["--data-dir", EngineProcess.newDirectory()]
    let good = try EngineProcess.run(["notify", "test"] + place, environment: telegram.settings)
    #expect(good.status == 0, "\(good.output)")
    #expect(good.output == "telegram: delivered\n")
    #expect(telegram.texts.count == 1)
    let bad = try EngineProcess.run(
      ["notify", "test"] + place,
      environment: telegram.settings.merging(["NOTIFICATION_URL": "http://127.0.0.1:1/CANARY-of-a-hook"]) { $1 })
    #expect(bad.status == 1)
    #expect(bad.output.contains("telegram: delivered\n"))
    #expect(bad.output.contains("webhook: not delivered: notify.unreachable"), "\(bad.output)")
    #expect(!bad.output.contains("CANARY"))
    let none = try EngineProcess.run(["notify", "test"] + place)
    #expect(none.status == 1)
    #expect(none.output.contains("no channel is configured"))
    telegram.stop()
  }

  @Test func `the morning report is one message, and itself the proof that messages arrive`() throws {
    let telegram = try TelegramDouble()
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = try #require(TimeZone(identifier: "Asia/Kolkata"))
    let now = calendar.dateComponents([.hour, .minute], from: Date())
    let time = "\(now.hour ?? 0):\(now.minute ?? 0)"
    let engine = try EngineProcess(
      environment: telegram.settings.merging([
        "TOKEN_CHECK_TIME": time, "NOTIFICATION_EVENTS": "morning_report",
      ]) { $1 })
    // It is looked for twice a minute.
    let texts = telegram.wait(for: "Good morning: ready for the market", seconds: 90)
    #expect(texts.count == 1, "\(texts)")
    let line = try #require(engine.waitForLog("readiness.checked"))
    #expect(line.contains("\"ready\":\"true\""), "\(line)")
    #expect(!line.contains("notification"), "\(line)")
    telegram.stop()
  }
}
