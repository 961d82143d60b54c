import Actors
import BrokerSimulation
import Brokers
import OrderDomain

/// What all worlds trade: the sample of one day, in either broker's spelling.
enum Instruments {
  /// 2026-11-24, 09:15:00 in India: a Tuesday, on which an index option expires.
  static let opening = Timestamp(nanoseconds: 1_795_491_900_000_000_000)

  static let catalogue: SymbolCatalogue = {
    do throws(SymbolFileError) {
      return try SymbolCatalogue.sample(on: opening.indianDate)
    } catch {
      preconditionFailure("the sample is whole: \(error)")
    }
  }()

  static let fyersTable: SymbolTable = {
    do throws(SymbolFileError) {
      var builder = SymbolTableBuilder()
      for name in ["NSE_CM", "NSE_FO", "BSE_CM", "BSE_FO", "MCX_COM"] {
        let bytes = catalogue.file("/sym_details/\(name).csv") ?? []
        try builder.add(file: name, format: .fyers, bytes: bytes.span)
      }
      return try builder.finish()
    } catch {
      preconditionFailure("the sample is whole: \(error)")
    }
  }()

  static func table(_ broker: Broker) -> SymbolTable { broker == .fyers ? fyersTable : catalogue.table }

  static let shares = ["RELIANCE", "TCS", "INFY", "HDFCBANK", "SBIN"]
}
