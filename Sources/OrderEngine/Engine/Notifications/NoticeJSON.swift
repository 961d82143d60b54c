import OrderDomain

/// A notice as programs receive it: the body of a post to `NOTIFICATION_URL`, the data of a Pub/Sub message.
enum NoticeJSON {
  static func bytes(_ message: NoticeMessage) -> [UInt8] {
    let notice = message.notice
    var json = JSONWriter()
    json.object { json in
      json.string("event", notice.event.rawValue)
      json.string("severity", notice.severity.code)
      json.string("title", notice.title)
      json.string("text", message.text)
      json.optionalString("code", notice.code)
      json.string("at", notice.at)
      json.integer("more_like_it", message.moreCount)
      json.integer("given_up_before", message.lostCount)
      json.string("source", "order-engine")
    }
    return json.bytes
  }
}
