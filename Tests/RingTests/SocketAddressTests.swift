import Ring
import Testing

struct SocketAddressTests {
  @Test(
    "Addresses read as they are written",
    arguments: [
      "127.0.0.1:8080", "0.0.0.0:0", "255.255.255.255:65535", "[::1]:80", "[2001:db8::5]:443", "[::ffff:1.2.3.4]:1",
    ])
  func roundTrip(_ text: String) throws {
    #expect(try SocketAddress(text).description == text)
  }

  @Test(
    "What is not an address and port is refused",
    arguments: [
      "", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1", "localhost:80",
      "::1:80", "[::1]", "[::1:80", "1.2.3:4", "[127.0.0.1:80", "1.2.3.4.5:6", "[::g]:1", "127.0.0.1:8080\0",
    ])
  func refused(_ text: String) {
    #expect(throws: RingError(.invalidAddress)) { try SocketAddress(text) }
  }

  @Test("A host stands alone, with brackets or without")
  func hosts() throws {
    #expect(try SocketAddress(host: "::1", port: 1) == SocketAddress(host: "[::1]", port: 1))
    #expect(try SocketAddress(host: "10.0.0.1", port: 1).hostText == "10.0.0.1")
    #expect(try SocketAddress(host: "0:0:0:0:0:0:0:1", port: 1).hostText == "::1")
  }

  @Test(
    "Loopback is known in all its forms",
    arguments: [
      ("127.0.0.1", true), ("127.9.9.9", true), ("128.0.0.1", false), ("::1", true), ("::2", false),
      ("::ffff:127.0.0.1", true), ("::ffff:10.0.0.1", false), ("fe80::1", false),
    ])
  func loopback(_ host: String, _ expected: Bool) throws {
    #expect(try SocketAddress(host: host, port: 1).isLoopback == expected)
  }
}
