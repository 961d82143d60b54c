import OrderDomain

/// Makes guessing slow: whoever offers so many wrong secrets in a window waits, at first a minute, then twice as long each
/// time, at most an hour.
///
/// Counted for each customer's address: an IPv4 address, the /64 of an IPv6 one. While it waits nothing of it is looked
/// at, also no right secret: an answer that differs would tell which guess was right. A right secret does not clear the
/// count either, or a guesser would rest beside an honest sender of the same house.
///
/// Whose address is shared is not locked out at the webhook: a stranger would shut TradingView, and with it the alerts,
/// out by five alerts of his own to this address. What is left to him there is a guess for each alert, fifteen in three
/// minutes at TradingView, against a secret of 100 random bits. At the operator's door shared addresses are locked too:
/// passwords are worth guessing, and no alert is lost while a person waits.
///
/// The memory is bounded. When it is full, a hand goes round and takes the place of one that is not locked; no crowd of
/// addresses ends another's lock. When the hand finds none in ``steps``, the newcomer is not counted: to get there, an
/// attacker has five wrong guesses from each of 65,536 addresses behind him, and he gains one guess for each further one.
struct LockOut: Sendable {
  struct Settings: Hashable, Sendable {
    /// Wrong secrets that lock, 1 or more.
    var limit = 5
    var window = Duration.seconds(60)
    var first = Duration.seconds(60)
    var longest = Duration.seconds(3_600)
    var capacity = 65_536
  }

  enum Standing: Equatable, Sendable {
    case free
    /// Whole seconds, rounded up.
    case locked(retryAfterSeconds: Int64)
  }

  private struct Record: Sendable {
    var caller: Caller
    var windowStart: Uptime
    var failureCount = 0
    var lockedUntil: Uptime
    var lockCount = 0
  }

  /// Places that are looked at to find room for one more.
  static let steps = 16

  private let settings: Settings
  private var places: [Caller: Int] = [:]
  private var records: [Record] = []
  private var hand = 0

  init(_ settings: Settings = Settings()) { self.settings = settings }

  var count: Int { records.count }

  func standing(of caller: Caller, at now: Uptime) -> Standing {
    if records.isEmpty { return .free }
    guard let place = places[caller.customer] else { return .free }
    return standing(records[place], now)
  }

  /// Counts a wrong secret of one who is not locked.
  ///
  /// - Returns: whether that was one too many.
  @discardableResult
  mutating func fail(_ caller: Caller, at now: Uptime) -> Standing {
    guard let place = place(of: caller.customer, now) else { return .free }
    var record = records[place]
    if case .locked(let seconds) = standing(record, now) { return .locked(retryAfterSeconds: seconds) }
    // Quiet for as long as the longest lock: what was before is forgotten.
    if now >= record.lockedUntil.advanced(by: settings.longest) { record.lockCount = 0 }
    if now >= record.windowStart.advanced(by: settings.window) {
      record.windowStart = now
      record.failureCount = 0
    }
    record.failureCount += 1
    if record.failureCount >= settings.limit {
      record.lockedUntil = now.advanced(by: duration(afterLocks: record.lockCount))
      record.lockCount += 1
      record.failureCount = 0
    }
    records[place] = record
    return standing(record, now)
  }

  private func duration(afterLocks count: Int) -> Duration {
    var duration = settings.first
    for _ in 0..<count where duration < settings.longest { duration = duration * 2 }
    return min(duration, settings.longest)
  }

  private func standing(_ record: Record, _ now: Uptime) -> Standing {
    let left = now.duration(to: record.lockedUntil)
    guard left > .zero else { return .free }
    let (seconds, attoseconds) = left.components
    return .locked(retryAfterSeconds: seconds + (attoseconds > 0 ? 1 : 0))
  }

  /// Where the caller is counted, from now on if not before; `nil` when there is no room.
  private mutating func place(of caller: Caller, _ now: Uptime) -> Int? {
    if let place = places[caller] { return place }
    let fresh = Record(caller: caller, windowStart: now, lockedUntil: now)
    if records.count < settings.capacity {
      records.append(fresh)
      places[caller] = records.count - 1
      return records.count - 1
    }
    for _ in 0..<min(LockOut.steps, records.count) {
      let place = hand
      hand = (hand + 1) % records.count
      guard standing(records[place], now) == .free else { continue }
      places[records[place].caller] = nil
      records[place] = fresh
      places[caller] = place
      return place
    }
    return nil
  }
}
