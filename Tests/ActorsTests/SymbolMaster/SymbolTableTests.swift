import BrokerSimulation
import OrderDomain
import TestSupport
import Testing

@testable import Actors

@Suite struct SymbolTableTests {
  static let today = day(2026, 11, 23)

  @Test(
    "every row of Dhan's files resolves by each of its names to itself, or is called ambiguous", arguments: [1, 2, 3])
  func dhanNames(seed: UInt64) throws {
    let generator = SymbolFileGenerator(seed: seed, today: Self.today, percent: 1)
    let table = try SymbolTable.read([
      SymbolFile(name: "dhan.csv", format: .dhanCompact, content: generator.dhanCompact())
    ])
    #expect(table.rowCount == generator.symbols.count)
    for symbol in generator.symbols {
      let key = InstrumentKey(segment: symbol.segment, securityID: SecurityID(UInt64(symbol.id)))
      let made = try #require(table.instrument(key))
      #expect(made.tradingSymbol == symbol.dhanTradingSymbol)
      #expect(made.tickSize.price.tenThousandths == Int64(symbol.tickTenThousandths))
      let exchange = symbol.segment.exchange
      for name in [
        symbol.dhanTradingSymbol, "\(symbol.exchangeCode):\(symbol.dhanTradingSymbol)", symbol.dhanDisplayName,
      ] {
        switch (symbol.kind, table.find(name, exchange, on: Self.today)) {
        case (.index, .failure(.notTradable)), (_, .failure(.ambiguous)): continue
        case (_, .success(let found)):
          // Two segments of one exchange may list one mnemonic; the same name at the same exchange is the same share.
          #expect(found.key == key, "\(name)")
        case (_, .failure(let failure)): Issue.record("\(name): \(failure)")
        }
      }
      let label = table.label(try #require(table.rowNumber(key)))
      if case .index = symbol.kind { continue }
      #expect(try table.find(label, on: Self.today).get().key == key, "\(label)")
    }
  }

  @Test("every row of Fyers' files resolves by its ticker and by what it is", arguments: [1, 2])
  func fyersNames(seed: UInt64) throws {
    let generator = SymbolFileGenerator(seed: seed, today: Self.today, percent: 1)
    let table = try SymbolTable.read(
      FyersFile.allCases.map { SymbolFile(name: $0.rawValue, format: .fyers, content: generator.fyers($0)) })
    for symbol in generator.symbols {
      if case .index = symbol.kind { continue }
      let found = try table.find(symbol.fyersTicker, on: Self.today).get()
      #expect(found.brokerSymbol == symbol.fyersTicker)
      #expect(found.key == InstrumentKey(segment: symbol.segment, securityID: SecurityID(UInt64(symbol.id))))
      if case .option(let type) = symbol.kind {
        let strike = try #require(Price(tenThousandths: symbol.strike))
        let byTerms = table.resolve(
          .option(
            underlying: symbol.underlying, exchange: symbol.segment.exchange, strike: strike, type: type,
            expiry: .date(symbol.expiry)), today: Self.today)
        #expect(try byTerms.get().key == found.key)
      }
    }
  }

  @Test("Fyers' tickers resolve against Dhan's master too")
  func foreignTickers() throws {
    let generator = SymbolFileGenerator(seed: 5, today: Self.today, percent: 1)
    let table = try SymbolTable.read([
      SymbolFile(name: "dhan.csv", format: .dhanCompact, content: generator.dhanCompact())
    ])
    for symbol in generator.symbols {
      guard case .option = symbol.kind else { continue }
      let found = try table.find(symbol.fyersTicker, on: Self.today).get()
      #expect(found.key.securityID == SecurityID(UInt64(symbol.id)), "\(symbol.fyersTicker)")
    }
  }

  @Test("a full master takes at most 24 MB")
  func fullSize() throws {
    let generator = SymbolFileGenerator(seed: 1, today: Self.today)
    #expect(generator.symbols.count >= 218_000)
    let table = try SymbolTable.read([
      SymbolFile(name: "dhan.csv", format: .dhanCompact, content: generator.dhanCompact())
    ])
    #expect(table.rowCount == generator.symbols.count)
    #expect(table.byteCount <= 24_000_000)
    #expect(MemoryLayout<SymbolRow>.stride == 48)
    #expect(try table.find("RELIANCE", on: Self.today).get().key.securityID == SecurityID(2_885))
    guard case .failure(.notFound(_, let suggestions)) = table.find("RELIANSE", on: Self.today) else {
      Issue.record("found")
      return
    }
    #expect(suggestions.first == "RELIANCE")
  }
}
