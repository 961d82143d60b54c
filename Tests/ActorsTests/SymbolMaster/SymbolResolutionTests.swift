import OrderDomain
import Testing

@testable import Actors

/// Every form in which an alert may name an instrument, against the sample on Monday, 2026-11-23: NIFTY expires on
/// 24 Nov (its monthly), 1, 8 Dec and 29 Dec (monthly); BANKNIFTY on 24 Nov and 29 Dec only.
@Suite struct SymbolResolutionTests {
  static let today = day(2026, 11, 23)
  static let table = sampleTable(today: today)

  @Test(
    "names of shares resolve",
    arguments: [
      ("RELIANCE", "RELIANCE", ExchangeSegment.nseEquity),
      ("NSE:RELIANCE", "RELIANCE", .nseEquity),
      ("BSE:RELIANCE", "RELIANCE", .bseEquity),
      ("reliance", "RELIANCE", .nseEquity),
      (" nse:Reliance ", "RELIANCE", .nseEquity),
      ("RELIANCE-EQ", "RELIANCE", .nseEquity),
      ("NSE:RELIANCE-EQ", "RELIANCE", .nseEquity),
      ("RELIANCE-A", "RELIANCE", .bseEquity),
      ("M&M", "M&M", .nseEquity),
      ("M_M", "M&M", .nseEquity),
      ("NSE:m_m", "M&M", .nseEquity),
      ("M_M-EQ", "M&M", .nseEquity),
      ("BAJAJ-AUTO", "BAJAJ-AUTO", .nseEquity),
      ("BAJAJ_AUTO", "BAJAJ-AUTO", .nseEquity),
      ("BAJAJ-AUTO-EQ", "BAJAJ-AUTO", .nseEquity),
      ("BAJAJ_AUTO-EQ", "BAJAJ-AUTO", .nseEquity),
      ("NSE:IDEA", "IDEA", .nseEquity),
      ("500112", "SBIN", .bseEquity),
    ]) func shares(text: String, name: String, segment: ExchangeSegment) throws
  {
    let found = try Self.table.find(text, on: Self.today).get()
    #expect(found.tradingSymbol == name)
    #expect(found.key.segment == segment)
    #expect(found.contract == .equity)
  }

  @Test(
    "names of contracts resolve",
    arguments: [
      ("BANKNIFTY1!", "BANKNIFTY-Nov2026-FUT"),
      ("NSE:BANKNIFTY2!", "BANKNIFTY-Dec2026-FUT"),
      ("NIFTY2!", "NIFTY-Dec2026-FUT"),
      ("NSE:NIFTY1!", "NIFTY-Nov2026-FUT"),
      ("NSE:RELIANCE1!", "RELIANCE-Nov2026-FUT"),
      ("BSE:BSX1!", "SENSEX-Nov2026-FUT"),
      ("MCX:GOLD1!", "GOLD-Dec2026-FUT"),
      ("CRUDEOIL2!", "CRUDEOIL-Jan2027-FUT"),
      ("NSE:NIFTYX2026", "NIFTY-Nov2026-FUT"),
      ("NSE:NIFTY261124C26000", "NIFTY-Nov2026-26000-CE"),
      ("nifty261124p26000", "NIFTY-Nov2026-26000-PE"),
      ("BSE:BSX261126C85000", "SENSEX-Nov2026-85000-CE"),
      ("NIFTY 24 NOV 26000 CALL", "NIFTY-Nov2026-26000-CE"),
      ("Nifty 24 Nov 26 26000 CE", "NIFTY-Nov2026-26000-CE"),
      ("NIFTY NOV FUT", "NIFTY-Nov2026-FUT"),
      ("NIFTY-Nov2026-26000-CE", "NIFTY-Nov2026-26000-CE"),
      ("NSE:BANKNIFTY26NOV48400PE", "BANKNIFTY-Nov2026-48400-PE"),
      ("NSE:NIFTY26D0126000CE", "NIFTY-Dec2026-26000-CE"),
      ("NSE:NIFTY26DECFUT", "NIFTY-Dec2026-FUT"),
      ("BANKNIFTY-Nov2026-48400-PE", "BANKNIFTY-Nov2026-48400-PE"),
    ]) func contracts(text: String, name: String) throws
  {
    #expect(try Self.table.find(text, on: Self.today).get().tradingSymbol == name)
  }

  @Test("the same display name means another day's contract each time")
  func weekliesShareATradingSymbol() throws {
    let expiries = try ["NIFTY 01 DEC 26000 CALL", "NIFTY 08 DEC 26000 CALL", "NIFTY 29 DEC 26000 CALL"].map {
      try Self.table.find($0, on: Self.today).get().contract.expiry
    }
    #expect(expiries == [day(2026, 12, 1), day(2026, 12, 8), day(2026, 12, 29)])
  }

  @Test("a trading symbol that weeklies share is ambiguous, and its candidates resolve")
  func ambiguous() throws {
    let name = "NIFTY-Dec2026-26000-CE"
    guard case .failure(.ambiguous(name, let candidates)) = Self.table.find(name, on: Self.today) else {
      Issue.record("not ambiguous")
      return
    }
    #expect(
      candidates == [
        "NSE:NIFTY 01 DEC 26 26000 CALL", "NSE:NIFTY 08 DEC 26 26000 CALL", "NSE:NIFTY 29 DEC 26 26000 CALL",
      ])
    for candidate in candidates {
      #expect(try Self.table.find(candidate, on: Self.today).get().tradingSymbol == name)
    }
    // Once the weeklies are over, one is left and the name is clear.
    #expect(try Self.table.find(name, on: day(2026, 12, 9)).get().contract.expiry == day(2026, 12, 29))
    #expect(Self.table.find(name, on: day(2026, 12, 30)) == .failure(.expired(symbol: name, on: day(2026, 12, 29))))
  }

  @Test(
    "an index is not tradable, under any of its names",
    arguments: [
      "NIFTY", "NSE:BANKNIFTY", "NIFTY50", "NIFTY 50", "NIFTY BANK", "NIFTYBANK", "NSE:NIFTY50-INDEX", "SENSEX",
    ])
  func indices(text: String) {
    guard case .failure(.notTradable) = Self.table.find(text, on: Self.today) else {
      Issue.record("\(text): \(Self.table.find(text, on: Self.today))")
      return
    }
  }

  @Test("a security id needs what tells its owners apart")
  func securityIDs() throws {
    #expect(try Self.table.find("2885", .nse, on: Self.today).get().tradingSymbol == "RELIANCE")
    #expect(Self.table.find("13", .nse, on: Self.today) == .failure(.notTradable(symbol: "NIFTY")))
    #expect(Self.table.find("2885", .bse, on: Self.today) == .failure(.notFound(query: "2885", suggestions: [])))
  }

  @Test("an exchange that contradicts the symbol's prefix is not guessed away")
  func contradiction() {
    #expect(
      Self.table.find("NSE:SBIN", .bse, on: Self.today)
        == .failure(.ambiguous(query: "NSE:SBIN", candidates: ["NSE:SBIN", "BSE:SBIN"])))
  }

  @Test("a template that was never filled in is named as such", arguments: ["{{ticker}}", "NSE:{{ticker}}"])
  func templates(text: String) {
    #expect(Self.table.find(text, on: Self.today) == .failure(.unfilledTemplate(text)))
  }

  @Test("a hint that contradicts a contract's name refuses it")
  func hints() throws {
    let name = "NIFTY261124C26000"
    #expect(
      Self.table.find(name, hint: .equity, on: Self.today)
        == .failure(.notFound(query: name, suggestions: ["NSE:NIFTY-Nov2026-26000-CE"])))
    #expect(try Self.table.find("RELIANCE", hint: .equity, on: Self.today).get().tradingSymbol == "RELIANCE")
  }

  @Test("an underlying's bare name does not choose a future")
  func bareUnderlying() {
    #expect(
      Self.table.find("GOLD", on: Self.today)
        == .failure(
          .ambiguous(
            query: "GOLD", candidates: ["MCX:GOLD-Dec2026-FUT", "MCX:GOLD-Jan2027-FUT", "MCX:GOLD-Feb2027-FUT"])))
    guard case .failure(.ambiguous) = Self.table.find("NIFTY", hint: .future, on: Self.today) else {
      Issue.record("chose a future")
      return
    }
  }

  @Test("names that are near are suggested")
  func suggestions() {
    #expect(
      Self.table.find("RELIANSE", on: Self.today) == .failure(.notFound(query: "RELIANSE", suggestions: ["RELIANCE"])))
    #expect(Self.table.find("RELI", on: Self.today) == .failure(.notFound(query: "RELI", suggestions: ["RELIANCE"])))
    #expect(Self.table.find("HDFC", on: Self.today) == .failure(.notFound(query: "HDFC", suggestions: ["HDFCBANK"])))
    #expect(
      Self.table.find("BANKNFTY1!", on: Self.today)
        == .failure(.notFound(query: "BANKNFTY1!", suggestions: ["BANKNIFTY"])))
    #expect(Self.table.find("ZZZZZZZZ", on: Self.today) == .failure(.notFound(query: "ZZZZZZZZ", suggestions: [])))
  }

  @Test("one table makes one object of an instrument")
  func cache() throws {
    let first = try Self.table.find("TCS", on: Self.today).get()
    let second = try Self.table.find("NSE:TCS-EQ", on: Self.today).get()
    #expect(first === second)
  }
}
