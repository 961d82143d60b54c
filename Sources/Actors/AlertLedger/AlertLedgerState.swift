public import OrderDomain

/// Which alerts are known, and for how long: the whole of "never twice", without a clock or a wait.
///
/// An entry lives until its window has passed, in about 120 bytes with its place in the queue of expiries; the count is bounded, and a full ledger refuses rather than
/// forgets, because a forgotten alert could be executed again.
public struct AlertLedgerState: Sendable {
  public struct Entry: Equatable, Sendable {
    public let bodyDigest: AlertIdentity
    /// Which alert it is, where the key says that only for a while.
    public let alert: AlertIdentity
    public let rememberedUntil: Timestamp
    /// Not yet on disk: a twin waits for the first one's ending instead of being answered from it.
    public var isInFlight: Bool
  }

  public enum Admission: Equatable, Sendable {
    /// Never seen inside its window: it is in flight now, and must end in ``confirm(_:)`` or ``forget(_:)``.
    case new
    /// Seen with the same body, and on disk.
    case duplicate
    /// Seen with the same body, being written to disk this moment.
    case duplicateInFlight
    /// The sender's key was used for another body.
    case conflict
    /// No room to remember one more; `retryAfter` nanoseconds from now the oldest window ends.
    case full(retryAfter: Int64)
  }

  public static let defaultCapacity = 2_000_000

  private var entries: [AlertIdentity: Entry] = [:]
  /// In the order of admission, which is nearly the order of expiry: a queue of what to look at next.
  private var expiries: ExpiryQueue = ExpiryQueue()
  private let capacity: Int

  public init(capacity: Int = AlertLedgerState.defaultCapacity) { self.capacity = capacity }

  public var count: Int { entries.count }

  public func isInFlight(_ identity: AlertIdentity) -> Bool { entries[identity]?.isInFlight ?? false }
  /// The alert that this key stands for at present.
  public func alert(under key: AlertIdentity) -> AlertIdentity? { entries[key]?.alert }
  public func isKnown(_ identity: AlertIdentity) -> Bool { entries[identity] != nil }

  /// - Parameter alert: who the alert is, if it is new; `nil` when it is its key for ever.
  public mutating func admit(
    _ identity: AlertIdentity, alert: AlertIdentity? = nil, bodyDigest: AlertIdentity, rememberedUntil: Timestamp,
    at now: Timestamp
  ) -> Admission {
    removeExpired(at: now)
    let known = entries[identity]
    if let known, known.rememberedUntil >= now || known.isInFlight {
      if known.bodyDigest != bodyDigest { return .conflict }
      return known.isInFlight ? .duplicateInFlight : .duplicate
    }
    // One whose window has passed but who was not taken out yet makes room for itself.
    guard known != nil || entries.count < capacity else {
      return .full(retryAfter: max(0, (expiries.earliest ?? now).nanoseconds(since: now)))
    }
    insert(
      identity,
      Entry(
        bodyDigest: bodyDigest, alert: alert ?? identity, rememberedUntil: rememberedUntil, isInFlight: true))
    return .new
  }

  /// The alert is on disk.
  public mutating func confirm(_ identity: AlertIdentity) {
    // In place by its index: by its key the dictionary would make three objects for the change of one bit.
    guard let place = entries.index(forKey: identity) else { return }
    entries.values[place].isInFlight = false
  }

  /// The alert was not taken after all: sent again, it is new.
  public mutating func forget(_ identity: AlertIdentity) {
    guard entries.removeValue(forKey: identity) != nil else { return }
    // What is forgotten stays in the queue until its time. A sender who is refused all day must not fill the memory with
    // it, so the queue is made anew when more than half of it is dead.
    if expiries.count > 2 * entries.count + 1024 {
      expiries = ExpiryQueue()
      for (identity, entry) in entries { expiries.push(identity, at: entry.rememberedUntil) }
    }
  }

  /// From the journal at start: nothing is in flight any more.
  public mutating func restore(
    _ identity: AlertIdentity, alert: AlertIdentity? = nil, bodyDigest: AlertIdentity, rememberedUntil: Timestamp
  ) {
    insert(
      identity,
      Entry(
        bodyDigest: bodyDigest, alert: alert ?? identity, rememberedUntil: rememberedUntil, isInFlight: false))
  }

  private mutating func insert(_ identity: AlertIdentity, _ entry: Entry) {
    entries[identity] = entry
    expiries.push(identity, at: entry.rememberedUntil)
  }

  /// Takes out what has expired, at most eight a call, so that no single alert pays for a night's worth.
  private mutating func removeExpired(at now: Timestamp) {
    for _ in 0..<8 {
      guard let due = expiries.popIfDue(before: now) else { return }
      guard let entry = entries[due], entry.rememberedUntil < now else { continue }
      if entry.isInFlight {
        expiries.push(due, at: now.adding(nanoseconds: 1_000_000_000))
      } else {
        entries[due] = nil
      }
    }
  }
}

/// A binary heap of identities by the moment they expire.
struct ExpiryQueue: Sendable {
  private var heap: [(moment: Timestamp, identity: AlertIdentity)] = []

  var count: Int { heap.count }
  var earliest: Timestamp? { heap.first?.moment }

  mutating func push(_ identity: AlertIdentity, at moment: Timestamp) {
    heap.append((moment, identity))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].moment < heap[parent].moment else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func popIfDue(before now: Timestamp) -> AlertIdentity? {
    guard let first = heap.first, first.moment < now else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first.identity }
    heap[0] = last
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].moment < heap[least].moment
      {
        least = child
      }
      if least == parent { return first.identity }
      heap.swapAt(parent, least)
      parent = least
    }
  }
}
