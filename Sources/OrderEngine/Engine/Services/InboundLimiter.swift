import OrderDomain

/// How often one sender may come: a fixed window per sender, in a table that cannot grow past its bound.
struct InboundLimiter<Sender: Hashable & Sendable>: Sendable {
  enum Verdict: Equatable, Sendable {
    case admitted
    case refused(retryAfterSeconds: Int64)
  }

  private struct Window: Sendable {
    let start: Timestamp
    var count: Int
  }

  private let limit: Int
  private let seconds: Int64
  private let capacity: Int
  private var windows: [Sender: Window] = [:]

  init(limit: Int, seconds: Int64, capacity: Int = 65_536) {
    self.limit = limit
    self.seconds = seconds
    self.capacity = capacity
  }

  mutating func admit(_ sender: Sender, at now: Timestamp) -> Verdict {
    let verdict = standing(of: sender, at: now)
    if verdict == .admitted { count(sender, at: now) }
    return verdict
  }

  /// What ``admit(_:at:)`` would say, without counting.
  func standing(of sender: Sender, at now: Timestamp) -> Verdict {
    guard let window = windows[sender], !isOver(window, now), window.count >= limit else { return .admitted }
    let left = seconds - now.nanoseconds(since: window.start) / 1_000_000_000
    return .refused(retryAfterSeconds: max(1, left))
  }

  mutating func count(_ sender: Sender, at now: Timestamp) {
    if let window = windows[sender], !isOver(window, now) {
      windows[sender]?.count += 1
      return
    }
    if windows.count >= capacity { windows = windows.filter { !isOver($0.value, now) } }
    // A table full of live windows is an attack from very many addresses: those it cannot hold go uncounted, and the
    // table does not grow.
    guard windows.count < capacity else { return }
    windows[sender] = Window(start: now, count: 1)
  }

  private func isOver(_ window: Window, _ now: Timestamp) -> Bool {
    let age = now.nanoseconds(since: window.start)
    return age < 0 || age >= seconds * 1_000_000_000
  }
}
