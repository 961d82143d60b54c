import OrderDomain

@testable import Actors

func day(_ year: Int, _ month: Int, _ dayOfMonth: Int) -> CalendarDate {
  guard let date = CalendarDate(year: year, month: month, day: dayOfMonth) else { preconditionFailure("no such day") }
  return date
}

func rupees(_ count: Int64) -> Price {
  guard let price = Price(rupees: count) else { preconditionFailure("no such price") }
  return price
}

func sampleTable(today: CalendarDate) -> SymbolTable {
  do {
    return try SymbolTable.read([SampleSymbols.file(today: today)])
  } catch {
    preconditionFailure("\(error)")
  }
}

func table(
  _ text: String, _ format: SymbolFileFormat, limits: SymbolTableLimits = SymbolTableLimits()
) throws(SymbolFileError) -> SymbolTable {
  try SymbolTable.read([SymbolFile(name: "test.csv", format: format, content: Array(text.utf8))], limits: limits)
}

extension SymbolTable {
  func find(
    _ text: String, _ exchange: Exchange? = nil, hint: InstrumentHint? = nil, on today: CalendarDate
  ) -> Result<Instrument, ResolutionFailure> {
    resolve(.symbol(text, exchange: exchange, hint: hint), today: today)
  }

  func option(
    _ underlying: String, _ strike: Int64, _ type: OptionType, _ expiry: ExpirySelector, on today: CalendarDate
  ) -> Result<Instrument, ResolutionFailure> {
    resolve(
      .option(underlying: underlying, exchange: nil, strike: rupees(strike), type: type, expiry: expiry), today: today)
  }
}
