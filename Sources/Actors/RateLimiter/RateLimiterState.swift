internal import OrderDomain

/// All limits of one broker credential at once.
///
/// A permit counts against every window while it is out, and from the moment it is spent for the window's length: calls
/// that take a permit and dawdle cannot leave in a bunch. Classes have ceilings, each below the one before it, so that
/// whoever goes leaves room for whoever matters more.
struct RateLimiterState: Sendable {
  enum Verdict: Hashable, Sendable {
    case go
    /// `until` is `nil` where it depends on others giving something back.
    case blocked(RateLimited.Reason, until: Uptime?)
  }

  enum Resolution: Hashable, Sendable {
    case admit(WaiterID, RateTicket)
    case deadlinePassed(WaiterID, RateClass)
  }

  private struct Reservation: Sendable {
    let kind: RateClass
    let until: Uptime
    var remaining: Int
  }

  /// Shorter windows refill before a plan gets from one leg to the next; a reservation there would idle the line, and the
  /// row gives its draws the first turn anyway.
  private static var shortestReservable: Duration { .seconds(60) }

  private let settings: RateLimiterSettings
  private var windows: [RateWindow]
  private var outstanding = 0
  private var penaltyUntil: Uptime?
  private var reservations: [ReservationID: Reservation] = [:]
  private var promised = [0, 0, 0]
  /// No reservation lapses before.
  private var earliestLapse: Uptime?
  private var lastReservation: ReservationID = 0
  /// For each class first those who draw from a reservation, who would otherwise wait behind calls that wait for them.
  private var rows: [WaitQueue]
  private var drawing: [WaiterID: ReservationID] = [:]
  private var waiterCount = 0
  private var headBlockedUntil: Uptime?
  private var day: (date: CalendarDate, used: Int)?
  private(set) var counters = RateForecast.Counters()

  init(settings: RateLimiterSettings, epoch: Uptime) {
    self.settings = settings
    windows = settings.policy.windows.map { RateWindow($0, guardTime: settings.guardTime, epoch: epoch) }
    rows = (0..<6).map { _ in WaitQueue(limit: settings.waiterLimit) }
  }

  // MARK: Permits

  /// A permit at once, if nobody goes before.
  mutating func tryAcquire(
    _ kind: RateClass, from reservation: ReservationID?, at now: Uptime
  ) -> Result<RateTicket, RateLimited> {
    let drawn = live(reservation)
    var verdict = judge(kind, isDrawing: drawn != nil, at: now)
    if verdict == .go, isSomebodyWaiting(upTo: row(kind, drawn)) { verdict = .blocked(.behindOthers, until: nil) }
    switch verdict {
    case .go:
      return .success(issue(kind, drawn))
    case .blocked(let reason, let until):
      counters.refused += 1
      return .failure(RateLimited(kind: kind, reason: reason, retryAfter: until.map { now.duration(to: $0) }))
    }
  }

  /// The call leaves now.
  mutating func spend(_ ticket: RateTicket, at now: Uptime) {
    precondition(outstanding > 0, "a permit that was never issued")
    outstanding -= 1
    counters.spent += 1
    day?.used += 1
    for index in windows.indices { windows[index].record(at: now) }
  }

  /// The call did not leave and will not.
  mutating func giveBack(_ ticket: RateTicket) {
    precondition(outstanding > 0, "a permit that was never issued")
    outstanding -= 1
    counters.givenBack += 1
    if let id = ticket.reservation { promise(1, to: id) }
  }

  /// Dropped without a word: it counts as spent.
  mutating func abandon(_ ticket: RateTicket, at now: Uptime) {
    counters.abandoned += 1
    spend(ticket, at: now)
  }

  // MARK: Reservations

  /// Sets aside `count` calls of a plan, if all of them can leave by `until`; what is left of them lapses then.
  mutating func reserve(
    _ count: Int, _ kind: RateClass, until: Uptime, at now: Uptime
  ) -> Result<ReservationID, RateLimited> {
    precondition(count > 0, "a plan has orders")
    lapse(at: now)
    func refuse(_ reason: RateLimited.Reason, _ retryAfter: Duration? = nil) -> Result<ReservationID, RateLimited> {
      counters.refused += 1
      return .failure(RateLimited(kind: kind, reason: reason, retryAfter: retryAfter))
    }
    if reservations.count >= settings.reservationLimit { return refuse(.reservationsFull) }
    if let penaltyUntil, penaltyUntil > until { return refuse(.penalised, now.duration(to: penaltyUntil)) }
    let taken = outstanding + promised(upTo: kind)
    if let limit = settings.policy.dayLimit,
      (day?.used ?? 0) + taken + count > settings.ceiling(limit, for: kind)
    {
      return refuse(.dayLimit)
    }
    let (done, window) = completion(of: taken + count, kind, at: now)
    if done > until { return refuse(.budget(window), until.duration(to: done)) }
    lastReservation += 1
    reservations[lastReservation] = Reservation(kind: kind, until: until, remaining: 0)
    earliestLapse = earliestLapse.map { min($0, until) } ?? until
    promise(count, to: lastReservation)
    return .success(lastReservation)
  }

  mutating func release(_ id: ReservationID) {
    guard let reservation = reservations.removeValue(forKey: id) else { return }
    promised[Int(reservation.kind.rawValue)] -= reservation.remaining
  }

  func remaining(_ id: ReservationID) -> Int { reservations[id]?.remaining ?? 0 }

  // MARK: Waiting

  /// `false` when as many of the class wait as may.
  mutating func enqueue(_ id: WaiterID, _ kind: RateClass, from reservation: ReservationID?, deadline: Uptime) -> Bool {
    let drawn = live(reservation)
    let index = row(kind, drawn)
    if rows[index].isFull { return false }
    rows[index].append(id, deadline: deadline)
    drawing[id] = drawn
    waiterCount += 1
    return true
  }

  mutating func remove(_ id: WaiterID) {
    for index in rows.indices where rows[index].remove(id) {
      waiterCount -= 1
      drawing[id] = nil
    }
  }

  mutating func removeAll() -> [(id: WaiterID, kind: RateClass)] {
    drawing.removeAll()
    waiterCount = 0
    var all: [(id: WaiterID, kind: RateClass)] = []
    for index in rows.indices {
      for id in rows[index].removeAll() { all.append((id, kind(ofRow: index))) }
    }
    return all
  }

  /// Whoever can be answered now. To be called after every event; allocates only when somebody waits.
  mutating func settle(at now: Uptime) -> [Resolution] {
    headBlockedUntil = nil
    if waiterCount == 0 { return [] }
    lapse(at: now)
    var resolutions: [Resolution] = []
    for index in rows.indices {
      for id in rows[index].removeExpired(at: now) {
        resolutions.append(.deadlinePassed(id, kind(ofRow: index)))
        forget(id)
      }
    }
    for index in rows.indices {
      while let id = rows[index].first {
        let drawn = live(drawing[id])
        switch judge(kind(ofRow: index), isDrawing: drawn != nil, at: now) {
        case .go:
          _ = rows[index].popFirst()
          forget(id)
          resolutions.append(.admit(id, issue(kind(ofRow: index), drawn)))
        case .blocked(_, let until):
          // Nobody overtakes: what a lesser call took now would be missing then.
          headBlockedUntil = until
          return resolutions
        }
      }
    }
    return resolutions
  }

  /// When to settle again if nothing else happens before.
  var nextEvent: Uptime? {
    if waiterCount == 0 { return nil }
    let times = rows.map(\.earliestDeadline) + [headBlockedUntil, earliestLapse]
    return times.compactMap { $0 }.min()
  }

  // MARK: What the world says

  /// The broker answered 429.
  mutating func penalise(for asked: Duration?, at now: Uptime) -> RatePenalty {
    counters.penalties += 1
    let wanted = asked.map { max(.zero, $0) } ?? settings.defaultPenalty
    let rest = min(wanted, settings.maximumPenalty)
    if rest < wanted { counters.cappedPenalties += 1 }
    let until = now.advanced(by: rest)
    penaltyUntil = penaltyUntil.map { max($0, until) } ?? until
    return RatePenalty(rest: rest, wasCapped: rest < wanted)
  }

  /// Starts the trading day's count, or restores it after a restart. The same day again never lowers its count, and a day
  /// that is over does not come back: `false`.
  mutating func beginDay(_ date: CalendarDate, used: Int) -> Bool {
    if let day, date < day.date { return false }
    day = (date, day?.date == date ? max(day?.used ?? 0, used) : used)
    return true
  }

  /// After a restart: the ages of the calls before it, the oldest first, so that no window starts empty.
  mutating func restore(ages: [Duration], at now: Uptime) {
    for age in ages {
      let moment = now.advanced(by: .zero - max(.zero, age))
      for index in windows.indices { windows[index].record(at: moment) }
    }
  }

  mutating func forecast(_ kind: RateClass, at now: Uptime) -> RateForecast {
    lapse(at: now)
    let penalty = penaltyUntil.flatMap { now < $0 ? now.duration(to: $0) : nil }
    var lines: [RateForecast.Window] = []
    for index in windows.indices {
      windows[index].expire(at: now)
      let window = windows[index]
      let free = settings.ceiling(window.policy.limit, for: kind) - window.used - held(window, kind, isDrawing: false)
      let moment = free > 0 ? now : window.moment(freeing: 1 - free)
      lines.append(
        .init(
          name: window.policy.name, limit: window.policy.limit, used: window.used, left: max(0, free),
          nextFree: moment.map { max(now.duration(to: $0), penalty ?? .zero) }))
    }
    if let limit = settings.policy.dayLimit {
      let used = day?.used ?? 0
      let free = settings.ceiling(limit, for: kind) - used - outstanding - promised(upTo: kind)
      lines.append(
        .init(name: "1d", limit: limit, used: used, left: max(0, free), nextFree: free > 0 ? penalty ?? .zero : nil))
    }
    return RateForecast(
      kind: kind, windows: lines, tradingDay: day?.date, outstandingCount: outstanding,
      reservedCount: promised.reduce(0, +), waiterCounts: [0, 2, 4].map { rows[$0].count + rows[$0 + 1].count },
      penalty: penalty, counters: counters)
  }

  // MARK: Inside

  private mutating func judge(_ kind: RateClass, isDrawing: Bool, at now: Uptime) -> Verdict {
    if let penaltyUntil {
      if now < penaltyUntil { return .blocked(.penalised, until: penaltyUntil) }
      self.penaltyUntil = nil
    }
    lapse(at: now)
    if let limit = settings.policy.dayLimit {
      let taken = (day?.used ?? 0) + outstanding + (isDrawing ? 0 : promised(upTo: kind))
      if taken >= settings.ceiling(limit, for: kind) { return .blocked(.dayLimit, until: nil) }
    }
    var verdict = Verdict.go
    var latest = now
    for index in windows.indices {
      windows[index].expire(at: now)
      let free =
        settings.ceiling(windows[index].policy.limit, for: kind) - windows[index].used
        - held(windows[index], kind, isDrawing: isDrawing)
      if free > 0 { continue }
      let reason = RateLimited.Reason.windowFull(windows[index].policy.name)
      guard let moment = windows[index].moment(freeing: 1 - free) else { return .blocked(reason, until: nil) }
      if moment >= latest {
        latest = moment
        verdict = .blocked(reason, until: moment)
      }
    }
    return verdict
  }

  /// What counts against a window besides the calls that left.
  private func held(_ window: RateWindow, _ kind: RateClass, isDrawing: Bool) -> Int {
    let isReservable = !isDrawing && window.policy.length >= Self.shortestReservable
    return outstanding + (isReservable ? promised(upTo: kind) : 0)
  }

  /// When the last of `count` calls can leave, and the window that it then waits for: each call waits, in every window,
  /// for the one that left a whole ceiling before it.
  private mutating func completion(of count: Int, _ kind: RateClass, at now: Uptime) -> (Uptime, window: String) {
    var last = penaltyUntil.map { max(now, $0) } ?? now
    var name = ""
    var planned: [Uptime] = []
    planned.reserveCapacity(count)
    for index in windows.indices { windows[index].expire(at: now) }
    for position in 0..<count {
      for window in windows {
        let missing = window.used + position + 1 - settings.ceiling(window.policy.limit, for: kind)
        if missing <= 0 { continue }
        let moment = window.moment(freeing: missing) ?? planned[missing - window.used - 1].advanced(by: window.length)
        if moment > last {
          last = moment
          name = window.policy.name
        }
      }
      planned.append(last)
    }
    return (last, name)
  }

  private mutating func issue(_ kind: RateClass, _ reservation: ReservationID?) -> RateTicket {
    outstanding += 1
    if let reservation { promise(-1, to: reservation) }
    return RateTicket(kind: kind, reservation: reservation)
  }

  private mutating func promise(_ count: Int, to id: ReservationID) {
    guard var reservation = reservations[id] else { return }
    reservation.remaining += count
    reservations[id] = reservation
    promised[Int(reservation.kind.rawValue)] += count
  }

  private func promised(upTo kind: RateClass) -> Int {
    var sum = 0
    for index in 0...Int(kind.rawValue) { sum += promised[index] }
    return sum
  }

  /// The reservation, if it still holds something.
  private func live(_ id: ReservationID?) -> ReservationID? {
    guard let id, let reservation = reservations[id], reservation.remaining > 0 else { return nil }
    return id
  }

  private mutating func lapse(at now: Uptime) {
    guard let earliestLapse, earliestLapse <= now else { return }
    for (id, reservation) in reservations where reservation.until <= now { release(id) }
    self.earliestLapse = reservations.values.map(\.until).min()
  }

  private func row(_ kind: RateClass, _ reservation: ReservationID?) -> Int {
    Int(kind.rawValue) * 2 + (reservation == nil ? 1 : 0)
  }

  private func kind(ofRow index: Int) -> RateClass { RateClass.allCases[index / 2] }

  private func isSomebodyWaiting(upTo row: Int) -> Bool {
    waiterCount > 0 && rows[0...row].contains { !$0.isEmpty }
  }

  private mutating func forget(_ id: WaiterID) {
    waiterCount -= 1
    drawing[id] = nil
  }
}
