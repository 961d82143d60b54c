import OrderDomain
internal import Synchronization

/// The day of the symbol files that an account uses.
final class SymbolDay: Sendable {
  private let day = Mutex<CalendarDate?>(nil)

  var value: CalendarDate? { day.withLock { $0 } }

  func set(_ newDay: CalendarDate?) { day.withLock { $0 = newDay } }
}
