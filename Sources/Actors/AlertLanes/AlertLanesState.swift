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

/// What an alert does in one of its lanes.
public enum LaneConduct: Hashable, Sendable {
  /// It opens on one side. Whichever of two such alerts the exchange sees first, the position is the same: one does not
  /// wait for the answer to the other.
  case opens(Side)
  /// Anything else: its place in the order matters.
  case changes
}

/// The order in which alerts leave: those of one strategy on one instrument of one account as they came, and an alert that
/// opens something only when what an earlier one closes has ended; all others at once.
///
/// A lane is a row of groups. The alerts of a group may be under way together; a group's turn comes when all of the one
/// before it have been answered.
public struct AlertLanesState: Sendable {
  private struct Entry: Sendable {
    /// Its lanes, and the number of its group in each.
    let places: [(key: LaneKey, group: Int)]
    let isOpening: Bool
    /// Until it is left, alerts that open something wait for it.
    let isClosing: Bool
    var isSent = false
  }

  fileprivate struct Group: Sendable {
    let conduct: LaneConduct
    var unsentCount = 0
    /// Of those in it that close something: how many have not left.
    var closingCount = 0
    /// In their order; some may have gone.
    var members: [AlertIdentity] = []
  }

  fileprivate struct Lane: Sendable {
    /// The first one's turn it is.
    var groups: [Group] = []
    /// How many groups there were before these.
    var passedCount = 0
    /// Alerts of passed groups whose closing has not ended.
    var closingCount = 0

    var isEmpty: Bool { groups.isEmpty && closingCount == 0 }
  }

  private var entries: [AlertIdentity: Entry] = [:]
  private var lanes: [LaneKey: Lane] = [:]

  public init() {}

  public var count: Int { entries.count }
  /// Lanes that somebody is in.
  public var laneCount: Int { lanes.count }

  /// Puts an alert behind all that are in its lanes.
  /// - Parameters:
  ///   - conduct: what it does in each of them; a lane stands there once.
  ///   - isOpening: whether a leg of it may open a position.
  ///   - isClosing: whether a leg of it closes what an earlier alert has opened.
  public mutating func enter(
    _ alert: AlertIdentity, _ conduct: [(LaneKey, LaneConduct)], isOpening: Bool, isClosing: Bool
  ) {
    guard entries[alert] == nil else { return }
    var places: [(LaneKey, Int)] = []
    places.reserveCapacity(conduct.count)
    for (key, conduct) in conduct {
      places.append((key, lanes[key, default: Lane()].add(alert, conduct, isClosing: isClosing)))
    }
    entries[alert] = Entry(places: places, isOpening: isOpening, isClosing: isClosing)
  }

  /// Whether nothing in its lanes is before it. An alert that is in no lane may go.
  public func mayGo(_ alert: AlertIdentity) -> Bool {
    guard let entry = entries[alert] else { return true }
    return entry.places.allSatisfy { place in
      guard let lane = lanes[place.key] else { return true }
      return place.group <= lane.passedCount && !(entry.isOpening && lane.closingCount > 0)
    }
  }

  /// The broker has answered the alert's first orders. Returns who may go now, the earliest first.
  public mutating func sent(_ alert: AlertIdentity) -> [AlertIdentity] {
    guard let entry = entries[alert], !entry.isSent else { return [] }
    if !entry.isClosing { return leave(alert) }
    entries[alert]?.isSent = true
    return pass(entry) { lane, index in lane.groups[index].unsentCount -= 1 }
  }

  /// Nothing needs to wait for the alert any more. Returns who may go now.
  public mutating func leave(_ alert: AlertIdentity) -> [AlertIdentity] {
    guard let entry = entries.removeValue(forKey: alert) else { return [] }
    return pass(entry) { lane, index in
      guard lane.groups.indices.contains(index) else {
        lane.closingCount -= 1
        return
      }
      if !entry.isSent { lane.groups[index].unsentCount -= 1 }
      if entry.isClosing { lane.groups[index].closingCount -= 1 }
    }
  }

  /// Does something to the alert's group in each lane, goes on to the next group where that was the last of one, and
  /// returns whose turn has come.
  private mutating func pass(_ entry: Entry, _ body: (inout Lane, Int) -> Void) -> [AlertIdentity] {
    var candidates: [AlertIdentity] = []
    for place in entry.places {
      guard let index = lanes.index(forKey: place.key) else { continue }
      let before = lanes.values[index].passedCount
      let closingBefore = lanes.values[index].closingCount
      body(&lanes.values[index], place.group - before)
      lanes.values[index].passAnswered()
      let lane = lanes.values[index]
      if lane.isEmpty {
        lanes.remove(at: index)
      } else if lane.passedCount != before || lane.closingCount < closingBefore, let first = lane.groups.first {
        for member in first.members where !candidates.contains(member) { candidates.append(member) }
      }
    }
    return candidates.filter { entries[$0]?.isSent == false && mayGo($0) }
  }
}

extension AlertLanesState.Lane {
  /// Returns the number of the group that took it.
  fileprivate mutating func add(_ alert: AlertIdentity, _ conduct: LaneConduct, isClosing: Bool) -> Int {
    if groups.isEmpty || conduct == .changes || groups[groups.count - 1].conduct != conduct {
      groups.append(.init(conduct: conduct))
    }
    let last = groups.count - 1
    groups[last].unsentCount += 1
    if isClosing { groups[last].closingCount += 1 }
    // Those of the first group go as they come: nobody will look for them.
    if last > 0 || closingCount > 0 { groups[last].members.append(alert) }
    return passedCount + last
  }

  fileprivate mutating func passAnswered() {
    var count = 0
    while count < groups.count, groups[count].unsentCount == 0 {
      closingCount += groups[count].closingCount
      count += 1
    }
    guard count > 0 else { return }
    groups.removeFirst(count)
    passedCount += count
  }
}
