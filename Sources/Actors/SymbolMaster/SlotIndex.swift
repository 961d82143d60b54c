/// An open-addressing hash index from a hash to 32-bit values (row numbers), probed linearly.
///
/// A byte of the hash beside each slot keeps a probe from touching rows that cannot match: the tags of 218,000 rows are
/// half a megabyte and stay in the second-level cache.
struct SlotIndex: Sendable {
  private var tags: [UInt8]
  private var values: [UInt32]
  private(set) var count = 0

  /// Room for `count` values at a load of at most 70 %.
  init(room count: Int) {
    var capacity = 16
    while capacity * 7 < count * 10 { capacity *= 2 }
    tags = [UInt8](repeating: 0, count: capacity)
    values = [UInt32](repeating: 0, count: capacity)
  }

  var byteCount: Int { tags.count * 5 }
  var isFull: Bool { (count + 1) * 10 > tags.count * 7 }

  /// The first value under `hash` that `matches`.
  @inline(__always)
  func first(_ hash: UInt64, where matches: (UInt32) -> Bool) -> UInt32? {
    let mask = tags.count - 1
    let wanted = SlotIndex.tag(hash)
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let tag = tags[slot]
      if tag == wanted {
        let value = values[slot]
        if matches(value) { return value }
      } else if tag == 0 {
        return nil
      }
      slot = (slot + 1) & mask
    }
  }

  /// Calls `visit` with every value under `hash`'s tag.
  @inline(__always)
  func forEach(_ hash: UInt64, _ visit: (UInt32) -> Void) {
    _ = first(hash) { value in
      visit(value)
      return false
    }
  }

  /// Adds a value; the caller has made sure that there is room.
  mutating func insert(_ hash: UInt64, _ value: UInt32) {
    precondition(!isFull, "slot index without room")
    let mask = tags.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while tags[slot] != 0 { slot = (slot + 1) & mask }
    tags[slot] = SlotIndex.tag(hash)
    values[slot] = value
    count += 1
  }

  /// Never 0, which marks a free slot.
  private static func tag(_ hash: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: hash >> 56) | 1 }
}
