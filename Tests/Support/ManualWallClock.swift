package import OrderDomain
import Synchronization

/// A time of day that a test sets, and lets jump.
package final class ManualWallClock: WallClock {
  private let time: Mutex<Timestamp>

  package init(_ time: Timestamp) { self.time = Mutex(time) }

  package func now() -> Timestamp { time.withLock { $0 } }
  package func jump(by duration: Duration) {
    let nanoseconds = duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
    time.withLock { $0 = $0.adding(nanoseconds: nanoseconds) }
  }
}
