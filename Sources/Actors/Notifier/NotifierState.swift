package import OrderDomain

/// What one channel is yet to be told, and when. Pure: time comes as an argument, and what is to be done goes out as an
/// action.
///
/// The worst goes first, and of equals the oldest. When there is no room, the least severe gives way, and among equals
/// the newcomer: the first of many failures is the one that says why.
package struct NotifierState: Sendable {
  package enum Action: Equatable, Sendable {
    /// Carry it, and tell ``ended(_:at:now:)``. One at a time.
    case deliver(NoticeMessage, id: UInt64)
    /// Nothing until then; or until something is posted.
    case wait(until: Uptime)
    case doNothing
  }

  /// What came of a notice that was posted.
  package enum Posting: Equatable, Sendable {
    /// It waits for its turn.
    case queued(id: UInt64)
    /// One like it was told a moment ago, or waits: it is counted there.
    case counted
    /// There is no room, and nothing less severe to give way.
    case lost
  }

  /// How the channel does.
  package struct Health: Hashable, Sendable {
    package var delivered: UInt64 = 0
    package var failed: UInt64 = 0
    /// Given up: no room, too old, refused for good, or the engine stopped.
    package var lost: UInt64 = 0
    package var lastDelivered: Timestamp?
    /// Of the last attempt, if that failed.
    package var lastFailure: Failure?

    package struct Failure: Hashable, Sendable {
      package let refusal: Refusal
      package let at: Timestamp
    }
  }

  private struct Item: Sendable {
    let id: UInt64
    let notice: Notice
    let postedAt: Uptime
    /// Notices like it that came while it waited, or since one like it was told.
    var moreCount: Int
  }

  /// Something that was told a while ago, or waits to be.
  private struct Likeness: Sendable {
    let notice: Notice
    var until: Uptime
    /// Not told yet.
    var count: Int
  }

  private let settings: NotifierSettings
  private var waiting: [Item] = []
  private var underWay: (item: Item, lostCount: Int)?
  private var likenesses: [String: Likeness] = [:]
  /// In the order of their ends; the names of ``likenesses``.
  private var likenessOrder: [String] = []
  private var departures: [Uptime] = []
  private var pausedUntil: Uptime?
  private var failureCount = 0
  /// Not told to anybody yet.
  private var lostCount = 0
  private var nextID: UInt64 = 1
  private var isEnding = false
  package private(set) var health = Health()

  package init(settings: NotifierSettings = NotifierSettings()) {
    settings.check()
    self.settings = settings
  }

  package var waitingCount: Int { waiting.count + (underWay == nil ? 0 : 1) }
  /// Nothing waits and nothing is under way.
  package var isIdle: Bool { waiting.isEmpty && underWay == nil }

  // MARK: Events

  package mutating func post(_ notice: Notice, at now: Uptime) -> Posting {
    if let likeness = notice.likeness {
      if let index = waiting.firstIndex(where: { $0.notice.likeness == likeness }) {
        waiting[index].moreCount += 1
        return .counted
      }
      if likenesses[likeness].map({ now < $0.until }) ?? false {
        likenesses[likeness]?.count += 1
        return .counted
      }
      remember(notice, likeness, at: now)
    }
    return enqueue(notice, moreCount: 0, at: now)
  }

  /// The delivery that ``Action/deliver(_:id:)`` asked for has ended.
  ///
  /// - Parameter at: by the wall clock, for people.
  package mutating func ended(_ outcome: NoticeDelivery, at: Timestamp, now: Uptime) {
    guard let (item, lostBefore) = underWay else { preconditionFailure("nothing was under way") }
    underWay = nil
    switch outcome {
    case .delivered:
      failureCount = 0
      pausedUntil = nil
      health.delivered += 1
      health.lastDelivered = at
      health.lastFailure = nil
    case .refused(let refusal):
      // The channel answers, so the next may go at once.
      failureCount = 0
      lostCount += lostBefore
      lose()
      note(refusal, at)
    case .failed(let refusal, let retryAfter):
      lostCount += lostBefore
      note(refusal, at)
      if isEnding { return lose() }
      let pause = max(retryPause(), min(retryAfter ?? .zero, settings.longestRetryAfter))
      failureCount += 1
      pausedUntil = now.advanced(by: pause)
      // It keeps its place: it came before those that wait.
      waiting.insert(item, at: waiting.firstIndex { $0.id > item.id } ?? waiting.count)
      if waiting.count > settings.capacity { makeRoom(for: nil) }
    }
  }

  /// From now on each that waits gets one attempt, at once; nothing is tried again.
  package mutating func end() {
    isEnding = true
    // What was counted and not told goes as one last message each.
    for likeness in likenessOrder { follow(likeness, at: nil) }
    likenesses = [:]
    likenessOrder = []
  }

  /// There is no time left: what waits is lost.
  package mutating func giveUp() {
    isEnding = true
    health.lost += UInt64(waiting.count)
    waiting = []
  }

  // MARK: What is to be done

  package mutating func next(at now: Uptime) -> Action {
    expire(at: now)
    if underWay != nil { return .doNothing }
    guard let index = mostUrgent() else { return likenessEnd.map { .wait(until: $0) } ?? .doNothing }
    if !isEnding, let due = earliestDeparture(at: now), due > now {
      return .wait(until: likenessEnd.map { min($0, due) } ?? due)
    }
    let item = waiting.remove(at: index)
    let lost = lostCount
    lostCount = 0
    departures.append(now)
    if departures.count > settings.rateLimit { departures.removeFirst() }
    underWay = (item, lost)
    return .deliver(NoticeMessage(item.notice, moreCount: item.moreCount, lostCount: lost), id: item.id)
  }

  private func mostUrgent() -> Int? {
    var best: Int?
    for index in waiting.indices {
      // Strictly: of equals the first came first.
      if let current = best, waiting[index].notice.severity <= waiting[current].notice.severity { continue }
      best = index
    }
    return best
  }

  private func earliestDeparture(at now: Uptime) -> Uptime? {
    var due = pausedUntil
    if let last = departures.last { due = max(due ?? last, last.advanced(by: settings.leastPause)) }
    if departures.count == settings.rateLimit, let first = departures.first {
      due = max(due ?? first, first.advanced(by: settings.rateWindow))
    }
    return due
  }

  // MARK: Room

  private mutating func enqueue(_ notice: Notice, moreCount: Int, at now: Uptime) -> Posting {
    let item = Item(id: nextID, notice: notice, postedAt: now, moreCount: moreCount)
    nextID += 1
    if waiting.count >= settings.capacity, !makeRoom(for: notice.severity) {
      lose(1 + moreCount)
      return .lost
    }
    waiting.append(item)
    return .queued(id: item.id)
  }

  /// Gives the least severe up, of equals the newest.
  ///
  /// - Parameter severity: of whoever wants the room, who gets it only from a lesser one; `nil` takes it from anybody.
  @discardableResult
  private mutating func makeRoom(for severity: Notice.Severity?) -> Bool {
    guard let least = waiting.map(\.notice.severity).min(), severity.map({ least < $0 }) ?? true,
      let index = waiting.lastIndex(where: { $0.notice.severity == least })
    else { return false }
    lose(1 + waiting.remove(at: index).moreCount)
    return true
  }

  private mutating func lose(_ count: Int = 1) {
    health.lost += UInt64(count)
    lostCount += count
  }

  private mutating func note(_ refusal: Refusal, _ at: Timestamp) {
    health.failed += 1
    health.lastFailure = Health.Failure(refusal: refusal, at: at)
  }

  private func retryPause() -> Duration {
    var pause = settings.firstRetryPause
    for _ in 0..<min(failureCount, 16) where pause < settings.longestRetryPause { pause = pause * 2 }
    return min(pause, settings.longestRetryPause)
  }

  // MARK: Likeness and age

  private var likenessEnd: Uptime? { likenessOrder.first.flatMap { likenesses[$0]?.until } }

  private mutating func remember(_ notice: Notice, _ likeness: String, at now: Uptime) {
    if likenessOrder.count >= settings.likenessCapacity, let oldest = likenessOrder.first { follow(oldest, at: now) }
    likenessOrder.removeAll { $0 == likeness }
    likenessOrder.append(likeness)
    likenesses[likeness] = Likeness(notice: notice, until: now.advanced(by: settings.likenessWindow), count: 0)
  }

  /// The window of this likeness is over: what was counted in it goes as one message, and opens the next window.
  private mutating func follow(_ likeness: String, at now: Uptime?) {
    likenessOrder.removeAll { $0 == likeness }
    guard let ended = likenesses.removeValue(forKey: likeness), ended.count > 0 else { return }
    _ = enqueue(ended.notice, moreCount: ended.count - 1, at: now ?? ended.until)
    if let now { remember(ended.notice, likeness, at: now) }
  }

  private mutating func expire(at now: Uptime) {
    while let first = likenessOrder.first, let until = likenesses[first]?.until, until <= now {
      follow(first, at: now)
    }
    let count = waiting.count
    waiting.removeAll { $0.postedAt.advanced(by: settings.lifetime(of: $0.notice.severity)) <= now }
    if waiting.count < count { lose(count - waiting.count) }
  }
}
