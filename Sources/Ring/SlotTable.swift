/// A table of fixed capacity whose places are named by slot and generation, so that a stale name finds nothing.
///
/// The storage is outside the value: reading and changing an element needs no exclusive access to the table, and
/// elements never move. An element's place may be freed only when the kernel holds nothing of it.
/// The memory of places never used is never touched.
@safe struct SlotTable<Element>: ~Copyable {
  private struct Place {
    var generation: UInt32
    /// The next free place while this one is free.
    var nextFree: UInt32
    var isTaken: Bool
  }

  private struct Header {
    var count = 0
    /// How many places have ever been taken.
    var used: UInt32 = 0
    var firstFree = noPlace
  }

  private static var noPlace: UInt32 { .max }

  let capacity: Int
  private let header: UnsafeMutablePointer<Header>
  private let places: UnsafeMutablePointer<Place>
  /// Initialised where the place is taken.
  private let elements: UnsafeMutablePointer<Element>

  init(capacity: Int) {
    precondition(capacity > 0 && capacity < 1 << 24)
    self.capacity = capacity
    unsafe header = .allocate(capacity: 1)
    unsafe header.initialize(to: Header())
    unsafe places = .allocate(capacity: capacity)
    unsafe elements = .allocate(capacity: capacity)
  }

  deinit {
    for slot in unsafe 0..<Int(header.pointee.used) where unsafe places[slot].isTaken {
      unsafe (elements + slot).deinitialize(count: 1)
    }
    unsafe elements.deallocate()
    unsafe places.deallocate()
    unsafe header.deallocate()
  }

  var count: Int { unsafe header.pointee.count }
  var isFull: Bool { count == capacity }

  /// Nil when the table is full.
  func insert(_ element: Element) -> SlotID? {
    let slot: Int
    if unsafe header.pointee.firstFree != Self.noPlace {
      slot = unsafe Int(header.pointee.firstFree)
      unsafe header.pointee.firstFree = places[slot].nextFree
      unsafe places[slot].isTaken = true
    } else {
      guard unsafe header.pointee.used < UInt32(capacity) else { return nil }
      slot = unsafe Int(header.pointee.used)
      unsafe header.pointee.used += 1
      unsafe (places + slot).initialize(to: Place(generation: 1, nextFree: Self.noPlace, isTaken: true))
    }
    unsafe (elements + slot).initialize(to: element)
    unsafe header.pointee.count += 1
    return unsafe SlotID(slot: UInt32(slot), generation: places[slot].generation)
  }

  @inline(__always)
  func contains(_ id: SlotID) -> Bool {
    unsafe id.slot < header.pointee.used && places[Int(id.slot)].generation == id.generation
      && places[Int(id.slot)].isTaken
  }

  /// The tenant of the place must be `id`: ask ``contains(_:)`` first about names that came from outside.
  @inline(__always)
  subscript(_ id: SlotID) -> Element {
    _read {
      precondition(contains(id), "a freed slot was used")
      yield unsafe elements[Int(id.slot)]
    }
    nonmutating _modify {
      precondition(contains(id), "a freed slot was used")
      yield unsafe &elements[Int(id.slot)]
    }
  }

  @discardableResult
  func remove(_ id: SlotID) -> Element {
    precondition(contains(id), "a slot was freed twice")
    let slot = Int(id.slot)
    // Generation 0 is never given out, so that an id made of zeros names nothing.
    let next = (id.generation &+ 1) & SlotID.generationMask
    unsafe places[slot] = Place(generation: next == 0 ? 1 : next, nextFree: header.pointee.firstFree, isTaken: false)
    unsafe header.pointee.firstFree = id.slot
    unsafe header.pointee.count -= 1
    return unsafe (elements + slot).move()
  }

  /// The names of all tenants, in the order of their places.
  func ids() -> [SlotID] {
    var found: [SlotID] = []
    for slot in unsafe 0..<Int(header.pointee.used) where unsafe places[slot].isTaken {
      unsafe found.append(SlotID(slot: UInt32(slot), generation: places[slot].generation))
    }
    return found
  }
}
