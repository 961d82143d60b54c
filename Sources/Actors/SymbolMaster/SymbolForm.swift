internal import OrderDomain

/// When a contract expires, as far as its name says it.
enum ExpiryText: Equatable {
  case day(CalendarDate)
  /// Any expiry in the month: Dhan's trading symbols name no day.
  case month(year: Int, month: Int)
  /// The last expiry of the month: what Fyers' monthly form means, for weekly underlyings too.
  case lastOfMonth(year: Int, month: Int)
  /// No year: Dhan's display names. The nearest one that fits.
  case dayAndMonth(day: Int, month: Int)
  case monthName(month: Int)
}

/// A derivative's name taken apart. What it means is then looked up in the table: a form is a reading, never a proof,
/// and one text can have several.
enum SymbolForm: Equatable {
  /// TradingView's `BANKNIFTY1!`: the first, second, … future that has not expired.
  case continuous(root: [UInt8], position: Int)
  case future(root: [UInt8], expiry: ExpiryText)
  case option(root: [UInt8], expiry: ExpiryText, strike: PackedPrice, type: OptionType)

  /// Every way in which an upper-case text (without exchange) can be read as a derivative; at most a dozen.
  static func readings(of text: [UInt8]) -> [SymbolForm] {
    if text.last == UInt8(ascii: "!") { return continuous(text).map { [$0] } ?? [] }
    if text.contains(UInt8(ascii: " ")) { return spaced(text).map { [$0] } ?? [] }
    var readings: [SymbolForm] = []
    if let form = hyphened(text) { readings.append(form) }
    readings += compact(text)
    if let form = tradingViewOption(text) { readings.append(form) }
    if let form = tradingViewFuture(text) { readings.append(form) }
    return readings
  }

  // MARK: TradingView

  private static func continuous(_ text: [UInt8]) -> SymbolForm? {
    guard text.count > 2, let digit = digit(text[text.count - 2]), digit > 0 else { return nil }
    return .continuous(root: Array(text.dropLast(2)), position: digit)
  }

  /// `NIFTY261124C26000`: underlying, YYMMDD, C or P, strike.
  private static func tradingViewOption(_ text: [UInt8]) -> SymbolForm? {
    let strikeStart = numberStart(text, end: text.count)
    guard strikeStart < text.count, strikeStart > 7, let strike = strike(text[strikeStart...]) else { return nil }
    let type: OptionType
    switch text[strikeStart - 1] {
    case UInt8(ascii: "C"): type = .call
    case UInt8(ascii: "P"): type = .put
    default: return nil
    }
    let dateStart = strikeStart - 7
    guard let year = number(text[dateStart..<dateStart + 2]), let month = number(text[dateStart + 2..<dateStart + 4]),
      let day = number(text[dateStart + 4..<dateStart + 6]),
      let date = CalendarDate(year: 2_000 + year, month: month, day: day)
    else { return nil }
    return .option(root: Array(text[..<dateStart]), expiry: .day(date), strike: strike, type: type)
  }

  /// `NIFTYX2026`: underlying, the futures trade's month letter, year.
  private static func tradingViewFuture(_ text: [UInt8]) -> SymbolForm? {
    guard text.count > 5, let year = number(text[(text.count - 4)...]), year >= 2_000,
      let month = Array("FGHJKMNQUVXZ".utf8).firstIndex(of: text[text.count - 5])
    else { return nil }
    return .future(root: Array(text.dropLast(5)), expiry: .lastOfMonth(year: year, month: month + 1))
  }

  // MARK: Dhan

  /// `NIFTY-SEP2026-29150-CE`, `BAJAJ-AUTO-SEP2026-FUT`: split from the right, for underlyings hold hyphens.
  private static func hyphened(_ text: [UInt8]) -> SymbolForm? {
    var parts = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    guard parts.count >= 3, let last = parts.popLast() else { return nil }
    let type = optionType(last)
    var strikeFound = PackedPrice.zero
    if type != nil {
      guard let text = parts.popLast(), let strike = strike(text) else { return nil }
      strikeFound = strike
    } else if !last.elementsEqual("FUT".utf8) {
      return nil
    }
    guard let date = parts.popLast(), date.count == 7, let month = month(date.prefix(3)),
      let year = number(date.suffix(4)), !parts.isEmpty
    else { return nil }
    let root = Array(parts.joined(separator: [UInt8(ascii: "-")]))
    let expiry = ExpiryText.month(year: year, month: month)
    guard let type else { return .future(root: root, expiry: expiry) }
    return .option(root: root, expiry: expiry, strike: strikeFound, type: type)
  }

  /// Dhan's `NIFTY 24 NOV 26000 CALL` and `NIFTY NOV FUT`, Fyers' `NIFTY 24 NOV 26 26000 CE` and `NIFTY 24 NOV 26 FUT`.
  private static func spaced(_ text: [UInt8]) -> SymbolForm? {
    var words = text.split(separator: UInt8(ascii: " "))
    guard words.count >= 3, let last = words.popLast() else { return nil }
    let type = optionType(last)
    var strikeFound = PackedPrice.zero
    if type != nil {
      guard let word = words.popLast(), let strike = strike(word) else { return nil }
      strikeFound = strike
    } else if !last.elementsEqual("FUT".utf8) {
      return nil
    }
    var year: Int?
    if let word = words.last, word.count == 2 || word.count == 4, let value = number(word) {
      year = value < 100 ? 2_000 + value : value
      words.removeLast()
    }
    guard let word = words.popLast(), let month = month(word) else { return nil }
    var day: Int?
    if words.count > 1, let word = words.last, word.count <= 2, let value = number(word) {
      day = value
      words.removeLast()
    }
    let expiry: ExpiryText
    switch (day, year) {
    case (let day?, let year?):
      guard let date = CalendarDate(year: year, month: month, day: day) else { return nil }
      expiry = .day(date)
    case (let day?, nil): expiry = .dayAndMonth(day: day, month: month)
    case (nil, let year?): expiry = .month(year: year, month: month)
    case (nil, nil): expiry = .monthName(month: month)
    }
    guard !words.isEmpty else { return nil }
    let root = Array(words.joined(separator: [UInt8(ascii: " ")]))
    guard let type else { return .future(root: root, expiry: expiry) }
    return .option(root: root, expiry: expiry, strike: strikeFound, type: type)
  }

  // MARK: Fyers

  /// `NIFTY26SEPFUT`, `NIFTY26SEP29200CE`, `NIFTY2670724400CE`, `NIFTY20O0811000CE`. The weekly form does not say where
  /// the underlying ends, so every split that gives a date is a reading.
  private static func compact(_ text: [UInt8]) -> [SymbolForm] {
    if text.suffix(3).elementsEqual("FUT".utf8) {
      let end = text.count - 3
      guard let (root, year, month) = yearAndMonth(text, end: end) else { return [] }
      return [.future(root: root, expiry: .lastOfMonth(year: year, month: month))]
    }
    guard text.count > 8, let type = optionType(text.suffix(2)) else { return [] }
    let end = text.count - 2
    let digitsStart = numberStart(text, end: end)
    guard digitsStart < end else { return [] }
    if let (root, year, month) = yearAndMonth(text, end: digitsStart), let strike = strike(text[digitsStart..<end]) {
      return [.option(root: root, expiry: .lastOfMonth(year: year, month: month), strike: strike, type: type)]
    }
    var readings: [SymbolForm] = []
    func add(rootEnd: Int, year: Int, month: Int, dayStart: Int) {
      guard rootEnd > 0, dayStart + 2 < end, let day = number(text[dayStart..<dayStart + 2]),
        let date = CalendarDate(year: 2_000 + year, month: month, day: day),
        let strike = strike(text[(dayStart + 2)..<end]), text[dayStart + 2] != UInt8(ascii: "0")
      else { return }
      readings.append(.option(root: Array(text[..<rootEnd]), expiry: .day(date), strike: strike, type: type))
    }
    if digitsStart > 2, let month = letterMonth(text[digitsStart - 1]),
      let year = number(text[(digitsStart - 3)..<(digitsStart - 1)])
    {
      add(rootEnd: digitsStart - 3, year: year, month: month, dayStart: digitsStart)
    }
    for split in digitsStart..<min(end, digitsStart + 8) where split + 5 < end {
      guard let year = number(text[split..<split + 2]), let month = digit(text[split + 2]), month > 0 else { continue }
      add(rootEnd: split, year: year, month: month, dayStart: split + 3)
    }
    return readings
  }

  /// October to December have letters where the months before have one digit.
  private static func letterMonth(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "O"): 10
    case UInt8(ascii: "N"): 11
    case UInt8(ascii: "D"): 12
    default: nil
    }
  }

  /// What stands before `end` as underlying, YY and MMM.
  private static func yearAndMonth(_ text: [UInt8], end: Int) -> (root: [UInt8], year: Int, month: Int)? {
    guard end > 5, let month = month(text[(end - 3)..<end]), let year = number(text[(end - 5)..<(end - 3)]) else {
      return nil
    }
    return (Array(text[..<(end - 5)]), 2_000 + year, month)
  }

  // MARK: Pieces

  private static func optionType(_ word: ArraySlice<UInt8>) -> OptionType? {
    if word.elementsEqual("CE".utf8) || word.elementsEqual("CALL".utf8) { return .call }
    if word.elementsEqual("PE".utf8) || word.elementsEqual("PUT".utf8) { return .put }
    return nil
  }

  static let monthNames = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]

  private static func month(_ word: ArraySlice<UInt8>) -> Int? {
    monthNames.firstIndex { $0.utf8.elementsEqual(word) }.map { $0 + 1 }
  }

  private static func digit(_ byte: UInt8) -> Int? {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte - UInt8(ascii: "0")) : nil
  }

  /// Digits only, at most nine.
  private static func number(_ text: ArraySlice<UInt8>) -> Int? {
    guard !text.isEmpty, text.count <= 9 else { return nil }
    var value = 0
    for byte in text {
      guard let digit = digit(byte) else { return nil }
      value = value * 10 + digit
    }
    return value
  }

  private static func strike(_ text: ArraySlice<UInt8>) -> PackedPrice? {
    guard let first = text.first, digit(first) != nil, let number = CSVNumber(Array(text).span), number.isExact,
      number.tenThousandths > 0
    else { return nil }
    return PackedPrice(tenThousandths: number.tenThousandths)
  }

  /// Where the run of digits and points that ends at `end` begins.
  private static func numberStart(_ text: [UInt8], end: Int) -> Int {
    var start = end
    while start > 0, digit(text[start - 1]) != nil || text[start - 1] == UInt8(ascii: ".") { start -= 1 }
    return start
  }
}
