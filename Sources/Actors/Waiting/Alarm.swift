import OrderDomain

/// The one sleeping task of an actor. It holds the actor until it rings or the actor is shut down.
struct Alarm {
  private var due: Uptime?
  private var task: Task<Void, Never>?

  /// Sees to it that the alarm rings no later than `instant`. One that rings earlier is left alone: ringing in vain is
  /// cheaper than a new task for every caller.
  mutating func set(to instant: Uptime?, start: (Uptime) -> Task<Void, Never>) {
    guard let instant else { return cancel() }
    if let due, due <= instant { return }
    task?.cancel()
    due = instant
    task = start(instant)
  }

  /// To be called first when it rang. `false` if that ring was replaced meanwhile.
  mutating func rang(for instant: Uptime) -> Bool {
    guard due == instant else { return false }
    due = nil
    task = nil
    return true
  }

  mutating func cancel() {
    task?.cancel()
    task = nil
    due = nil
  }
}
