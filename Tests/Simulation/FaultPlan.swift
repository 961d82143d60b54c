/// Which faults a world has, how often, and until when. Each seed draws its own mixture: of most families a world has
/// nothing at all, so that rare combinations are not always hidden behind common ones.
final class FaultPlan: @unchecked Sendable {
  // Unchecked: see SimulatedExecutor.
  enum Kind: String, CaseIterable {
    // On the way to a broker.
    case notSent, lostRequest, resetRequest, lostAnswer, resetAnswer, slowRequest, slowAnswer
    // What brokers say.
    case tooManyCalls, serverErrorTaken, serverErrorNotTaken, page, empty, brokenJSON, garbage, tokenDeath
    // What brokers do.
    case partlyRejected, rejected, stuckInTransit, staleBooks
    // Of the token's source.
    case tokenNotIssued
    // The disk.
    case slowFlush, writeFails, flushFails, diskFull
    // The machine.
    case kill, powerCut, stop, clockJump
    // The senders.
    case lostReply, twins, laterTwin, keyReused, staleAlert, badAlert, repeatedWithoutKey
  }

  /// In a thousand of the occasions; 0 for a kind that this world does not have.
  private var rates: [Int]
  private var amounts: [Int]
  private var chance: Chance
  private(set) var isOver = false

  init(seed: UInt64) {
    var chance = Chance(seed: seed, stream: 3)
    rates = [Int](repeating: 0, count: Kind.allCases.count)
    amounts = rates
    // A tenth of all worlds is calm: there everything must go well.
    let isCalm = chance.perMille(100)
    let share = chance.below(700)
    for (index, kind) in Kind.allCases.enumerated() {
      let isOn = chance.perMille(share)
      let rate = 1 + chance.below(kind.mostPerMille)
      if isOn, !isCalm { rates[index] = rate }
    }
    self.chance = chance
  }

  /// No faults but those that are set.
  init(seed: UInt64, only rates: [Kind: Int]) {
    chance = Chance(seed: seed, stream: 3)
    self.rates = Kind.allCases.map { rates[$0] ?? 0 }
    amounts = [Int](repeating: 0, count: Kind.allCases.count)
  }

  func rate(_ kind: Kind) -> Int { rates[index(kind)] }

  /// Whether the fault happens on this occasion, which is then counted.
  func happens(_ kind: Kind) -> Bool {
    let rate = rates[index(kind)]
    guard rate > 0, !isOver, chance.perMille(rate) else { return false }
    amounts[index(kind)] += 1
    return true
  }

  func happened(_ kind: Kind) -> Int { amounts[index(kind)] }

  func count(_ kind: Kind) { amounts[index(kind)] += 1 }

  /// From here on everything goes well.
  func end() { isOver = true }

  private func index(_ kind: Kind) -> Int { FaultPlan.indices[kind] ?? 0 }

  private static let indices = Dictionary(uniqueKeysWithValues: Kind.allCases.enumerated().map { ($1, $0) })
}

extension FaultPlan.Kind {
  /// How often it happens at most.
  fileprivate var mostPerMille: Int {
    switch self {
    case .kill, .powerCut, .stop, .diskFull: 1_000
    case .writeFails, .flushFails: 10
    case .slowFlush, .tokenDeath, .staleBooks: 50
    case .clockJump: 1_000
    case .lostReply, .twins, .laterTwin, .keyReused, .staleAlert, .badAlert, .repeatedWithoutKey: 300
    case .tokenNotIssued: 500
    case .notSent, .lostRequest, .resetRequest, .lostAnswer, .resetAnswer, .slowRequest, .slowAnswer, .tooManyCalls,
      .serverErrorTaken, .serverErrorNotTaken, .page, .empty, .brokenJSON, .garbage, .partlyRejected, .rejected,
      .stuckInTransit:
      200
    }
  }
}
