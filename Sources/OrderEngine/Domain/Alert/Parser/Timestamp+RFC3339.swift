extension Timestamp {
  /// Reads RFC 3339 section 5.6: `2026-11-24T03:45:00Z`, with up to nine digits of a fraction and with an offset
  /// (`+05:30`). `nil` for anything else, for a leap second, and outside the years 1678 to 2262.
  public init?(rfc3339 text: Span<UInt8>) {
    func digits(_ range: Range<Int>) -> Int64? {
      guard range.upperBound <= text.count else { return nil }
      var value: Int64 = 0
      for index in range {
        guard text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") else { return nil }
        value = value * 10 + Int64(text[index] - UInt8(ascii: "0"))
      }
      return value
    }
    guard text.count >= 20, let date = CalendarDate(iso: text.extracting(0..<10)), text[10] | 0x20 == UInt8(ascii: "t"),
      let hour = digits(11..<13), hour < 24, text[13] == UInt8(ascii: ":"),
      let minute = digits(14..<16), minute < 60, text[16] == UInt8(ascii: ":"),
      let second = digits(17..<19), second < 60
    else { return nil }

    var index = 19
    var fraction: Int64 = 0
    if text[index] == UInt8(ascii: ".") {
      index += 1
      let first = index
      while index < text.count, text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") { index += 1 }
      guard (1...9).contains(index - first), let value = digits(first..<index) else { return nil }
      fraction = value
      for _ in (index - first)..<9 { fraction *= 10 }
    }

    guard index < text.count else { return nil }
    var offset: Int64 = 0
    if text[index] | 0x20 == UInt8(ascii: "z") {
      index += 1
    } else {
      guard text[index] == UInt8(ascii: "+") || text[index] == UInt8(ascii: "-"),
        let hours = digits((index + 1)..<(index + 3)), hours < 24, text[index + 3] == UInt8(ascii: ":"),
        let minutes = digits((index + 4)..<(index + 6)), minutes < 60
      else { return nil }
      offset = (hours * 3_600 + minutes * 60) * (text[index] == UInt8(ascii: "-") ? -1 : 1)
      index += 6
    }
    guard index == text.count else { return nil }

    let seconds = Int64(date.daysSinceEpoch) * 86_400 + hour * 3_600 + minute * 60 + second - offset
    guard let whole = Timestamp(seconds: seconds) else { return nil }
    let (sum, overflow) = whole.nanoseconds.addingReportingOverflow(fraction)
    if overflow { return nil }
    self.init(nanoseconds: sum)
  }
}
