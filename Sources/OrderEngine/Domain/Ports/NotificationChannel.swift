/// A way to a person's eyes: a chat, a web address, a topic.
public protocol NotificationChannel: Sendable {
  /// For logs and answers, and no secret: `telegram`.
  var name: String { get }

  /// Carries one notice, once, and returns within half a minute whatever the network does. The notifier has one delivery at
  /// a time under way for each channel.
  func deliver(_ message: NoticeMessage) async -> NoticeDelivery
}

/// A notice on its way, with what has to be said beside it.
public struct NoticeMessage: Hashable, Sendable {
  public let notice: Notice
  /// Notices like it that were not told one by one.
  public let moreCount: Int
  /// Other notices that were given up since the last delivery, because there were too many or they were too old.
  public let lostCount: Int

  public init(_ notice: Notice, moreCount: Int = 0, lostCount: Int = 0) {
    self.notice = notice
    self.moreCount = moreCount
    self.lostCount = lostCount
  }

  /// What a person reads.
  public var text: String {
    var lines = [notice.text]
    if moreCount > 0 { lines.append("And \(moreCount) more like it.") }
    if lostCount > 0 {
      lines.append("\(lostCount) other \(lostCount == 1 ? "message was" : "messages were") given up; the log has them.")
    }
    return lines.joined(separator: "\n")
  }
}

/// What became of one attempt.
public enum NoticeDelivery: Hashable, Sendable {
  /// Whoever is behind the channel has it.
  case delivered
  /// Not this time; the same may be taken later, and not before `retryAfter` where the channel says so.
  case failed(Refusal, retryAfter: Duration?)
  /// This notice will never be taken.
  case refused(Refusal)

  public var refusal: Refusal? {
    switch self {
    case .delivered: nil
    case .failed(let refusal, _), .refused(let refusal): refusal
    }
  }
}
