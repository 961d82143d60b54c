import Ring
import Testing

@testable import HTTP

@Suite struct TicketKeysTests {
  private func found(_ name: [UInt8], in keys: TicketKeys) -> TicketKeys.Key? { keys.key(named: name.span) }

  @Test func `a key seals for its lifetime, and opens for as long again`() {
    var chance = SplitMix(seed: 1)
    var keys = TicketKeys(at: start, using: &chance)
    let first = keys.current
    #expect(found(first.name, in: keys) == first)
    keys.rotate(at: start.advanced(by: TicketKeys.lifetime - .nanoseconds(1)), using: &chance)
    #expect(keys.current == first && keys.previous == nil)
    keys.rotate(at: start.advanced(by: TicketKeys.lifetime), using: &chance)
    let second = keys.current
    #expect(second != first && keys.previous == first)
    #expect(found(first.name, in: keys) == first)
    keys.rotate(at: start.advanced(by: TicketKeys.lifetime * 2), using: &chance)
    #expect(keys.previous == second)
    #expect(found(first.name, in: keys) == nil)
  }

  @Test func `a night without a visitor leaves no old key`() {
    var chance = SplitMix(seed: 1)
    var keys = TicketKeys(at: start, using: &chance)
    let first = keys.current
    keys.rotate(at: start.advanced(by: TicketKeys.lifetime * 2), using: &chance)
    #expect(keys.previous == nil)
    #expect(found(first.name, in: keys) == nil)
  }

  @Test func `a name of another length is nobody's`() {
    var chance = SplitMix(seed: 1)
    let keys = TicketKeys(at: start, using: &chance)
    #expect(found([], in: keys) == nil)
    #expect(found(Array(keys.current.name[..<15]), in: keys) == nil)
  }
}
