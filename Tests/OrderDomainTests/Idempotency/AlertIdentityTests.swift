import OrderDomain
import TestSupport
import Testing

struct AlertIdentityTests {
  @Test func `its text is the same for ever`() {
    #expect(AlertIdentity(high: 0, low: 0).description == "00000000000000000000000000")
    #expect(AlertIdentity(high: .max, low: .max).description == "7zzzzzzzzzzzzzzzzzzzzzzzzz")
    #expect(Sample.alert.description == "014d2pf2dbsqqzxq5tk1v58cgg")
  }

  @Test func `its text reads back as itself`() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<1_000 {
      let identity = AlertIdentity(high: random.next(), low: random.next())
      #expect(AlertIdentity(identity.description) == identity)
    }
  }

  @Test func `a body without an id is another alert in each window, and told apart by its orders' tags`() {
    var tags: Set<CorrelationID?> = []
    for window in Int64(0)..<1_000 {
      let identity = AlertIdentity(body: Sample.alert, window: window)
      #expect(identity.ledgerKey(Sample.alert) == Sample.alert)
      tags.insert(CorrelationID(alert: identity, leg: 1, slice: 1))
    }
    #expect(tags.count == 1_000)
    let keyed = AlertIdentity(high: 1, low: 2)
    #expect(keyed.ledgerKey(Sample.alert) == keyed)
  }

  @Test(arguments: [
    "", "0", "0000000000000000000000000", "000000000000000000000000000", "80000000000000000000000000",
    "zzzzzzzzzzzzzzzzzzzzzzzzzz", "0000000000000000000000000i", "0000000000000000000000000l",
    "0000000000000000000000000o", "0000000000000000000000000u", "0000000000000000000000000A",
    "000000000000000000000000\u{301}",
  ])
  func `other texts are refused`(text: String) {
    #expect(AlertIdentity(text) == nil)
  }
}
