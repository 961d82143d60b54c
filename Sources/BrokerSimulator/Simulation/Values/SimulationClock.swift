package import OrderDomain

/// The simulated wall clock: the machine's, moved by a script, or standing still.
package struct SimulationClock: Sendable {
  private var offset: Int64 = 0
  private var stoppedAt: Timestamp?

  package init() {}

  package var isStopped: Bool { stoppedAt != nil }

  package func now(_ wall: Timestamp) -> Timestamp { stoppedAt ?? wall.adding(nanoseconds: offset) }

  package mutating func set(_ time: Timestamp, at wall: Timestamp) {
    offset = time.nanoseconds(since: wall)
    if stoppedAt != nil { stoppedAt = time }
  }

  package mutating func advance(nanoseconds: Int64) {
    offset = offset.addingReportingOverflow(nanoseconds).partialValue
    stoppedAt = stoppedAt?.adding(nanoseconds: nanoseconds)
  }

  package mutating func stop(at wall: Timestamp) { stoppedAt = now(wall) }

  package mutating func start(at wall: Timestamp) {
    guard let time = stoppedAt.take() else { return }
    offset = time.nanoseconds(since: wall)
  }
}
