import Actors
import BrokerSimulation
import OrderDomain
import TestSupport

/// How long does a name take to become an instrument, among as many as a real master has, and how long the master?
enum SymbolTrials {
  static let all =
    [
      find("a share", "RELIANCE"),
      find("a share with its exchange", "NSE:RELIANCE"),
      find("a share with its series", "RELIANCE-EQ"),
      find("Dhan's trading symbol", "NSE:RELIANCE-Nov2026-FUT"),
      find("Fyers' ticker", "NSE:NIFTY26D0126000CE"),
      find("TradingView's option", "NSE:NIFTY261201C26000"),
      find("TradingView's continuous future", "BANKNIFTY1!"),
      resolve("an option by what it is", monthlyPut),
      Trial("symbol: by its id", byKey),
      Trial("symbol: a name that nothing has", count: 1, unlisted),
      Trial("symbol: a master of 218,000 rows loaded", count: 1, load),
    ]

  static let day = Sample.opening.indianDate
  /// What ships with the engine.
  static let sample = certainly { try SymbolCatalogue.sample(on: day) }.table
  private static let file = SymbolFileGenerator(seed: 1, today: day).dhanDetailed()
  private static let master = table(file)

  private static let monthlyPut = InstrumentQuery.option(
    underlying: "BANKNIFTY", exchange: .nse, strike: price("58000"), type: .put, expiry: .monthly)

  private static func table(_ file: [UInt8]) -> SymbolTable {
    certainly {
      var builder = SymbolTableBuilder()
      try builder.add(file: "generated.csv", format: .dhanDetailed, bytes: file.span)
      return try builder.finish()
    }
  }

  private static func find(_ name: String, _ symbol: String) -> Trial {
    resolve("\(name), \(symbol)", .symbol(symbol, exchange: nil, hint: nil))
  }

  private static func resolve(_ name: String, _ query: InstrumentQuery) -> Trial {
    Trial("symbol: \(name)") { count, meter in
      let table = master
      let wanted = certainly { try table.resolve(query, today: day).get() }
      var last = wanted
      meter.measure {
        for _ in 0..<count {
          guard case .success(let instrument) = table.resolve(query, today: day) else { continue }
          last = instrument
          keep(last)
        }
      }
      require(last == wanted, "another instrument was found")
    }
  }

  private static func byKey(_ count: Int, _ meter: Meter) {
    let table = master
    let key = Sample.reliance.key
    meter.measure {
      for _ in 0..<count { keep(table.instrument(key)) }
    }
    require(table.instrument(key)?.tradingSymbol == "RELIANCE", "RELIANCE is not there")
  }

  private static func unlisted(_ count: Int, _ meter: Meter) {
    let table = master
    meter.measure {
      for _ in 0..<count {
        keep(table.resolve(.symbol("RELIANSE", exchange: nil, hint: nil), today: day))
      }
    }
  }

  private static func load(_ count: Int, _ meter: Meter) {
    let file = file
    var rowCount = 0
    meter.measure {
      for _ in 0..<count { rowCount = table(file).rowCount }
    }
    require(rowCount >= 218_000, "the master has \(rowCount) rows")
  }
}
