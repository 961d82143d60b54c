/// Which names the open objects of a text have had, for finding doubles at a cost that no sender can blow up.
///
/// The first few unknown names of a text are kept in place and compared one by one: real alerts never leave that stage.
/// From there on a `Set` takes over, whose seeded hash keeps a body full of chosen names linear.
struct JSONNameSet {
  private struct Place {
    var object: Int32
    var start: Int32
    var length: Int32
    var isEscaped: Bool
  }

  private struct Name: Hashable {
    var object: Int32
    var bytes: [UInt8]
  }

  private static let comparedLimit = 16

  private var places: [Place] = []
  private var overflow: Set<Name> = []

  /// Whether the name is new to the object that was opened at byte `object`.
  mutating func insert(_ text: JSONText, of object: Int32, in bytes: Span<UInt8>) -> Bool {
    if overflow.isEmpty {
      for place in places where place.object == object {
        if JSONNameSet.isEqual(text, JSONNameSet.text(place), in: bytes) { return false }
      }
      if places.count < JSONNameSet.comparedLimit {
        places.append(
          Place(
            object: object, start: Int32(truncatingIfNeeded: text.start),
            length: Int32(truncatingIfNeeded: text.end - text.start), isEscaped: text.isEscaped))
        return true
      }
      for place in places {
        let earlier = JSONNameSet.text(place)
        overflow.insert(Name(object: place.object, bytes: JSONScanner.decoded(earlier, in: bytes)))
      }
    }
    return overflow.insert(Name(object: object, bytes: JSONScanner.decoded(text, in: bytes))).inserted
  }

  private static func text(_ place: Place) -> JSONText {
    JSONText(start: Int(place.start), end: Int(place.start + place.length), isEscaped: place.isEscaped)
  }

  private static func isEqual(_ left: JSONText, _ right: JSONText, in bytes: Span<UInt8>) -> Bool {
    if left.isEscaped || right.isEscaped {
      return JSONScanner.decoded(left, in: bytes) == JSONScanner.decoded(right, in: bytes)
    }
    guard left.end - left.start == right.end - right.start else { return false }
    for offset in 0..<(left.end - left.start) where bytes[left.start + offset] != bytes[right.start + offset] {
      return false
    }
    return true
  }
}
