import OrderDomain
import Testing

struct OrderStateTests {
  /// One row a state, one column an event; a point is a contradiction.
  private static let table = """
    state            denied submitted not_sent outcome_lost proven_absent accepted  rejected partially_filled filled cancelled expired
    created          denied submitted .        .            .             accepted  rejected partially_filled filled cancelled expired
    submitted        .      .         created  unknown      .             accepted  rejected partially_filled filled cancelled expired
    unknown          .      .         .        unknown      created       accepted  rejected partially_filled filled cancelled expired
    accepted         .      .         .        accepted     .             accepted  rejected partially_filled filled cancelled expired
    partially_filled .      .         .        partially_filled .         partially_filled . partially_filled filled cancelled expired
    filled           .      .         .        filled       .             filled    .        filled           filled .         .
    denied           .      .         .        .            .             .         .        .                .      .         .
    rejected         .      .         .        rejected     .             rejected  rejected .                .      .         .
    cancelled        .      .         .        cancelled    .             cancelled .        cancelled        filled cancelled .
    expired          .      .         .        expired      .             expired   .        expired          filled .         expired
    """

  private static let columns: [Substring: OrderTransition] = [
    "denied": .denied, "submitted": .submitted, "not_sent": .notSent, "outcome_lost": .outcomeLost,
    "proven_absent": .provenAbsent, "accepted": .accepted, "rejected": .rejected,
    "partially_filled": .partiallyFilled, "filled": .filled, "cancelled": .cancelled, "expired": .expired,
  ]

  @Test func `every state answers every event as the table says`() throws {
    let rows = Self.table.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(rows.count == 1 + OrderState.allCases.count)
    #expect(rows[0].count == 1 + OrderTransition.allCases.count)
    for row in rows.dropFirst() {
      let state = try #require(OrderState.allCases.first { $0.code == row[0] })
      for (name, cell) in zip(rows[0].dropFirst(), row.dropFirst()) {
        let transition = try #require(Self.columns[name])
        let next = OrderState.allCases.first { $0.code == cell }
        #expect(state.after(transition) == next, "\(state) after \(transition)")
        #expect((next == nil) == (cell == "."))
      }
    }
  }

  @Test func `final states stay as they are, but for a fill that won the race`() {
    for state in OrderState.allCases where state.isFinal {
      for transition in OrderTransition.allCases {
        guard let next = state.after(transition), next != state else { continue }
        #expect(next == .filled && transition == .filled && (state == .cancelled || state == .expired))
      }
    }
  }

  @Test func `only news from the broker leads out of unknown`() {
    let ours: Set<OrderTransition> = [.denied, .submitted, .notSent, .outcomeLost]
    for transition in OrderTransition.allCases {
      let next = OrderState.unknown.after(transition)
      #expect(ours.contains(transition) == (next == nil || next == .unknown))
    }
  }

  @Test func `nothing but proof leads back to created`() {
    for state in OrderState.allCases {
      for transition in OrderTransition.allCases where state.after(transition) == .created {
        #expect((state, transition) == (.submitted, .notSent) || (state, transition) == (.unknown, .provenAbsent))
      }
    }
  }

  @Test func `what is perhaps at the broker counts as exposure, and nothing is both live and final`() {
    let live = OrderState.allCases.filter(\.isPossiblyLive)
    #expect(live == [.submitted, .unknown, .accepted, .partiallyFilled])
    #expect(live.allSatisfy { !$0.isFinal })
  }
}
