/// The Date line (RFC 9110 6.6.1), made anew once a second.
struct DateField {
  private(set) var line: [UInt8] = []
  private var second = Int64.min

  /// - Parameter unixSeconds: seconds since 1970-01-01T00:00:00Z, within the years 0 to 9999.
  mutating func update(unixSeconds: Int64) {
    guard unixSeconds != second else { return }
    second = unixSeconds
    line.removeAll(keepingCapacity: true)
    line.append("Date: ")
    Self.append(imfFixdate: unixSeconds, to: &line)
    line.append("\r\n")
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 5.6.7).
  static func append(imfFixdate unixSeconds: Int64, to buffer: inout [UInt8]) {
    let days = Int(unixSeconds.flooringQuotient(86_400))
    let time = Int(unixSeconds - Int64(days) * 86_400)
    // 1970-01-01 was a Thursday.
    let weekday = ((days % 7) + 11) % 7
    let (year, month, day) = civil(days: days)
    buffer.append(weekdays, at: weekday)
    buffer.append(", ")
    buffer.append(twoDigits: day)
    buffer.append(" ")
    buffer.append(months, at: month - 1)
    buffer.append(" ")
    buffer.append(twoDigits: year / 100)
    buffer.append(twoDigits: year % 100)
    buffer.append(" ")
    buffer.append(twoDigits: time / 3600)
    buffer.append(":")
    buffer.append(twoDigits: time / 60 % 60)
    buffer.append(":")
    buffer.append(twoDigits: time % 60)
    buffer.append(" GMT")
  }

  private static let weekdays = [UInt8]("SunMonTueWedThuFriSat".utf8)
  private static let months = [UInt8]("JanFebMarAprMayJunJulAugSepOctNovDec".utf8)

  /// Days since 1970-01-01 as a date of the Gregorian calendar. Years are counted from March, so that the
  /// leap day comes last; 719,468 days lie between 0000-03-01 and 1970-01-01, 146,097 in 400 years.
  private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = Int(Int64(shifted).flooringQuotient(146_097))
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let marchMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
    let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }
}

extension Int64 {
  fileprivate func flooringQuotient(_ divisor: Int64) -> Int64 {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? quotient - 1 : quotient
  }
}

extension [UInt8] {
  fileprivate mutating func append(twoDigits value: Int) {
    append(0x30 + UInt8(value / 10))
    append(0x30 + UInt8(value % 10))
  }

  /// Copies the `index`-th name of three letters.
  fileprivate mutating func append(_ names: [UInt8], at index: Int) {
    for offset in 0..<3 { append(names[index * 3 + offset]) }
  }
}
