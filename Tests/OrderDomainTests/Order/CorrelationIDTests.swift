import OrderDomain
import TestSupport
import Testing

struct CorrelationIDTests {
  private func id(_ leg: Int, _ slice: Int, _ attempt: Int = 0, of alert: AlertIdentity = Sample.alert) -> CorrelationID
  {
    certain(CorrelationID(alert: alert, leg: leg, slice: slice, attempt: attempt))
  }

  /// An order that is at a broker today is looked for under these characters tomorrow: they may never change.
  @Test func `its characters are the same for ever`() {
    #expect(id(1, 1).description == "q04hmasw9nf6yzzp1010")
    #expect(id(31, 1023, 31).description == "q04hmasw9nf6yzzpzzzz")
    #expect(id(1, 1, of: AlertIdentity(high: 0, low: 0)).description == "q0000000000000001010")
  }

  @Test(arguments: [
    (0, 1, 0), (32, 1, 0), (-1, 1, 0), (1, 0, 0), (1, 1024, 0), (1, 1, -1), (1, 1, 32), (Int.max, Int.max, Int.max),
  ])
  func `numbers outside their ranges are refused`(leg: Int, slice: Int, attempt: Int) {
    #expect(CorrelationID(alert: Sample.alert, leg: leg, slice: slice, attempt: attempt) == nil)
  }

  @Test func `it is legal at both brokers, and reads back as itself`() {
    var random = SeededGenerator(seed: 4)
    let legal = Set("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    for _ in 0..<1_000 {
      let alert = AlertIdentity(high: random.next(), low: random.next())
      let id = id(
        .random(in: 1...31, using: &random),
        .random(in: 1...1023, using: &random), .random(in: 0...31, using: &random), of: alert)
      let text = id.description
      #expect(text.utf8.count == 20)
      #expect(text.utf8.allSatisfy { legal.contains($0) })
      #expect(CorrelationID(text) == id)
    }
  }

  @Test func `they stand in the order of their texts`() {
    var random = SeededGenerator(seed: 5)
    let ids = (0..<300).map { _ in
      let alert = AlertIdentity(high: random.next() % 4, low: random.next())
      return id(
        .random(in: 1...31, using: &random), .random(in: 1...1023, using: &random), .random(in: 0...31, using: &random),
        of: alert)
    }
    #expect(ids.sorted() == ids.sorted { $0.description < $1.description })
  }

  @Test func `no two orders of an alert share one`() {
    var seen: Set<String> = []
    for leg in 1...31 {
      for slice in 1...1023 { seen.insert(id(leg, slice).description) }
      for attempt in 1...31 { seen.insert(id(leg, 1, attempt).description) }
    }
    #expect(seen.count == 31 * 1023 + 31 * 31)
  }

  @Test func `two alerts that differ in their first 75 bits share none`() {
    let near = AlertIdentity(high: Sample.alert.high, low: Sample.alert.low ^ 1 << 53)
    let same = AlertIdentity(high: Sample.alert.high, low: Sample.alert.low ^ 1 << 52)
    #expect(id(1, 1, of: near) != id(1, 1))
    #expect(id(1, 1, of: same) == id(1, 1))
  }

  @Test(arguments: [
    "", "q", "q04hmasw9nf6yzzp101", "q04hmasw9nf6yzzp10100", "x04hmasw9nf6yzzp1010", "Q04hmasw9nf6yzzp1010",
    "q04hmasw9nf6yzzp1o10", "q04hmasw9nf6yzzP1010", "q00000000000000000000", "q00000000000000000010",
    "q00000000000000010 0",
    "q0000000000000001000", "q\u{301}04hmasw9nf6yzzp1010", "04hmasw9nf6yzzp1010q",
  ])
  func `what is not a tag of ours is refused`(text: String) {
    #expect(CorrelationID(text) == nil)
  }
}
