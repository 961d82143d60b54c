import OrderDomain
import Testing

@testable import Actors

/// The numbers on disk. A line here may be added to, and never changed: journals of years ago are read with it.
struct WireCodedTests {
  private func check<Code: WireCoded & Equatable>(_ golden: [Code]) {
    for (number, code) in golden.enumerated() {
      #expect(code.wire == UInt8(number))
      #expect(Code(wire: UInt8(number)) == code)
    }
    for number in golden.count...255 { #expect(Code(wire: UInt8(number)) == nil) }
  }

  @Test func `every case has its number for ever, and no other number is a case`() {
    check([AlertFormat.optionOrder, .multiLegOrder, .native])
    check([ExecutionStyle.parallel, .sequential, .bracket])
    check([EndPolicy.unwind, .complete, .holdAndAlert])
    check([Side.buy, .sell])
    check([ProductType.intraday, .delivery, .margin])
    check([Validity.day, .immediateOrCancel])
    check([LegRole.entry, .stop, .target, .exit])
    check([
      OrderTransition.denied, .submitted, .notSent, .outcomeLost, .provenAbsent, .accepted, .rejected,
      .partiallyFilled, .filled, .cancelled, .expired,
    ])
    check([
      ExchangeSegment.nseEquity, .nseDerivatives, .nseCurrency, .nseCommodity, .nseIndex, .bseEquity, .bseDerivatives,
      .bseCurrency, .bseIndex, .mcxCommodity, .mcxIndex,
    ])
  }

  @Test func `record types have their numbers for ever`() {
    var random = EventSource(seed: 1)
    #expect(JournalEvent.engineStarted(EngineStart(version: "1")).type == 1)
    let alert = random.acceptedAlert()
    #expect(JournalEvent.alertAccepted(alert).type == (alert.key == alert.identity.ledgerKey(alert.bodyDigest) ? 2 : 8))
    #expect(JournalEvent.orderIntended(random.intendedOrder()).type == 3)
    #expect(JournalEvent.orderReported(random.report()).type == 4)
  }
}
