import Actors
import OrderDomain

/// The last traded prices of one account's broker: asked for where a limit on an alert's value needs one, once however many
/// alerts need it.
actor PriceDesk {
  nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  /// How long an alert waits for a price: its sender, TradingView, waits 3 s in all.
  static let patience = Duration.seconds(2)
  /// The same while there is no living token: an order would wait for the new one, too, and no sender would be told sooner.
  static let tokenPatience = Duration.seconds(15)

  /// Reads prices, with a token and within the account's limits, no later than at the deadline.
  typealias Read = @Sendable ([Instrument], _ deadline: Timestamp) async -> Result<[BrokerQuote], BrokerReadFailure>

  private let executor: any SerialExecutor
  private let taskExecutor: (any TaskExecutor)?
  private let wallClock: any WallClock
  private let hasToken: @Sendable () async -> Bool
  private let read: Read
  private let alarm: @Sendable (BrokerReadFailure) -> Void
  private let book = QuoteBook()
  private var calls: [(id: UInt64, instruments: Set<InstrumentKey>, task: Task<Void, Never>)] = []
  private var nextID: UInt64 = 0
  /// Alerts that wait for a price.
  private(set) var waitingCount = 0

  init(
    executor: any SerialExecutor & Sendable, wallClock: any WallClock,
    hasToken: @escaping @Sendable () async -> Bool, read: @escaping Read,
    alarm: @escaping @Sendable (BrokerReadFailure) -> Void
  ) {
    self.executor = executor
    taskExecutor = executor as? any TaskExecutor
    self.wallClock = wallClock
    self.hasToken = hasToken
    self.read = read
    self.alarm = alarm
  }

  /// `nil` for one that has not been asked for lately.
  func lastPrice(_ instrument: InstrumentKey) -> Price? { book.lastPrice(instrument, at: wallClock.now()) }

  /// Returns when the broker has told them, or cannot.
  func fetch(_ instruments: [Instrument]) async {
    waitingCount += 1
    defer { waitingCount -= 1 }
    let keys = Set(instruments.map(\.key))
    // Only a call that asks for all of them: one that fails for another's instrument would fail for these, too.
    let task = calls.first { keys.isSubset(of: $0.instruments) }?.task ?? begin(instruments, keys)
    // Alerts are cancelled all together, when the engine stops.
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func begin(_ instruments: [Instrument], _ keys: Set<InstrumentKey>) -> Task<Void, Never> {
    nextID += 1
    let id = nextID
    let task = Task(executorPreference: taskExecutor) {
      await self.ask(instruments)
      await self.ended(id)
    }
    calls.append((id, keys, task))
    return task
  }

  private func ended(_ id: UInt64) { calls.removeAll { $0.id == id } }

  private func ask(_ instruments: [Instrument]) async {
    var hasBeenRefused = false
    while true {
      let patience = await hasToken() ? PriceDesk.patience : PriceDesk.tokenPatience
      let deadline = wallClock.now().adding(nanoseconds: patience.components.seconds * 1_000_000_000)
      switch await read(instruments, deadline) {
      case .success(let quotes): return book.add(quotes, at: wallClock.now())
      // The refusal has been reported, and the next try waits for the new token.
      case .failure(.tokenRefused) where !hasBeenRefused: hasBeenRefused = true
      case .failure(let failure): return alarm(failure)
      }
    }
  }
}
