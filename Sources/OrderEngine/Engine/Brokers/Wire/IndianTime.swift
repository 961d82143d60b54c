internal import OrderDomain

/// The ways in which brokers write moments; all but HTTP's own are in Indian time without saying so.
enum IndianTime {
  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// `2026-11-24 09:15:00`, or with a `T`; a fraction of a second is dropped. `nil` for anything else, and for the year 1
  /// and 1970 that stand for none.
  static func dashed(_ text: String) -> Timestamp? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 19, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-") else { return nil }
    return moment(
      year: number(bytes, 0..<4), month: number(bytes, 5..<7), day: number(bytes, 8..<10), clock: bytes, from: 11)
  }

  /// `24-Nov-2026 09:15:00`.
  static func namedMonth(_ text: String) -> Timestamp? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20 else { return nil }
    return moment(
      year: number(bytes, 7..<11), month: month(bytes, 3..<6), day: number(bytes, 0..<2), clock: bytes, from: 12)
  }

  /// `24/11/2026 09:15`, seconds or none.
  static func slashed(_ text: String) -> Timestamp? {
    var bytes = Array(text.utf8)
    if bytes.count == 16 { bytes += Array(":00".utf8) }
    guard bytes.count >= 19, bytes[2] == UInt8(ascii: "/"), bytes[5] == UInt8(ascii: "/") else { return nil }
    return moment(
      year: number(bytes, 6..<10), month: number(bytes, 3..<5), day: number(bytes, 0..<2), clock: bytes, from: 11)
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`, RFC 9110 section 5.6.7.
  static func imfFixdate(_ bytes: [UInt8]) -> Timestamp? {
    guard bytes.count == 29, bytes[3] == UInt8(ascii: ","), bytes.suffix(4).elementsEqual(" GMT".utf8),
      let date = date(number(bytes, 12..<16), month(bytes, 8..<11), number(bytes, 5..<7)),
      let second = secondOfDay(bytes, from: 17)
    else { return nil }
    return Timestamp(seconds: Int64(date.daysSinceEpoch) * 86_400 + second)
  }

  private static func moment(year: Int?, month: Int?, day: Int?, clock: [UInt8], from start: Int) -> Timestamp? {
    guard let date = date(year, month, day), date.components.year > 1970, let second = secondOfDay(clock, from: start)
    else { return nil }
    return Timestamp(seconds: Int64(date.daysSinceEpoch) * 86_400 + second - 19_800)
  }

  private static func date(_ year: Int?, _ month: Int?, _ day: Int?) -> CalendarDate? {
    guard let year, let month, let day else { return nil }
    return CalendarDate(year: year, month: month, day: day)
  }

  /// `HH:MM:SS` at `start`.
  private static func secondOfDay(_ bytes: [UInt8], from start: Int) -> Int64? {
    guard bytes.count >= start + 8, bytes[start + 2] == UInt8(ascii: ":"), bytes[start + 5] == UInt8(ascii: ":"),
      let hour = number(bytes, start..<start + 2), hour < 24,
      let minute = number(bytes, start + 3..<start + 5), minute < 60,
      let second = number(bytes, start + 6..<start + 8), second < 60
    else { return nil }
    return Int64(hour * 3_600 + minute * 60 + second)
  }

  private static func number(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    var value = 0
    for byte in bytes[range] {
      guard (0x30...0x39).contains(byte) else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return value
  }

  private static func month(_ bytes: [UInt8], _ range: Range<Int>) -> Int? {
    let name = String(decoding: bytes[range], as: UTF8.self).lowercased()
    return months.firstIndex(of: name).map { $0 + 1 }
  }
}
