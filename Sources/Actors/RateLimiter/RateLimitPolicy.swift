package import OrderDomain

/// A broker's published limits, all of which hold at once: `10/1s,250/60s,1000/1h,7000/1d`, or `off`.
package struct RateLimitPolicy: Hashable, Sendable {
  package struct Window: Hashable, Sendable {
    /// 1 to 1,000,000.
    package let limit: Int
    /// 1 s to less than a day.
    package let length: Duration
    package let name: String
  }

  /// The shortest first, at most ``windowCountLimit``. Each slides: it holds for any stretch of that length.
  package let windows: [Window]
  /// Per trading day, for which the brokers count anew; 1 to 1,000,000.
  package let dayLimit: Int?

  static var windowCountLimit: Int { 8 }

  package static var off: RateLimitPolicy { RateLimitPolicy(windows: [], dayLimit: nil) }

  package var isOff: Bool { windows.isEmpty && dayLimit == nil }

  private init(windows: [Window], dayLimit: Int?) {
    self.windows = windows
    self.dayLimit = dayLimit
  }

  /// Reads `COUNT/LENGTH` with a unit of `s`, `m`, `h`, and `COUNT/1d` for the trading day, separated by commas.
  package init(_ text: String) throws(Refusal) {
    let trimmed = RateLimitPolicy.trim(text[...])
    if trimmed == "off" {
      self = .off
      return
    }
    var windows: [Window] = []
    var dayLimit: Int?
    for piece in trimmed.split(separator: ",", omittingEmptySubsequences: false) {
      let item = RateLimitPolicy.trim(piece)
      let parts = item.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let limit = RateLimitPolicy.number(parts[0]), let unit = parts[1].last,
        let length = RateLimitPolicy.number(parts[1].dropLast())
      else { throw RateLimitPolicy.refusal("'\(item)' is not COUNT/LENGTH") }
      let unitSeconds: Int
      switch unit {
      case "s": unitSeconds = 1
      case "m": unitSeconds = 60
      case "h": unitSeconds = 3_600
      case "d":
        guard length == 1, dayLimit == nil else { throw RateLimitPolicy.refusal("a day may stand once, as 1d") }
        dayLimit = limit
        continue
      default: throw RateLimitPolicy.refusal("'\(item)' has no unit of s, m, h or d")
      }
      let seconds = length * unitSeconds
      guard seconds < 86_400 else { throw RateLimitPolicy.refusal("'\(item)' is a day or longer; write 1d") }
      let duration = Duration.seconds(seconds)
      guard !windows.contains(where: { $0.length == duration }) else {
        throw RateLimitPolicy.refusal("two limits for the same length as '\(item)'")
      }
      windows.append(Window(limit: limit, length: duration, name: String(parts[1])))
    }
    guard windows.count <= RateLimitPolicy.windowCountLimit else {
      throw RateLimitPolicy.refusal("more than \(RateLimitPolicy.windowCountLimit) limits")
    }
    self.init(windows: windows.sorted { $0.length < $1.length }, dayLimit: dayLimit)
  }

  private static func trim(_ text: Substring) -> Substring {
    var rest = text
    while rest.first == " " { rest.removeFirst() }
    while rest.last == " " { rest.removeLast() }
    return rest
  }

  /// 1 to 1,000,000 in plain digits.
  private static func number(_ text: Substring) -> Int? {
    guard (1...7).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }), let value = Int(text),
      (1...1_000_000).contains(value)
    else { return nil }
    return value
  }

  private static func refusal(_ cause: String) -> Refusal {
    Refusal(
      code: "config.rateLimit", cause: "Rate limit: \(cause).",
      fix: "Write a list such as 10/1s,250/60s,1000/1h,7000/1d, or off.")
  }
}
