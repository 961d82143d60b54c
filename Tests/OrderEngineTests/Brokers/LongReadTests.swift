import Brokers
import OrderDomain
import Ring
import TestSupport
import Testing

/// A day's order book is megabytes: reading it may not hold the engine's thread up.
@Suite(.timeLimit(.minutes(1)))
struct LongReadTests {
  private struct Answering: BrokerTransport {
    let size: Int

    func send(_ call: BrokerCall, deadline: Duration) async -> BrokerTransportResult {
      .answer(BrokerAnswer(status: 200, body: [UInt8](repeating: 0x20, count: size)))
    }
  }

  @Test(
    "a short answer is read where it came, a long one elsewhere, and both come back",
    arguments: [(0, true), (BrokerLine.inlineLimit, true), (BrokerLine.inlineLimit + 1, false), (1 << 20, false)])
  func place(_ size: Int, _ staysOnLoop: Bool) async throws {
    let thread = try EventLoop.start(name: "reading")
    let loop = thread.loop
    let line = BrokerLine(transport: Answering(size: size), wallClock: ManualWallClock(Sample.opening))
    let seen = try await Task(executorPreference: loop) {
      let wasOnLoop = try await line.read(
        token: Secret("t"),
        { token in
          DhanCalls(settings: DhanSettings(clientID: "1")).orderBook(token: token)
        }
      ) { _, _ in loop.isOnLoop }
      return (wasOnLoop, loop.isOnLoop)
    }.value
    #expect(seen == (staysOnLoop, true))
    await thread.stopAndWait()
  }
}
