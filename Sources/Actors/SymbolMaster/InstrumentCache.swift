internal import OrderDomain
internal import Synchronization

/// The `Instrument` objects that were asked for lately, by row: an order path that trades the same contracts all day
/// makes each of them once. Belongs to one table and goes with it, so that nothing can be out of date.
///
/// Direct-mapped: a row displaces the row in its place. The lock is held for one array access and, on the engine's
/// thread, never contended.
final class InstrumentCache: Sendable {
  private static let capacity = 1_024
  private struct Entry {
    var row = SymbolRow.none
    var instrument: Instrument?
  }
  private let entries = Mutex([Entry](repeating: Entry(), count: InstrumentCache.capacity))

  static let byteCount = capacity * MemoryLayout<Entry>.stride

  subscript(row: UInt32) -> Instrument? {
    get {
      entries.withLock { entries in
        let entry = entries[Int(row) % InstrumentCache.capacity]
        return entry.row == row ? entry.instrument : nil
      }
    }
    set {
      entries.withLock { $0[Int(row) % InstrumentCache.capacity] = Entry(row: row, instrument: newValue) }
    }
  }
}
