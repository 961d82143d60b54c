import OrderDomain
import TestSupport
import Testing

@testable import Actors

struct JournalFoldTests {
  private static let limit = 12
  private let place = JournalPosition(
    place: LogPlace(segment: 3, offset: 64), nextSequence: 77, chain: certain(ChainValue(Array(1...32))))

  private func history(
    _ seed: Int, _ count: Int, isTidy: Bool = false
  ) -> [(event: JournalEvent, time: Timestamp)] {
    var source = HistorySource(seed: UInt64(seed), isTidy: isTidy)
    return (0..<count).map { _ in source.next() }
  }

  private func folded(_ events: some Sequence<(event: JournalEvent, time: Timestamp)>) -> JournalFold {
    var fold = JournalFold(latestLimit: JournalFoldTests.limit)
    for (event, time) in events { fold.fold(event, at: time) }
    return fold
  }

  private func bytes(_ fold: JournalFold) -> [UInt8] {
    JournalSnapshot(position: place, fold: fold).encoded(digest: LengthDigest())
  }

  private func taken(_ bytes: [UInt8]) throws -> JournalFold {
    try JournalSnapshot(
      bytes, digest: LengthDigest(), into: JournalFold(latestLimit: JournalFoldTests.limit)
    ).fold
  }

  // MARK: Snapshots

  @Test(arguments: 0..<25)
  func `a snapshot anywhere and what came after it make the same fold as all records`(seed: Int) throws {
    let events = history(seed, 600)
    let whole = bytes(folded(events))
    var random = SeededGenerator(seed: UInt64(seed) + 1_000)
    for _ in 0..<4 {
      let cut = Int.random(in: 0...events.count, using: &random)
      var fold = try taken(bytes(folded(events[..<cut])))
      let second = Int.random(in: cut...events.count, using: &random)
      for (event, time) in events[cut..<second] { fold.fold(event, at: time) }
      // A snapshot of a snapshot, too.
      fold = try taken(bytes(fold))
      for (event, time) in events[second...] { fold.fold(event, at: time) }
      #expect(bytes(fold) == whole, "cut at \(cut) and \(second)")
    }
  }

  /// What a start restores, compared with a plain fold that keeps everything.
  @Test(arguments: 0..<25)
  func `retiring an alert loses no fill, no identity, no count and no price`(seed: Int) {
    let events = history(seed, 800, isTidy: true)
    let fold = folded(events)
    var everything = JournalFold(latestLimit: .max)
    for (event, time) in events { everything.fold(event, at: time) }
    let now = fold.newest
    #expect(fold.keptAlerts.count < everything.keptAlerts.count)
    #expect(fold.startCount == everything.startCount)
    #expect(identities(fold, at: now) == identities(everything, at: now))
    #expect(positions(fold) == positions(everything))
    #expect(fold.sentCounts(on: now.indianDate) == everything.sentCounts(on: now.indianDate))
    #expect(fold.lastPrices == everything.lastPrices)
  }

  private func identities(_ fold: JournalFold, at now: Timestamp) -> [AlertIdentity: Timestamp] {
    var known: [AlertIdentity: Timestamp] = [:]
    for alert in fold.remembered where alert.until >= now { known[alert.identity] = alert.until }
    for alert in fold.keptAlerts where alert.accepted.rememberedUntil >= now {
      known[alert.accepted.identity] = alert.accepted.rememberedUntil
    }
    return known
  }

  private func positions(_ fold: JournalFold) -> [String: [Int128]] {
    var totals: [String: [Int128]] = [:]
    func add(_ request: OrderRequest, _ side: Side, _ units: Int64, _ value: Money) {
      guard units != 0 else { return }
      let key = "\(request.account) \(request.instrument.tradingSymbol) \(side)"
      var sums = totals[key] ?? [0, 0]
      sums[0] += Int128(units)
      sums[1] += value.tenThousandths
      totals[key] = sums
    }
    for position in fold.positions {
      for (side, units, value) in [
        (Side.buy, position.boughtUnits, position.boughtValue), (.sell, position.soldUnits, position.soldValue),
      ] where units != 0 {
        totals["\(position.account) \(position.instrument.tradingSymbol) \(side)"] = [
          Int128(units), value.tenThousandths,
        ]
      }
    }
    for alert in fold.keptAlerts {
      for folded in alert.orders() {
        add(folded.request, folded.request.side, folded.order.filledQuantity.units, folded.order.filledValue)
      }
    }
    return totals
  }

  @Test func `an open order keeps its alert, however old it is`() {
    var source = HistorySource(seed: 5)
    var fold = JournalFold(latestLimit: 2)
    var first: AcceptedAlert?
    while first == nil {
      let (event, time) = source.next()
      if case .alertAccepted(let accepted) = event {
        first = accepted
        fold.fold(event, at: time)
      }
    }
    for _ in 0..<2_000 {
      let (event, time) = source.next()
      if case .alertAccepted = event { fold.fold(event, at: time) }
    }
    #expect(fold.keptAlerts.contains { $0.accepted.identity == first?.identity })
    #expect(fold.remembered.isEmpty)
  }

  // MARK: Damage

  @Test func `a snapshot with any bit turned over, or cut anywhere, is refused`() throws {
    let whole = JournalSnapshot(position: place, fold: folded(history(3, 60))).encoded(digest: TestDigest())
    #expect(throws: Never.self) {
      try JournalSnapshot(whole, digest: TestDigest(), into: JournalFold(latestLimit: JournalFoldTests.limit))
    }
    for offset in stride(from: 0, to: whole.count, by: whole.count > 4_000 ? 7 : 1) {
      var flipped = whole
      flipped[offset] ^= 1 << UInt8(offset % 8)
      #expect(throws: JournalSnapshot.Damage.self, "byte \(offset)") {
        try JournalSnapshot(flipped, digest: TestDigest())
      }
    }
    for count in stride(from: 0, to: whole.count, by: 97) {
      #expect(throws: JournalSnapshot.Damage.self) {
        try JournalSnapshot(Array(whole.prefix(count)), digest: TestDigest())
      }
    }
    #expect(throws: JournalSnapshot.Damage.byteCount) { try JournalSnapshot(whole + [0], digest: TestDigest()) }
  }

  @Test func `a snapshot says where the journal goes on`() throws {
    let snapshot = try JournalSnapshot(
      JournalSnapshot(position: place, fold: JournalFold()).encoded(digest: TestDigest()), digest: TestDigest())
    #expect(snapshot.position == place)
    #expect(snapshot.lastSequence == 76)
  }
}
