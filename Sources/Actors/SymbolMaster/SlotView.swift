/// Looks values up in the tags and values of a ``SlotIndex``, wherever they lie.
struct SlotView: ~Escapable {
  let tags: Span<UInt8>
  let values: Span<UInt32>

  @_lifetime(copy tags, copy values)
  init(tags: Span<UInt8>, values: Span<UInt32>) {
    self.tags = tags
    self.values = values
  }

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
}
