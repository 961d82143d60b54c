import Actors
import BrokerSimulation
import Foundation
import HTTP
import OrderDomain
import Testing

/// One list of instruments, spelt as both brokers do.
struct SymbolCatalogueTests {
  private func table(_ files: [(name: String, format: SymbolFileFormat, bytes: [UInt8])]) throws -> SymbolTable {
    var builder = SymbolTableBuilder()
    for file in files {
      try builder.add(file: file.name, format: file.format, bytes: file.bytes.span)
    }
    return try builder.finish()
  }

  /// Every contract and share of Dhan's file is in Fyers' files, with the same key, lot, tick, expiry and strike.
  @Test(arguments: [true, false])
  func `the brokers' files describe the same instruments`(_ isSample: Bool) throws {
    let day = Desk.start.indianDate
    let catalogue =
      try isSample
      ? SymbolCatalogue.sample(on: day) : SymbolCatalogue.generated(rowCount: 4_000, seed: 3, on: day)
    let compact = try table([
      ("compact", .dhanCompact, try #require(catalogue.file("/api-data/api-scrip-master.csv")))
    ])
    let fyers = try table(
      FyersFile.allCases.compactMap { file in
        catalogue.file("/sym_details/\(file.rawValue).csv").map {
          (file.rawValue, .fyers, $0)
        }
      })
    #expect(catalogue.table.rowCount > 300)
    #expect(compact.rowCount == catalogue.table.rowCount)
    for row in 0..<UInt32(catalogue.table.rowCount) {
      let instrument = catalogue.table.instrument(row: row)
      #expect(compact.instrument(instrument.key)?.contract == instrument.contract)
      guard instrument.contract != .index else { continue }
      let other = try #require(fyers.instrument(instrument.key), "\(instrument.tradingSymbol)")
      #expect(other.contract == instrument.contract)
      #expect(other.lotSize == instrument.lotSize)
      #expect(other.tickSize == instrument.tickSize)
      #expect(other.brokerSymbol == catalogue.ticker(instrument))
      #expect(catalogue.instrument(ticker: other.brokerSymbol) == instrument)
    }
  }

  @Test(arguments: [
    ("NSE:NIFTY26NOVFUT", "1011261124"), ("NSE:NIFTY26D0126000CE", "1011261201"),
    ("NSE:NIFTY26DEC26000PE", "1011261229"),
    ("BSE:SENSEX26N2685000CE", ""), ("NSE:SBIN-EQ", "10100000003045"), ("NSE:NIFTY50-INDEX", "101000000026000"),
    ("MCX:CRUDEOIL26DECFUT", "1120261219"),
  ])
  func `tickers and tokens are Fyers'`(_ ticker: String, _ token: String) throws {
    let instrument = try Desk.symbols.get().instrument(ticker: ticker)
    guard !token.isEmpty else { return #expect(instrument == nil, "the last of its month has the monthly form") }
    var desk = try Desk()
    let answer = desk.fyers(.get, "/data/quotes", query: [("symbols", ticker)])
    let found = answer.json["d"]?.elements?.first?["v"]?["fyToken"]?.text
    #expect(found?.hasPrefix(token) == true, "\(found ?? "none")")
  }

  @Test func `the JSON master has freeze quantities`() throws {
    let bytes = try #require(try Desk.symbols.get().file("/sym_details/NSE_FO_sym_master.json"))
    let json = try JSONValue(parsing: bytes.span)
    #expect(json["NSE:NIFTY26NOVFUT"]?["qtyFreeze"]?.text == "1755")
    #expect(json["NSE:NIFTY26NOVFUT"]?["minLotSize"]?.integer == 65)
  }

  @Test func `files are served by path, and nothing else is`() throws {
    var desk = try Desk()
    #expect(desk.ask(BrokerRequest(.get, "/api-data/api-scrip-master-detailed.csv")).text.hasPrefix("EXCH_ID,"))
    #expect(desk.ask(BrokerRequest(.get, "/sym_details/BSE_CM.csv")).text.contains("BSE:SBIN-A"))
    #expect(desk.ask(BrokerRequest(.get, "/sym_details/../x.csv")).status == 404)
    #expect(desk.dhan(.get, "/instrument/BSE_EQ").text.split(separator: "\n").count == 3)
  }

  @Test func `a directory's files are served as they are, and the missing ones are made`() throws {
    let directory = FileManager.default.temporaryDirectory.path + "/simulator-symbols-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let day = Desk.start.indianDate
    #expect(throws: SymbolCatalogue.Unreadable.self) { try SymbolCatalogue.read(from: directory, on: day) }
    let detailed = Array(SampleSymbols.text(today: day).utf8)
    try Data(detailed).write(to: URL(fileURLWithPath: directory + "/api-scrip-master-detailed.csv"))
    try Data("truncated".utf8).write(to: URL(fileURLWithPath: directory + "/NSE_CM.csv"))
    let catalogue = try SymbolCatalogue.read(from: directory, on: day)
    #expect(catalogue.file("/api-data/api-scrip-master-detailed.csv") == detailed)
    #expect(catalogue.file("/sym_details/NSE_CM.csv") == Array("truncated".utf8))
    #expect(catalogue.file("/sym_details/NSE_FO.csv") == (try Desk.symbols.get().file("/sym_details/NSE_FO.csv")))
    #expect(catalogue.file("/sym_details/NSE_CD.csv") == nil)
  }
}
