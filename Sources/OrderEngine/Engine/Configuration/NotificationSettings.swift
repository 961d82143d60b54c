package import OrderDomain

/// Who is told, by which ways, and of what besides failures.
package struct NotificationSettings: Sendable {
  package var telegram: Telegram?
  /// The address that notices are posted to, checked; it may hold a key.
  package var webhook: Secret?
  package var topic: Topic?
  /// What is told besides failures, in order.
  package var optionalEvents: [NoticeEvent]
  /// What is half set, and therefore tells nobody anything.
  package var flaw: Refusal?

  package struct Telegram: Sendable {
    package var token: Secret
    package var chat: String
    package var address: BrokerAddress

    package init(token: Secret, chat: String, address: BrokerAddress) {
      self.token = token
      self.chat = chat
      self.address = address
    }
  }

  package struct Topic: Sendable {
    package var project: String
    package var name: String
    package var address: BrokerAddress

    package init(project: String, name: String, address: BrokerAddress) {
      self.project = project
      self.name = name
      self.address = address
    }
  }

  /// Of the channels, in the order in which they are shown.
  package var channelNames: [String] {
    [telegram.map { _ in "telegram" }, webhook.map { _ in "webhook" }, topic.map { _ in "pubsub" }].compactMap { $0 }
  }

  /// What may be chosen; failures are always told.
  static let choices: [NoticeEvent] = [
    .morningReport, .engineStarted, .engineStopped, .orderFilled, .alertReceived, .dailySummary,
  ]
  static let standard: [NoticeEvent] = [.morningReport, .engineStarted, .engineStopped]
}

extension SettingsReader {
  mutating func notifications() -> NotificationSettings {
    var settings = NotificationSettings(optionalEvents: noticeEvents())
    telegram(&settings)
    if let url = text("NOTIFICATION_URL") {
      if SettingsReader.isPostAddress(url) {
        settings.webhook = Secret(url)
      } else {
        refuse(
          "NOTIFICATION_URL", url, "is no address that can be posted to",
          "write https:// with host and path; http:// only for this machine")
      }
    }
    settings.topic = topic()
    return settings
  }

  private mutating func noticeEvents() -> [NoticeEvent] {
    guard let value = text("NOTIFICATION_EVENTS") else { return NotificationSettings.standard }
    if value == "none" { return [] }
    let words = list("NOTIFICATION_EVENTS")
    let known = Dictionary(uniqueKeysWithValues: NotificationSettings.choices.map { ($0.rawValue, $0) })
    if let stranger = words.first(where: { known[$0] == nil }) {
      refuse(
        "NOTIFICATION_EVENTS", stranger, "is nothing that can be chosen",
        "write some of \(NotificationSettings.choices.map(\.rawValue).joined(separator: ",")), or none; failures are "
          + "always told")
    }
    return NotificationSettings.choices.filter { words.contains($0.rawValue) }
  }

  private mutating func telegram(_ settings: inout NotificationSettings) {
    let address = address("TELEGRAM_API_URL", standard: "https://api.telegram.org")
    let isEnabled = boolean("ENABLE_TELEGRAM")
    if isEnabled == false { return }
    let (token, chat) = (text("TELEGRAM_BOT_TOKEN"), text("TELEGRAM_CHAT_ID"))
    guard let token, let chat else {
      // The services of before took half of it without a word, and their `.env` files still start.
      if isEnabled == true || token != nil || chat != nil {
        let missing = [token == nil ? "TELEGRAM_BOT_TOKEN" : nil, chat == nil ? "TELEGRAM_CHAT_ID" : nil]
          .compactMap { $0 }.joined(separator: " and ")
        let set = isEnabled == true ? "ENABLE_TELEGRAM is true" : "Telegram is half set"
        settings.flaw = Refusal(
          code: "config.telegramIncomplete", cause: "\(set), and \(missing) is missing: nothing is told by Telegram",
          fix: "set both; docs/notifications.md says where they come from; or set ENABLE_TELEGRAM to false")
      }
      return
    }
    guard SettingsReader.isBotToken(token) else {
      return refuse(
        "TELEGRAM_BOT_TOKEN", token, "is no token of a bot", "copy it from @BotFather: digits, a colon, some 35 letters"
      )
    }
    guard SettingsReader.isChat(chat) else {
      return refuse(
        "TELEGRAM_CHAT_ID", chat, "is no chat", "write its number, such as 123456789 or -1001234567890, or @channel")
    }
    settings.telegram = NotificationSettings.Telegram(token: Secret(token), chat: chat, address: address)
  }

  private mutating func topic() -> NotificationSettings.Topic? {
    let address = address("PUBSUB_URL", standard: "https://pubsub.googleapis.com")
    guard let text = text("NOTIFICATION_TOPIC") else { return nil }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    var project = self.text("SECRET_MANAGER_PROJECT")
    var name = text
    if parts.count == 4, parts[0] == "projects", parts[2] == "topics" { (project, name) = (parts[1], parts[3]) }
    guard SettingsReader.isTopic(name), let project, GoogleSecretManager.isProject(project) else {
      refuse(
        "NOTIFICATION_TOPIC", text, "is no topic of Pub/Sub",
        "write projects/PROJECT/topics/NAME, or the name alone when SECRET_MANAGER_PROJECT is set")
      return nil
    }
    return NotificationSettings.Topic(project: project, name: name, address: address)
  }

  // MARK: Shapes

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  /// `123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11`: it becomes a part of an address as it stands.
  static func isBotToken(_ text: String) -> Bool {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count == 2 && !parts[0].isEmpty && parts[0].utf8.allSatisfy(isDigit)
      && (16...100).contains(parts[1].utf8.count)
      && parts[1].utf8.allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
  }

  static func isChat(_ text: String) -> Bool {
    if text.hasPrefix("@") {
      return (2...64).contains(text.utf8.count)
        && text.utf8.dropFirst().allSatisfy { isLetter($0) || isDigit($0) || $0 == UInt8(ascii: "_") }
    }
    // Telegram: at most 52 significant bits.
    return Int64(text).map { $0.magnitude < 1 << 52 && $0 != 0 } ?? false
  }

  /// https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names
  static func isTopic(_ text: String) -> Bool {
    guard let first = text.utf8.first, isLetter(first), (3...255).contains(text.utf8.count) else { return false }
    return text.utf8.allSatisfy { byte in
      isLetter(byte) || isDigit(byte) || "-._~+%".utf8.contains(byte)
    }
  }

  static func isPostAddress(_ text: String) -> Bool {
    guard let scheme = text.hasPrefix("https://") ? 8 : text.hasPrefix("http://") ? 7 : nil, text.utf8.count <= 2_048
    else { return false }
    let rest = text.utf8.dropFirst(scheme)
    let authority = rest.prefix { $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "?") }
    // Visible ASCII without what a URL never holds as it stands, and without a fragment.
    let isClean = rest.allSatisfy { (0x21...0x7E).contains($0) && !"\"<>\\^`{|}#".utf8.contains($0) }
    return isClean && BrokerAddress(String(text.prefix(scheme)) + String(decoding: authority, as: UTF8.self)) != nil
  }
}
