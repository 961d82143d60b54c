import BrokerSimulation
import OrderDomain
import TestSupport
import Testing

@testable import Actors

/// The facts of the brokers' files, on rows as the brokers publish them.
@Suite struct SymbolFileTests {
  static let compactHeader =
    "SEM_EXM_EXCH_ID,SEM_SEGMENT,SEM_SMST_SECURITY_ID,SEM_INSTRUMENT_NAME,SEM_EXPIRY_CODE,SEM_TRADING_SYMBOL,"
    + "SEM_LOT_UNITS,SEM_CUSTOM_SYMBOL,SEM_EXPIRY_DATE,SEM_STRIKE_PRICE,SEM_OPTION_TYPE,SEM_TICK_SIZE,"
    + "SEM_EXPIRY_FLAG,SEM_EXCH_INSTRUMENT_TYPE,SEM_SERIES,SM_SYMBOL_NAME\n"
  static let compact =
    compactHeader + """
      NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,,10.0000,NA,ES,EQ,RELIANCE INDUSTRIES LTD
      NSE,E,13,EQUITY,0,ABB,1.0,ABB,,,,50.0000,NA,ES,EQ,ABB INDIA LIMITED
      BSE,E,500325,EQUITY,0,RELIANCE,1.0,Reliance Industries,,,,5.0000,NA,ES,A,RELIANCE INDUSTRIES LTD.
      NSE,I,13,INDEX,0,NIFTY,1.0,Nifty 50,0001-01-01,,XX,0.0500,,INDEX,X,NIFTY
      NSE,D,68407,FUTIDX,0,NIFTY-Sep2026-FUT,65.0,NIFTY SEP FUT,2026-09-29 14:30:00,-0.01000,XX,10.0000,M,FUT,,
      NSE,D,58548,OPTIDX,0,NIFTY-Sep2026-25800-CE,65.0,NIFTY 22 SEP 25800 CALL,2026-09-22 14:30:00,25800.00000,CE,5.0000,W,OP,,
      NSE,D,44430,OPTIDX,0,NIFTY-Sep2026-25800-CE,65.0,NIFTY 29 SEP 25800 CALL,2026-09-29 14:30:00,25800.00000,CE,5.0000,M,OP,,
      NSE,D,106277,OPTSTK,0,BAJAJ-AUTO-Sep2026-700-CE,500.0,BAJAJ-AUTO 29 SEP 700 CALL,2026-09-29 14:30:00,700.00000,CE,5.0000,M,OP,,BAJOPT
      NSE,C,2885,OPTCUR,0,EURINR-Sep2026-84.25-CE,1.0,EURINR 25 SEP 84.25 CALL,2026-09-25 14:30:00,84.25000,CE,0.2500,W,OP,,
      MCX,M,499095,FUTCOM,0,GOLD-Oct2026-FUT,1.0,GOLD OCT FUT,2026-10-05 23:30:00,-0.01000,XX,100.0000,M,FUTCOM,,GOLD
      NSE,D,99001,FUTSTK,0,011NSETEST-Sep2026-FUT,100.0,011NSETEST SEP FUT,2026-09-29 14:30:00,-0.01000,XX,5.0000,M,FUT,,
      NCDEX,M,7,FUTCOM,0,CASTOR-Oct2026-FUT,1.0,CASTOR OCT FUT,2026-10-05 23:30:00,-0.01000,XX,100.0000,M,FUTCOM,,

      """
  static let today = day(2026, 9, 9)

  @Test("Dhan's compact file is read as it is meant")
  func compactFile() throws {
    let table = try table(Self.compact, .dhanCompact)
    #expect(table.rowCount == 11)
    #expect(table.counts.unsupported == 1)
    #expect(table.counts.read == 12)
    let reliance = try table.find("RELIANCE", on: Self.today).get()
    #expect(reliance.tickSize == TickSize(try #require(Price(paise: 10))))
    #expect(reliance.series == "EQ")
    #expect(reliance.brokerSymbol == "RELIANCE")
    #expect(reliance.freezeQuantity == nil)
    // Ticks are paise, except on index rows, which are in rupees.
    let nifty = table.instrument(InstrumentKey(segment: .nseIndex, securityID: SecurityID(13)))
    #expect(nifty?.tickSize == TickSize(try #require(Price(paise: 5))))
    #expect(table.instrument(InstrumentKey(segment: .nseEquity, securityID: SecurityID(13)))?.underlying == "ABB")
    // A future's strike of -0.01 is none.
    let future = try table.find("NIFTY1!", on: Self.today).get()
    #expect(future.contract == .future(expiry: day(2026, 9, 29)))
    #expect(future.lotSize == LotSize(65))
    // Quarter-paisa ticks and strikes with decimals.
    let currency = try table.find("EURINR 25 SEP 84.25 CALL", on: Self.today).get()
    #expect(currency.tickSize == TickSize(try #require(Price(tenThousandths: 25))))
    #expect(
      currency.contract
        == .option(expiry: day(2026, 9, 25), strike: try #require(Price(tenThousandths: 842_500)), type: .call))
    // The underlying comes from the trading symbol, split from the right, and never from SM_SYMBOL_NAME.
    let bajaj = try table.option("BAJAJ-AUTO", 700, .call, .monthly, on: Self.today).get()
    #expect(bajaj.underlying == "BAJAJ-AUTO")
    #expect(bajaj.key.segment == .nseDerivatives)
    // Test contracts are noise that parses.
    #expect(try table.find("011NSETEST1!", on: Self.today).get().lotSize == LotSize(100))
  }

  @Test("one security id names different instruments in different segments")
  func idsAreOfASegment() throws {
    let table = try table(Self.compact, .dhanCompact)
    guard case .failure(.ambiguous(_, let candidates)) = table.find("2885", .nse, on: Self.today) else {
      Issue.record("guessed")
      return
    }
    #expect(candidates == ["NSE:RELIANCE", "NSE:EURINR-Sep2026-84.25-CE"])
    #expect(try table.find("2885", .nse, hint: .equity, on: Self.today).get().tradingSymbol == "RELIANCE")
  }

  @Test("the M and W flags are not what decides about monthly", arguments: [false, true])
  func flags(swapped: Bool) throws {
    var text = Self.compact
    if swapped {
      text = text.replacing(",5.0000,W,OP", with: ",5.0000,#,OP").replacing(",5.0000,M,OP", with: ",5.0000,W,OP")
        .replacing(",5.0000,#,OP", with: ",5.0000,M,OP")
    }
    let table = try table(text, .dhanCompact)
    let monthly = try table.option("NIFTY", 25_800, .call, .monthly, on: Self.today).get()
    #expect(monthly.contract.expiry == day(2026, 9, 29))
    let weekly = try table.option("NIFTY", 25_800, .call, .weekly, on: Self.today).get()
    #expect(weekly.contract.expiry == day(2026, 9, 22))
  }

  @Test("the rule for monthly agrees with Dhan's flag wherever that is right")
  func rule() throws {
    let generator = SymbolFileGenerator(seed: 7, today: day(2026, 11, 23), percent: 1)
    let table = try SymbolTable.read([
      SymbolFile(name: "dhan.csv", format: .dhanDetailed, content: generator.dhanDetailed())
    ])
    var monthlies: [String: [CalendarDate]] = [:]
    for symbol in generator.symbols where symbol.isMonthly && symbol.segment == .nseDerivatives {
      guard case .option = symbol.kind else { continue }
      monthlies[symbol.underlying, default: []].append(symbol.expiry)
    }
    #expect(!monthlies.isEmpty)
    for (underlying, expiries) in monthlies {
      let group = try #require(table.underlyingGroup(Array(underlying.utf8), .nse, hasOptions: true))
      let runs = table.runs(of: table.groups[group], isOption: true)
      #expect(Set(runs.filter { table.isLastOfMonth($0, table.groups[group]) }.map(\.date)) == Set(expiries))
    }
  }

  @Test("every era of Dhan's detailed file is read by the names of its columns", arguments: DhanDetailedEra.allCases)
  func eras(era: DhanDetailedEra) throws {
    let generator = SymbolFileGenerator(seed: 7, today: day(2026, 11, 23), percent: 1)
    let bytes = generator.dhanDetailed(era)
    let table = try SymbolTable.read([SymbolFile(name: "dhan.csv", format: .dhanDetailed, content: bytes)])
    #expect(table.rowCount == generator.symbols.count)
    let future = try table.find("NIFTY1!", on: day(2026, 11, 23)).get()
    #expect(future.lotSize == LotSize(65))
    #expect(future.freezeQuantity?.quantity == (era == .columns32 ? Quantity(1_755) : nil))
    #expect((future.priceBand == nil) == (era == .columns39))
  }

  @Test("CRLF line ends and a byte order mark change nothing")
  func lineEnds() throws {
    let table = try table("\u{FEFF}" + Self.compact.replacing("\n", with: "\r\n"), .dhanCompact)
    #expect(table.rowCount == 11)
  }

  @Test("a freeze quantity of zero or below is none, and a band needs both limits")
  func freezeAndBand() throws {
    let header =
      "EXCH_ID,SEGMENT,SECURITY_ID,INSTRUMENT,UNDERLYING_SYMBOL,SYMBOL_NAME,SERIES,LOT_SIZE,SM_EXPIRY_DATE,"
      + "STRIKE_PRICE,OPTION_TYPE,TICK_SIZE,SM_UPPER_LIMIT,SM_LOWER_LIMIT,SM_FREEZE_QTY,\n"
    let table = try table(
      header + """
        NSE,E,1,EQUITY,AAA,AAA LTD,EQ,1,,,,5,1446.60001,1183.59999,-1,
        NSE,E,2,EQUITY,BBB,BBB LTD,EQ,1,,,,5,,1183.6,0,
        NSE,E,3,EQUITY,CCC,CCC LTD,EQ,1,,,,5,0,0,7000.0,
        NSE,E,4,EQUITY,DDD,DDD LTD,EQ,1,,,,5,100,200,,

        """, .dhanDetailed)
    let found = try ["AAA", "BBB", "CCC", "DDD"].map { try table.find($0, on: Self.today).get() }
    #expect(found.map { $0.freezeQuantity?.quantity.units } == [nil, nil, 6_999, nil])
    // Rounded into the band.
    #expect(found[0].priceBand?.upperBound == Price(tenThousandths: 14_466_000))
    #expect(found[0].priceBand?.lowerBound == Price(tenThousandths: 11_836_000))
    #expect(found[1...].allSatisfy { $0.priceBand == nil })
  }

  static let fyers = """
    10100000003045,STATE BANK OF INDIA,0,1,0.05,INE062A01020,0915-1530|1815-1915:,2025-05-15,,NSE:SBIN-EQ,10,10,3045,SBIN,3045,-1.0,XX,10100000003045,None,1,3.6
    10100000002031,MAHINDRA & MAHINDRA LTD,0,1,0.1,INE101A01026,0915-1530|1815-1915:,2025-05-15,,NSE:M&M-EQ,10,10,2031,M&M,2031,-1.0,XX,10100000002031,None,1,3.3
    101000000026000,NIFTY50-INDEX,10,0,0.05,,0915-1530|1815-1915:,2025-05-15,,NSE:NIFTY50-INDEX,10,10,26000,NIFTY,26000,-1.0,XX,101000000026000,None,0,0.0
    101126092968407,NIFTY 29 Sep 26 FUT,11,65,0.1,,0915-1540|1815-1915:,2026-09-09,1790676600,NSE:NIFTY26SEPFUT,10,11,68407,NIFTY,26000,-1.0,XX,101000000026000,None,0,0.0
    101126092935086,NIFTY 29 Sep 26 29200 CE,14,65,0.05,,0915-1540|1815-1915:,2026-09-09,1790676600,NSE:NIFTY26SEP29200CE,10,11,35086,NIFTY,26000,29200.0,CE,101000000026000,None,0,0.0
    101126070735402,NIFTY 07 Jul 26 24400 CE,14,65,0.05,,0915-1530|1815-1915:,2026-07-03,1783418400,NSE:NIFTY2670724400CE,10,11,35402,NIFTY,26000,24400.0,CE,101000000026000,None,0,0.0
    101126102771850,BANKNIFTY 27 Oct 26 71900 CE,14,30,0.05,,0915-1540|1815-1915:,2026-09-09,1793095800,NSE:BANKNIFTY26OCT71900CE,10,11,71850,BANKNIFTY,26009,71900.0,CE,101000000026009,None,0,0.0
    1120260921565899,CRUDEOIL 21 Sep 26 FUT,30,1,1.0,,0900-2330|1815-1915:,2026-09-10,1790013600,MCX:CRUDEOIL26SEPFUT,11,20,565899,CRUDEOIL,294,-1.0,XX,1120000000294,1790013600,0,0.0

    """

  @Test("Fyers' file is read as it is meant")
  func fyersFile() throws {
    let table = try table(Self.fyers, .fyers)
    #expect(table.rowCount == 8)
    let sbin = try table.find("NSE:SBIN-EQ", on: Self.today).get()
    #expect(sbin.brokerSymbol == "NSE:SBIN-EQ")
    #expect(sbin.underlying == "SBIN")
    #expect(sbin.tickSize == TickSize(try #require(Price(paise: 5))))
    #expect(try table.find("SBIN", on: Self.today).get() === sbin)
    #expect(try table.find("M_M", on: Self.today).get().brokerSymbol == "NSE:M&M-EQ")
    #expect(table.find("NSE:NIFTY50-INDEX", on: Self.today) == .failure(.notTradable(symbol: "NIFTY50-INDEX")))
    #expect(table.find("NIFTY", on: Self.today) == .failure(.notTradable(symbol: "NIFTY")))
    let option = try table.find("NSE:NIFTY26SEP29200CE", on: Self.today).get()
    // The epoch's day in India.
    #expect(option.contract == .option(expiry: day(2026, 9, 29), strike: rupees(29_200), type: .call))
    #expect(try table.find("NIFTY-Sep2026-29200-CE", on: Self.today).get() === option)
    #expect(try table.find("NSE:NIFTY260929C29200", on: Self.today).get() === option)
    #expect(try table.find("NIFTY 29 Sep 26 29200 CE", on: Self.today).get() === option)
    #expect(
      table.find("NSE:NIFTY2670724400CE", on: Self.today)
        == .failure(.expired(symbol: "NSE:NIFTY2670724400CE", on: day(2026, 7, 7))))
    #expect(try table.find("MCX:CRUDEOIL1!", on: Self.today).get().brokerSymbol == "MCX:CRUDEOIL26SEPFUT")
  }

  @Test("several files make one table")
  func merging() throws {
    let generator = SymbolFileGenerator(seed: 7, today: day(2026, 11, 23), percent: 1)
    let files = FyersFile.allCases.map {
      SymbolFile(name: $0.rawValue + ".csv", format: .fyers, content: generator.fyers($0))
    }
    let table = try SymbolTable.read(files)
    #expect(table.rowCount == generator.symbols.count)
  }
}
