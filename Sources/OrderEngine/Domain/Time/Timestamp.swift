/// A moment on the wall clock: nanoseconds since 1970-01-01T00:00:00Z. For records, ages and dates; waits and deadlines
/// run on a monotonic clock, because this one may jump.
public struct Timestamp: Hashable, Comparable, Sendable {
  public let nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Later than anything: a deadline that never comes.
  public static let distantFuture = Timestamp(nanoseconds: .max)

  /// `nil` outside the years 1677 to 2262.
  public init?(seconds: Int64) {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return nil }
    nanoseconds = product
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Nanoseconds from `earlier` to this moment; negative when `earlier` is later. Ends at the limits of 64 bits rather
  /// than wrap: a wrong date may be absurd, but never turns future into past.
  public func nanoseconds(since earlier: Timestamp) -> Int64 {
    let (difference, overflow) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    if overflow { return nanoseconds < 0 ? .min : .max }
    return difference
  }

  /// This moment moved by `more`, at most to the limits of the range.
  public func adding(nanoseconds more: Int64) -> Timestamp {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(more)
    if overflow { return Timestamp(nanoseconds: more < 0 ? .min : .max) }
    return Timestamp(nanoseconds: sum)
  }

  /// The day in India (IST is UTC+05:30 the whole year).
  public var indianDate: CalendarDate {
    let seconds = Timestamp.floorDivide(nanoseconds, 1_000_000_000) + Timestamp.indianOffsetSeconds
    return CalendarDate(daysSinceEpoch: Int32(clamping: Timestamp.floorDivide(seconds, 86_400)))
  }

  /// Seconds since midnight in India, 0 to 86,399.
  public var indianSecondOfDay: Int32 {
    let seconds = Timestamp.floorDivide(nanoseconds, 1_000_000_000) + Timestamp.indianOffsetSeconds
    return Int32(seconds - Timestamp.floorDivide(seconds, 86_400) * 86_400)
  }

  static let indianOffsetSeconds: Int64 = 19_800

  static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }
}

extension Timestamp: CustomStringConvertible {
  /// RFC 3339 in UTC with milliseconds: `2026-11-24T03:45:00.125Z`.
  public var description: String { text(offsetSeconds: 0, zone: "Z") }

  /// RFC 3339 in Indian time with milliseconds: `2026-11-24T09:15:00.125+05:30`.
  public var indianDescription: String { text(offsetSeconds: Timestamp.indianOffsetSeconds, zone: "+05:30") }

  private func text(offsetSeconds: Int64, zone: StaticString) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    write(offsetSeconds: offsetSeconds, zone: zone, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends ``description``.
  public func write(to bytes: inout [UInt8]) { write(offsetSeconds: 0, zone: "Z", to: &bytes) }

  private func write(offsetSeconds: Int64, zone: StaticString, to bytes: inout [UInt8]) {
    let milliseconds = Timestamp.floorDivide(nanoseconds, 1_000_000) + offsetSeconds * 1_000
    let day = Timestamp.floorDivide(milliseconds, 86_400_000)
    let rest = milliseconds - day * 86_400_000
    let date = CalendarDate(daysSinceEpoch: Int32(clamping: day)).components
    bytes.append(digits: Int64(date.year), width: 4)
    bytes.append(UInt8(ascii: "-"))
    bytes.append(digits: Int64(date.month), width: 2)
    bytes.append(UInt8(ascii: "-"))
    bytes.append(digits: Int64(date.day), width: 2)
    bytes.append(UInt8(ascii: "T"))
    bytes.append(digits: rest / 3_600_000, width: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(digits: rest / 60_000 % 60, width: 2)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(digits: rest / 1_000 % 60, width: 2)
    bytes.append(UInt8(ascii: "."))
    bytes.append(digits: rest % 1_000, width: 3)
    // A literal of the program's: it lives as long.
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: zone.utf8Start, count: zone.utf8CodeUnitCount))
  }
}
