import OrderDomain

/// How Indian brokers write moments: their own clock time, without a zone.
enum IndianTime {
  static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  static func two(_ value: Int) -> Substring { String(value + 100).dropFirst() }

  static func clock(_ time: Timestamp) -> String {
    let second = Int(time.indianSecondOfDay)
    return "\(two(second / 3_600)):\(two(second / 60 % 60)):\(two(second % 60))"
  }

  /// `2026-11-24 09:15:00`.
  static func iso(_ time: Timestamp) -> String { "\(time.indianDate) \(clock(time))" }

  /// `24-Nov-2026 09:15:00`.
  static func named(_ time: Timestamp) -> String {
    let (year, month, day) = time.indianDate.components
    return "\(two(day))-\(months[month - 1])-\(year) \(clock(time))"
  }

  /// `24/11/2026 09:15`, or with seconds.
  static func slashed(_ time: Timestamp, seconds: Bool = false) -> String {
    let (year, month, day) = time.indianDate.components
    let clock = clock(time)
    return "\(two(day))/\(two(month))/\(year) \(seconds ? clock : String(clock.prefix(5)))"
  }
}
