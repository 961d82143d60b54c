import Actors
import OrderDomain
import TestSupport
import Testing

struct AlertLedgerStateTests {
  private func id(_ number: Int) -> AlertIdentity { AlertIdentity(high: UInt64(number), low: 0) }
  private func at(_ second: Int64) -> Timestamp { Sample.opening.adding(nanoseconds: second * 1_000_000_000) }

  private func admit(
    _ state: inout AlertLedgerState, _ number: Int, body: Int = 0, until: Int64 = 100, now: Int64 = 0
  ) -> AlertLedgerState.Admission {
    state.admit(id(number), bodyDigest: id(body), rememberedUntil: at(until), at: at(now))
  }

  @Test func `an alert is new, then in flight, then a duplicate`() {
    var state = AlertLedgerState()
    #expect(admit(&state, 1) == .new)
    #expect(admit(&state, 1) == .duplicateInFlight)
    #expect(state.isInFlight(id(1)))
    state.confirm(id(1))
    #expect(admit(&state, 1) == .duplicate)
    #expect(!state.isInFlight(id(1)))
    #expect(state.isKnown(id(1)))
    #expect(admit(&state, 2) == .new)
    #expect(state.count == 2)
  }

  @Test func `the same key with another body is a conflict, in flight or not`() {
    var state = AlertLedgerState()
    _ = admit(&state, 1, body: 7)
    #expect(admit(&state, 1, body: 8) == .conflict)
    state.confirm(id(1))
    #expect(admit(&state, 1, body: 8) == .conflict)
    #expect(admit(&state, 1, body: 7) == .duplicate)
  }

  @Test func `what was not taken is new when it comes again, with any body`() {
    var state = AlertLedgerState()
    _ = admit(&state, 1, body: 7)
    state.forget(id(1))
    #expect(!state.isKnown(id(1)))
    #expect(admit(&state, 1, body: 8) == .new)
  }

  @Test func `it is remembered to the end of its window, and no longer`() {
    var state = AlertLedgerState()
    _ = admit(&state, 1, until: 30)
    state.confirm(id(1))
    #expect(admit(&state, 1, now: 30) == .duplicate)
    #expect(state.admit(id(1), bodyDigest: id(0), rememberedUntil: at(60), at: at(30).adding(nanoseconds: 1)) == .new)
  }

  @Test func `one in flight outlives its window, until its end is known`() {
    var state = AlertLedgerState()
    _ = admit(&state, 1, until: 30)
    #expect(admit(&state, 1, now: 1_000) == .duplicateInFlight)
    #expect(admit(&state, 2, until: 5_000, now: 1_001) == .new)
    state.confirm(id(1))
    #expect(admit(&state, 2, now: 2_000) == .duplicateInFlight)
    #expect(!state.isKnown(id(1)))
  }

  @Test func `a window that begins anew is not ended by the old one`() {
    var state = AlertLedgerState()
    _ = admit(&state, 1, until: 10)
    state.forget(id(1))
    _ = admit(&state, 1, until: 100)
    state.confirm(id(1))
    #expect(admit(&state, 1, now: 50) == .duplicate)
  }

  @Test func `what the journal remembers is a duplicate after a restart`() {
    var state = AlertLedgerState()
    state.restore(id(1), bodyDigest: id(7), rememberedUntil: at(100))
    #expect(admit(&state, 1, body: 7) == .duplicate)
    #expect(admit(&state, 1, body: 8) == .conflict)
    #expect(admit(&state, 1, body: 8, until: 300, now: 200) == .new)
  }

  @Test func `a full ledger refuses, forgets nothing, and says when there is room`() {
    var state = AlertLedgerState(capacity: 3)
    for number in 1...3 {
      _ = admit(&state, number, until: 10 * Int64(number))
      state.confirm(id(number))
    }
    #expect(admit(&state, 4, now: 4) == .full(retryAfter: 6_000_000_000))
    #expect(admit(&state, 1, now: 4) == .duplicate)
    #expect(state.count == 3)
    #expect(admit(&state, 4, now: 11) == .new)
  }

  /// It used to need room of its own while the old entry still stood.
  @Test func `an alert whose window has passed makes room for itself`() {
    var state = AlertLedgerState(capacity: 12)
    for number in 1...12 {
      _ = admit(&state, number, until: 10)
      state.confirm(id(number))
    }
    // Eight are taken out at once, and the ninth to the twelfth not yet.
    for number in 1...12 { #expect(admit(&state, number, until: 50, now: 20) == .new) }
    #expect(state.count == 12)
    #expect(admit(&state, 13, now: 20) == .full(retryAfter: 30_000_000_000))
  }

  @Test func `at most eight are taken out a call`() {
    var state = AlertLedgerState()
    for number in 0..<100 {
      _ = admit(&state, number, until: 10)
      state.confirm(id(number))
    }
    for call in 1...12 {
      _ = admit(&state, 1_000 + call, until: 1_000, now: 20)
      #expect(state.count == 100 - 8 * call + call)
    }
  }

  @Test func `it answers like a table that is searched from end to end`() {
    struct Row {
      let body: Int
      let until: Int64
      var isInFlight: Bool
    }
    for seed in 0..<20 as Range<UInt64> {
      var random = SeededGenerator(seed: seed)
      var state = AlertLedgerState()
      var table: [Int: Row] = [:]
      var now: Int64 = 0
      for _ in 0..<2_000 {
        now += .random(in: 0...3, using: &random)
        let number = Int.random(in: 0..<40, using: &random)
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<6:
          let body = Int.random(in: 0..<2, using: &random)
          let until = now + .random(in: 0...60, using: &random)
          let expected: AlertLedgerState.Admission
          if let row = table[number], row.isInFlight || row.until >= now {
            expected = row.body != body ? .conflict : row.isInFlight ? .duplicateInFlight : .duplicate
          } else {
            expected = .new
            table[number] = Row(body: body, until: until, isInFlight: true)
          }
          #expect(admit(&state, number, body: body, until: until, now: now) == expected, "seed \(seed)")
        case 6..<9:
          state.confirm(id(number))
          table[number]?.isInFlight = false
        default:
          state.forget(id(number))
          table[number] = nil
        }
      }
      #expect(state.count <= 40)
    }
  }
}
