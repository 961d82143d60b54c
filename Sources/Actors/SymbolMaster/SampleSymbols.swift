package import OrderDomain

/// The instruments that a newcomer trades on paper before any broker is set up.
///
/// This is the one place where expiries are made up from weekdays: a sample that ships with the program would otherwise
/// hold expired contracts within a month. Everything else reads them from a master. The text has the layout of Dhan's
/// detailed file and goes through the same reader; ids are Dhan's where they are stable, stand-ins from 900,001 on for
/// contracts.
package enum SampleSymbols {
  package static let fileName = "sample.csv"

  /// The sample relative to a trading day: three expiries or more ahead of it in every series.
  package static func text(today: CalendarDate) -> String {
    var sample = Sample()
    sample.addShares()
    sample.addIndices()
    let tuesdays = weekly(weekday: 1, count: 3, from: today)
    let lastTuesdays = monthly(weekday: 1, count: 3, from: today)
    let thursdays = weekly(weekday: 3, count: 3, from: today)
    let lastThursdays = monthly(weekday: 3, count: 3, from: today)
    sample.addFutures("NSE", "FUTIDX", "NIFTY", lastTuesdays, lot: 65, tickPaise: 10, freeze: 1_756)
    sample.addFutures("NSE", "FUTIDX", "BANKNIFTY", lastTuesdays, lot: 30, tickPaise: 20, freeze: 601)
    sample.addFutures("BSE", "FUTIDX", "SENSEX", lastThursdays, lot: 20, tickPaise: 5, freeze: 1_001)
    sample.addFutures("NSE", "FUTSTK", "RELIANCE", lastTuesdays, lot: 500, tickPaise: 10, freeze: 25_001)
    sample.addOptions(
      "NSE", "OPTIDX", "NIFTY", merged(tuesdays, lastTuesdays.prefix(2)), strikes: strikes(25_000, 27_000, 100),
      lot: 65, freeze: 1_756)
    sample.addOptions(
      "NSE", "OPTIDX", "BANKNIFTY", Array(lastTuesdays.prefix(2)),
      strikes: [48_300, 48_400, 48_500] + strikes(57_000, 61_000, 500), lot: 30, freeze: 601)
    sample.addOptions(
      "BSE", "OPTIDX", "SENSEX", merged(thursdays, lastThursdays.prefix(2)), strikes: strikes(84_000, 87_000, 500),
      lot: 20, freeze: 1_001)
    sample.addOptions(
      "NSE", "OPTSTK", "RELIANCE", Array(lastTuesdays.prefix(2)), strikes: strikes(1_300, 1_600, 50), lot: 500,
      freeze: 25_001)
    sample.addFutures("MCX", "FUTCOM", "GOLD", monthDays(5, count: 3, from: today), lot: 1, tickPaise: 100, freeze: 11)
    sample.addFutures(
      "MCX", "FUTCOM", "CRUDEOIL", monthDays(19, count: 3, from: today), lot: 1, tickPaise: 100, freeze: 101)
    return sample.text
  }

  /// The sample as the file that the symbol master loads.
  package static func file(today: CalendarDate) -> SymbolFile {
    SymbolFile(name: fileName, format: .dhanDetailed, content: Array(text(today: today).utf8))
  }

  // MARK: Made-up expiries

  /// The next days of that weekday (0 is Monday), `today` included.
  private static func weekly(weekday: Int, count: Int32, from today: CalendarDate) -> [CalendarDate] {
    let first = today.adding(days: Int32((weekday - today.weekday + 7) % 7))
    return (0..<count).map { first.adding(days: 7 * $0) }
  }

  /// The last such weekday of the coming months, this month's included if it is not over.
  private static func monthly(weekday: Int, count: Int, from today: CalendarDate) -> [CalendarDate] {
    var found: [CalendarDate] = []
    var day = today
    while found.count < count {
      let isLast = day.adding(days: 7).components.month != day.components.month
      if day.weekday == weekday, isLast { found.append(day) }
      day = day.adding(days: 1)
    }
    return found
  }

  /// That day of the coming months.
  private static func monthDays(_ wanted: Int, count: Int, from today: CalendarDate) -> [CalendarDate] {
    var found: [CalendarDate] = []
    var day = today
    while found.count < count {
      if day.components.day == wanted { found.append(day) }
      day = day.adding(days: 1)
    }
    return found
  }

  private static func merged(_ left: [CalendarDate], _ right: ArraySlice<CalendarDate>) -> [CalendarDate] {
    (left + right.filter { !left.contains($0) }).sorted()
  }

  private static func strikes(_ first: Int, _ last: Int, _ step: Int) -> [Int] {
    Array(stride(from: first, through: last, by: step))
  }
}

/// The sample's text while it is written.
private struct Sample {
  private(set) var text = """
    EXCH_ID,SEGMENT,SECURITY_ID,ISIN,INSTRUMENT,UNDERLYING_SECURITY_ID,UNDERLYING_SYMBOL,SYMBOL_NAME,DISPLAY_NAME,\
    INSTRUMENT_TYPE,SERIES,LOT_SIZE,SM_EXPIRY_DATE,STRIKE_PRICE,OPTION_TYPE,TICK_SIZE,EXPIRY_FLAG,\
    SM_UPPER_LIMIT,SM_LOWER_LIMIT,SM_FREEZE_QTY,

    """
  private var nextID = 900_001

  mutating func addShares() {
    text += """
      NSE,E,2885,INE002A01018,EQUITY,,RELIANCE,RELIANCE INDUSTRIES LTD,Reliance Industries,ES,EQ,1,,,,10,NA,,,,
      NSE,E,11536,INE467B01029,EQUITY,,TCS,TATA CONSULTANCY SERV LT,Tata Consultancy Services,ES,EQ,1,,,,10,NA,,,,
      NSE,E,1594,INE009A01021,EQUITY,,INFY,INFOSYS LIMITED,Infosys,ES,EQ,1,,,,10,NA,,,,
      NSE,E,1333,INE040A01034,EQUITY,,HDFCBANK,HDFC BANK LTD,HDFC Bank,ES,EQ,1,,,,5,NA,,,,
      NSE,E,3045,INE062A01020,EQUITY,,SBIN,STATE BANK OF INDIA,State Bank of India,ES,EQ,1,,,,10,NA,,,,
      NSE,E,14366,INE669E01016,EQUITY,,IDEA,VODAFONE IDEA LIMITED,Vodafone Idea,ES,EQ,1,,,,1,NA,,,,
      NSE,E,2031,INE101A01026,EQUITY,,M&M,MAHINDRA & MAHINDRA LTD,Mahindra & Mahindra,ES,EQ,1,,,,10,NA,,,,
      NSE,E,16669,INE917I01010,EQUITY,,BAJAJ-AUTO,BAJAJ AUTO LIMITED,Bajaj Auto,ES,EQ,1,,,,50,NA,,,,
      BSE,E,500325,INE002A01018,EQUITY,,RELIANCE,RELIANCE INDUSTRIES LTD.,Reliance Industries,ES,A,1,,,,5,NA,,,,
      BSE,E,500112,INE062A01020,EQUITY,,SBIN,STATE BANK OF INDIA,State Bank of India,ES,A,1,,,,5,NA,,,,

      """
  }

  mutating func addIndices() {
    text += """
      NSE,I,13,NA,INDEX,13,NIFTY,NIFTY,Nifty 50,INDEX,NA,1,0001-01-01,,XX,0.05,N,,,,
      NSE,I,25,NA,INDEX,25,BANKNIFTY,BANKNIFTY,Nifty Bank,INDEX,NA,1,0001-01-01,,XX,0.05,N,,,,
      NSE,I,21,NA,INDEX,21,INDIA VIX,INDIA VIX,India VIX,INDEX,NA,1,0001-01-01,,XX,0.05,N,,,,
      BSE,I,51,NA,INDEX,51,SENSEX,SENSEX,Sensex,INDEX,NA,1,0001-01-01,,XX,0.01,N,,,,

      """
  }

  mutating func addFutures(
    _ exchange: String, _ instrument: String, _ underlying: String, _ expiries: [CalendarDate], lot: Int,
    tickPaise: Int, freeze: Int
  ) {
    for expiry in expiries {
      let month = monthName(expiry)
      let name = "\(underlying)-\(month)\(expiry.components.year)-FUT"
      let display = "\(underlying) \(month.uppercased()) FUT"
      add(
        exchange, instrument, underlying, name, display, "FUT", "\(lot),\(expiry),-0.01000,XX,\(tickPaise)", "M", freeze
      )
    }
  }

  mutating func addOptions(
    _ exchange: String, _ instrument: String, _ underlying: String, _ expiries: [CalendarDate], strikes: [Int],
    lot: Int, freeze: Int
  ) {
    for expiry in expiries {
      let (year, month, day) = expiry.components
      let isMonthly = !expiries.contains { $0 > expiry && $0.components.month == month && $0.components.year == year }
      let name = monthName(expiry)
      let twoDigitDay = String(day + 100).dropFirst()
      for strike in strikes {
        for (code, word) in [("CE", "CALL"), ("PE", "PUT")] {
          add(
            exchange, instrument, underlying, "\(underlying)-\(name)\(year)-\(strike)-\(code)",
            "\(underlying) \(twoDigitDay) \(name.uppercased()) \(strike) \(word)", "OP",
            "\(lot),\(expiry),\(strike).00000,\(code),5", isMonthly ? "M" : "W", freeze)
        }
      }
    }
  }

  private mutating func add(
    _ exchange: String, _ instrument: String, _ underlying: String, _ name: String, _ display: String, _ type: String,
    _ terms: String, _ flag: String, _ freeze: Int
  ) {
    let segment = exchange == "MCX" ? "M" : "D"
    text += "\(exchange),\(segment),\(nextID),NA,\(instrument),,\(underlying),\(name),\(display),\(type),NA,\(terms),"
    text += "\(flag),,,\(freeze),\n"
    nextID += 1
  }

  private func monthName(_ date: CalendarDate) -> String {
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][date.components.month - 1]
  }
}
