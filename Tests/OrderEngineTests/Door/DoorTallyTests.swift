import OrderDomain
import Testing

@testable import OrderEngine

@Suite("Who is turned away is counted each time and told of once in a while")
struct DoorTallyTests {
  @Test func `one message a minute, with how many there were`() throws {
    var tally = DoorTally(door: "webhook")
    let caller = Caller(try #require(SenderAddress("192.0.2.7")))
    func count(_ second: Int64) -> Refusal? {
      tally.count(.wrongSecret, from: caller, at: Uptime(nanoseconds: second * 1_000_000_000))
    }
    let first = try #require(count(0))
    #expect(first.cause.contains("192.0.2.7") && first.cause.contains("1 request was"))
    for second in 1..<60 { #expect(count(Int64(second)) == nil) }
    #expect(try #require(count(60)).cause.contains("60 requests were"))
    #expect(tally.count(.wrongSecret) == 61)
    #expect(tally.metrics().contains("{door=\"webhook\",reason=\"wrong_secret\"} 61\n"))
  }
}
