/// Deadlines in order, as a binary heap over a table of timers. Pure: the time comes as an argument.
///
/// Moving a deadline later, which every byte on a connection does to its idle timer, costs one store: the heap learns
/// of it when the old deadline comes up. Everything else is O(log n).
struct TimerQueue<Payload> {
  private struct Timer {
    var generation: UInt32
    /// Nanoseconds of the loop's clock; at or after the deadline of its heap entry.
    var deadline: Int64
    /// Where its entry is in the heap; -1 while the place is free.
    var position: Int
    var payload: Payload?
  }

  private struct Entry {
    var deadline: Int64
    /// Equal deadlines fire in the order in which they were scheduled.
    var sequence: UInt64
    var slot: UInt32

    static func < (a: Entry, b: Entry) -> Bool {
      a.deadline < b.deadline || (a.deadline == b.deadline && a.sequence < b.sequence)
    }
  }

  private var timers: [Timer] = []
  private var free: [UInt32] = []
  private var heap: [Entry] = []
  private var sequence: UInt64 = 0

  var count: Int { heap.count }

  /// A time before which no timer is due (the first deadline, or earlier where one was moved later).
  var nextDeadline: Int64? { heap.first?.deadline }

  mutating func schedule(at deadline: Int64, _ payload: Payload) -> TimerID {
    sequence += 1
    let slot: UInt32
    if let reused = free.popLast() {
      slot = reused
    } else {
      slot = UInt32(timers.count)
      timers.append(Timer(generation: 1, deadline: 0, position: -1, payload: nil))
    }
    let index = Int(slot)
    timers[index].deadline = deadline
    timers[index].payload = payload
    timers[index].position = heap.count
    heap.append(Entry(deadline: deadline, sequence: sequence, slot: slot))
    siftUp(heap.count - 1)
    return TimerID(id: SlotID(slot: slot, generation: timers[index].generation))
  }

  func contains(_ timer: TimerID) -> Bool {
    let index = Int(timer.id.slot)
    return index < timers.count && timers[index].generation == timer.id.generation && timers[index].position >= 0
  }

  /// False if the timer has fired or was cancelled.
  @discardableResult
  mutating func move(_ timer: TimerID, to deadline: Int64) -> Bool {
    guard contains(timer) else { return false }
    let index = Int(timer.id.slot)
    timers[index].deadline = deadline
    let position = timers[index].position
    if deadline < heap[position].deadline {
      sequence += 1
      heap[position].deadline = deadline
      heap[position].sequence = sequence
      siftUp(position)
    }
    return true
  }

  /// The payload of the cancelled timer; nil if it has fired or was cancelled.
  mutating func cancel(_ timer: TimerID) -> Payload? {
    guard contains(timer) else { return nil }
    return remove(at: timers[Int(timer.id.slot)].position)
  }

  /// The first timer whose deadline is at or before `now`, taken out.
  mutating func popDue(_ now: Int64) -> (TimerID, Payload)? {
    while let first = heap.first, first.deadline <= now {
      let deadline = timers[Int(first.slot)].deadline
      if deadline > first.deadline {
        // Moved later since its entry was made; even if it is due, others may come before it.
        sequence += 1
        heap[0].deadline = deadline
        heap[0].sequence = sequence
        siftDown(0)
        continue
      }
      return popFirst()
    }
    return nil
  }

  /// Any timer, due or not; for the end.
  mutating func popFirst() -> (TimerID, Payload)? {
    guard let first = heap.first else { return nil }
    let timer = TimerID(id: SlotID(slot: first.slot, generation: timers[Int(first.slot)].generation))
    guard let payload = remove(at: 0) else { preconditionFailure("a timer without payload") }
    return (timer, payload)
  }

  private mutating func remove(at position: Int) -> Payload? {
    let slot = heap[position].slot
    let last = heap.removeLast()
    if position < heap.count {
      heap[position] = last
      timers[Int(last.slot)].position = position
      siftDown(position)
      siftUp(timers[Int(last.slot)].position)
    }
    let index = Int(slot)
    timers[index].position = -1
    timers[index].generation = max(1, (timers[index].generation &+ 1) & SlotID.generationMask)
    free.append(slot)
    return timers[index].payload.take()
  }

  private mutating func siftUp(_ start: Int) {
    var position = start
    let entry = heap[position]
    while position > 0 {
      let parent = (position - 1) / 2
      if !(entry < heap[parent]) { break }
      place(heap[parent], at: position)
      position = parent
    }
    place(entry, at: position)
  }

  private mutating func siftDown(_ start: Int) {
    var position = start
    let entry = heap[position]
    while true {
      var child = position * 2 + 1
      if child >= heap.count { break }
      if child + 1 < heap.count, heap[child + 1] < heap[child] { child += 1 }
      if !(heap[child] < entry) { break }
      place(heap[child], at: position)
      position = child
    }
    place(entry, at: position)
  }

  private mutating func place(_ entry: Entry, at position: Int) {
    heap[position] = entry
    timers[Int(entry.slot)].position = position
  }
}
