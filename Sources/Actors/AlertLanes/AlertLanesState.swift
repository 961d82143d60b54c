public import OrderDomain

/// What alerts must not overtake each other on.
public struct LaneKey: Hashable, Sendable {
  public let strategy: String?
  public let account: AccountID
  public let instrument: InstrumentKey

  public init(strategy: String?, account: AccountID, instrument: InstrumentKey) {
    self.strategy = strategy
    self.account = account
    self.instrument = instrument
  }
}

/// The order in which alerts leave: those of one strategy on one instrument of one account as they came, and an alert that
/// opens something only when what an earlier one closes has ended; all others at once.
public struct AlertLanesState: Sendable {
  private struct Entry: Sendable {
    let keys: [LaneKey]
    let isOpening: Bool
    /// Until it is left, alerts that open something wait for it.
    let isClosing: Bool
    var isSent = false
  }

  private var entries: [AlertIdentity: Entry] = [:]
  /// Who is in each lane, the earliest first.
  private var lanes: [LaneKey: [AlertIdentity]] = [:]

  public init() {}

  public var count: Int { entries.count }

  /// Puts an alert behind all that are in its lanes.
  /// - Parameters:
  ///   - isOpening: whether a leg of it may open a position.
  ///   - isClosing: whether a leg of it closes what an earlier alert has opened.
  public mutating func enter(_ alert: AlertIdentity, keys: Set<LaneKey>, isOpening: Bool, isClosing: Bool) {
    guard entries[alert] == nil else { return }
    entries[alert] = Entry(keys: Array(keys), isOpening: isOpening, isClosing: isClosing)
    for key in keys { lanes[key, default: []].append(alert) }
  }

  /// Whether nothing in its lanes is before it. An alert that is in no lane may go.
  public func mayGo(_ alert: AlertIdentity) -> Bool {
    guard let entry = entries[alert] else { return true }
    return entry.keys.allSatisfy { key in
      for earlier in lanes[key] ?? [] {
        if earlier == alert { return true }
        guard let other = entries[earlier], other.isSent, !(other.isClosing && entry.isOpening) else { return false }
      }
      return true
    }
  }

  /// The broker has answered the alert's first orders. Returns who may go now, the earliest first.
  public mutating func sent(_ alert: AlertIdentity) -> [AlertIdentity] {
    guard entries[alert]?.isSent == false else { return [] }
    entries[alert]?.isSent = true
    guard let entry = entries[alert] else { return [] }
    return entry.isClosing ? followers(of: alert, entry) : leave(alert)
  }

  /// Nothing needs to wait for the alert any more. Returns who may go now.
  public mutating func leave(_ alert: AlertIdentity) -> [AlertIdentity] {
    guard let entry = entries[alert] else { return [] }
    let followers = candidates(behind: alert, entry)
    entries[alert] = nil
    for key in entry.keys {
      lanes[key]?.removeAll { $0 == alert }
      if lanes[key]?.isEmpty == true { lanes[key] = nil }
    }
    return followers.filter { mayGo($0) }
  }

  private func followers(of alert: AlertIdentity, _ entry: Entry) -> [AlertIdentity] {
    candidates(behind: alert, entry).filter { mayGo($0) }
  }

  private func candidates(behind alert: AlertIdentity, _ entry: Entry) -> [AlertIdentity] {
    var found: [AlertIdentity] = []
    for key in entry.keys {
      let lane = lanes[key] ?? []
      guard let place = lane.firstIndex(of: alert) else { continue }
      for later in lane[(place + 1)...] where entries[later]?.isSent == false && !found.contains(later) {
        found.append(later)
      }
    }
    return found
  }
}
