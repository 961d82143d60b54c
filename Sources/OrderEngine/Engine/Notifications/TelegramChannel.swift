package import HTTP
package import OrderDomain

/// Messages of a bot in one chat, by Telegram's Bot API: `POST /botTOKEN/sendMessage`.
///
/// The token is part of the address, so the address is a secret: nothing here puts it into words.
package struct TelegramChannel: NotificationChannel {
  private let url: Secret
  private let token: Secret
  private let chat: String
  private let post: NoticePost

  package var name: String { "telegram" }

  /// The Bot API takes 4,096 characters after entities parsing, counted in UTF-16.
  static let textLimit = 4_096

  package init(_ settings: NotificationSettings.Telegram, client: HTTPClient) {
    url = Secret(settings.address.text + "/bot" + settings.token.text + "/sendMessage")
    token = settings.token
    chat = settings.chat
    post = NoticePost(client: client)
  }

  package func deliver(_ message: NoticeMessage) async -> NoticeDelivery {
    var json = JSONWriter()
    json.object { json in
      json.string("chat_id", chat)
      // Plain text: a symbol's name or a broker's words are never taken for markup.
      json.string("text", TelegramChannel.cut(message.text))
      json.object("link_preview_options") { $0.boolean("is_disabled", true) }
      if message.notice.severity == .info { json.boolean("disable_notification", true) }
    }
    do throws(Refusal) {
      return verdict(try await post.send(json.bytes, to: url, of: "Telegram"))
    } catch {
      return .failed(error, retryAfter: nil)
    }
  }

  /// At a line's end where there is one near.
  static func cut(_ text: String) -> String {
    guard text.utf16.count > textLimit else { return text }
    let mark = "\n…"
    var kept = ""
    var count = mark.utf16.count
    for character in text {
      count += character.utf16.count
      if count > textLimit { break }
      kept.append(character)
    }
    return kept + mark
  }

  // MARK: Answers

  private struct Answer {
    var isGood = false
    var description = ""
    var retryAfter: Int64?
    var newChat: String?
  }

  private func verdict(_ answer: NoticePost.Answer) -> NoticeDelivery {
    let said: Answer
    do throws(JSONError) { said = try TelegramChannel.read(answer.body) } catch {
      return .failed(
        refusal(
          "\(answer.status), and no JSON", "see whether TELEGRAM_API_URL leads to Telegram, and not to a proxy's page"),
        retryAfter: answer.retryAfter)
    }
    if said.isGood, answer.status == 200 { return .delivered }
    let words = "\(answer.status): \(told(said.description))"
    switch answer.status {
    case 429:
      let wait = said.retryAfter.map { Duration.seconds(min(max($0, 0), 86_400)) } ?? answer.retryAfter
      return .failed(refusal(words, "nothing to do; it is sent again when Telegram allows it"), retryAfter: wait)
    case 401, 404:
      return .failed(
        refusal(words, "Telegram does not know the bot: copy TELEGRAM_BOT_TOKEN from @BotFather again"), retryAfter: nil
      )
    case 403:
      return .failed(
        refusal(words, "open the chat with the bot and press Start, or add the bot to the group again"), retryAfter: nil
      )
    case 400:
      if let chat = said.newChat {
        return .failed(refusal(words, "the group has a new number: set TELEGRAM_CHAT_ID to \(chat)"), retryAfter: nil)
      }
      if said.description.contains("chat not found") || said.description.contains("chat_id is empty") {
        return .failed(
          refusal(
            words,
            "write to the bot once, and set TELEGRAM_CHAT_ID to the chat's number; docs/notifications.md says how"),
          retryAfter: nil)
      }
      return .refused(refusal(words, "report it: Telegram does not take this message"))
    default:
      return .failed(refusal(words, "nothing to do; it is sent again"), retryAfter: answer.retryAfter)
    }
  }

  private func refusal(_ words: String, _ fix: String) -> Refusal {
    Refusal(code: "notify.telegramRefused", cause: "Telegram answered \(words)", fix: fix)
  }

  /// What Telegram says, as far as a log may hold it.
  private func told(_ description: String) -> String {
    let printable = String(description.unicodeScalars.prefix(200).filter { $0.value >= 0x20 && $0.value != 0x7F })
    return printable.contains(token.text) ? "words that are not shown" : printable
  }

  private static func read(_ body: [UInt8]) throws(JSONError) -> Answer {
    var answer = Answer()
    var scanner = JSONScanner(body.span)
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      switch (scanner.text(key), try scanner.peek()) {
      case ("ok", .boolean): answer.isGood = try scanner.boolean()
      case ("description", .string): answer.description = scanner.text(try scanner.string())
      case ("parameters", .object):
        try scanner.beginObject()
        while let name = try scanner.nextKey() {
          switch (scanner.text(name), try scanner.peek()) {
          case ("retry_after", .number): answer.retryAfter = Int64(text(of: try scanner.number(), in: body))
          case ("migrate_to_chat_id", .number): answer.newChat = text(of: try scanner.number(), in: body)
          default: try scanner.skipValue()
          }
        }
      default: try scanner.skipValue()
      }
    }
    try scanner.finish()
    return answer
  }

  private static func text(of range: Range<Int>, in body: [UInt8]) -> String {
    String(decoding: body[range], as: UTF8.self)
  }
}
