/// The time of day, for records, ages and dates. It may jump; waits and deadlines in memory run on a monotonic `Clock`.
public protocol WallClock: Sendable {
  func now() -> Timestamp
}
