/// One thing that a person shall be told of: what happened, how bad it is, and in which words.
public struct Notice: Hashable, Sendable {
  public let event: NoticeEvent
  public let severity: Severity
  /// One line, without a full stop.
  public let title: String
  /// Further lines: causes, what to do.
  public let lines: [String]
  public let at: Timestamp
  /// What two notices have in common that need to be told but once in a while; `nil` for one that is always told.
  public let likeness: String?
  /// The stable code of what is wrong, where something is.
  public let code: String?

  /// What goes first when not all can go, in this order.
  public enum Severity: UInt8, Comparable, Hashable, Sendable, CaseIterable {
    /// Good to know.
    case info
    /// A person should look today.
    case warning
    /// Money may be at stake now.
    case critical

    public static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }

    public var code: String {
      switch self {
      case .info: "info"
      case .warning: "warning"
      case .critical: "critical"
      }
    }
  }

  public init(
    _ event: NoticeEvent, _ severity: Severity, _ title: String, lines: [String] = [], at: Timestamp,
    likeness: String? = nil, code: String? = nil
  ) {
    self.event = event
    self.severity = severity
    self.title = title
    self.lines = lines
    self.at = at
    self.likeness = likeness
    self.code = code
  }

  /// A refusal as a person reads it: what is wrong, why, what to do.
  public init(
    _ event: NoticeEvent, _ severity: Severity, _ title: String, _ refusal: Refusal, at: Timestamp, likeness: String?
  ) {
    self.init(
      event, severity, title, lines: ["Cause: \(refusal.cause).", "To do: \(refusal.fix)."], at: at,
      likeness: likeness, code: refusal.code)
  }

  /// Title and lines, one below the other.
  public var text: String { ([title] + lines).joined(separator: "\n") }
}

/// What notices are about. The codes are stable: programs that receive notices tell them apart by it.
public enum NoticeEvent: String, Hashable, Sendable, CaseIterable {
  /// An order was denied or rejected, is unknown, or never left; or a whole alert was refused.
  case orderFailed = "order_failed"
  case tokenRefreshError = "token_refresh_error"
  /// An access token has less than an hour left, or ends today and needs a person.
  case tokenExpiring = "token_expiring"
  /// Anything else that a person should read now.
  case alarm
  case morningReport = "morning_report"
  case engineStarted = "engine_started"
  case engineStopped = "engine_stopped"
  case orderFilled = "order_success"
  case alertReceived = "alert_received"
  case dailySummary = "daily_summary"
  /// A person wants to see whether notices arrive.
  case test
}
