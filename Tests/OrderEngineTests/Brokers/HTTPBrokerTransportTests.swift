import Brokers
import HTTP
import OrderDomain
import Ring
import Testing

@testable import OrderEngine

/// What the transport says of calls that never became one.
@Suite(.timeLimit(.minutes(1)))
struct HTTPBrokerTransportTests {
  private func cause(_ token: String, address: String) async throws -> String {
    let thread = try EventLoop.start(name: "transport")
    let client = try HTTPClient(loop: thread.loop)
    let transport = HTTPBrokerTransport(client: client, trading: address)
    let call = DhanCalls(settings: DhanSettings(clientID: "1")).cancel(
      try #require(BrokerOrderID("7")), token: Secret(token))
    let result = await transport.send(call, deadline: .seconds(2))
    await withCheckedContinuation { continuation in
      thread.loop.execute {
        client.close()
        continuation.resume()
      }
    }
    await thread.stopAndWait()
    switch result {
    case .notSent(let cause): return "not sent: \(cause)"
    case .perhapsSent(let cause): return "perhaps sent: \(cause)"
    case .answer(let answer): return "answer \(answer.status)"
    }
  }

  @Test("nobody listens: certainly not sent")
  func refused() async throws {
    // Port 1 of loopback: a service that no machine runs.
    #expect(try await cause("t", address: "http://127.0.0.1:1").hasPrefix("not sent: "))
  }

  @Test(
    "a token that would end its header line is not sent, and not told", arguments: ["a\r\nX-Evil: 1", "a\u{0}b", "a\n"])
  func injection(_ token: String) async throws {
    let text = try await cause(token, address: "http://127.0.0.1:1")
    #expect(text == "not sent: the field access-token cannot be sent")
  }

  @Test("plain text leaves to loopback alone")
  func plainText() async throws {
    #expect(try await cause("t", address: "http://198.51.100.7").hasPrefix("not sent: "))
  }
}
