/// An open-addressing hash index from a hash to 32-bit values (row numbers), probed linearly.
///
/// A byte of the hash beside each slot keeps a probe from touching rows that cannot match: the tags of 218,000 rows are
/// half a megabyte and stay in the second-level cache.
struct SlotIndex: Sendable {
  private(set) var tags: [UInt8]
  private(set) var values: [UInt32]
  private(set) var count = 0

  /// Room for `count` values at a load of at most 70 %.
  init(room count: Int) {
    var capacity = 16
    while capacity * 7 < count * 10 { capacity *= 2 }
    tags = [UInt8](repeating: 0, count: capacity)
    values = [UInt32](repeating: 0, count: capacity)
  }

  var isFull: Bool { (count + 1) * 10 > tags.count * 7 }

  /// The first value under `hash` that `matches`.
  @inline(__always)
  func first(_ hash: UInt64, where matches: (UInt32) -> Bool) -> UInt32? {
    SlotView(tags: tags.span, values: values.span).first(hash, where: matches)
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
  @inline(__always)
  static func tag(_ hash: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: hash >> 56) | 1 }
}
