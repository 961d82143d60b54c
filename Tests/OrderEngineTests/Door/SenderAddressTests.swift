import Glibc
import TestSupport
import Testing

@testable import OrderEngine

@Suite("Addresses are read strictly, and nets hold what they say")
struct SenderAddressTests {
  @Test(
    "What is an address is read as the system reads it",
    arguments: [
      "0.0.0.0", "127.0.0.1", "255.255.255.255", "192.0.2.1", "::", "::1", "1::", "2001:db8::1", "2001:DB8::A:b",
      "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1::3:4:5:6:7:8", "::ffff:192.0.2.1",
      "64:ff9b::192.0.2.33", "1:2:3:4:5:6:1.2.3.4", "fe80::1", "::1.2.3.4",
    ])
  func good(_ text: String) throws {
    let address = try #require(SenderAddress(text))
    #expect(address == (try #require(SenderAddressTests.bySystem(text))))
  }

  @Test(
    "What two programs could read in two ways is no address",
    arguments: [
      "", " ", ".", ":", ":::", "1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.04", "1..2.3", "1.2.3.4.",
      ".1.2.3.4", "0x7f.0.0.1", "2130706433", "1.2.3.4 ", " 1.2.3.4", "1.2.3.-4", "1.2.3.+4", "1.2.3.4/32",
      "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::1", ":1:2:3:4:5:6:7", "1:2:3:4:5:6:7:",
      "::1%eth0", "[::1]", "::ffff:1.2.3", "1.2.3.4::", "::1.2.3.4:5", "1:2:3:4:5:6:7:1.2.3.4",
      "1:2:3:4:5:6:7::8:9", "1:2:3:4::5:6:7:8", "unknown", "_hidden", "localhost", "1,2.3.4",
      String(repeating: "1", count: 400),
    ])
  func bad(_ text: String) {
    #expect(SenderAddress(text) == nil)
  }

  @Test func `any address that the system writes is read back`() throws {
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<2_000 {
      // Runs of zeros are where the writing of addresses has its turns.
      var bits = UInt128(0)
      for _ in 0..<8 { bits = bits << 16 | UInt128(Bool.random(using: &generator) ? 0 : generator.next() & 0xFFFF) }
      let address = SenderAddress(bits)
      let text = SenderAddressTests.writtenBySystem(address)
      #expect(SenderAddress(text) == address, "\(text)")
      #expect(SenderAddress(address.description) == address, "\(address)")
    }
  }

  @Test func `no text makes reading fail, and none is read otherwise than by the system`() {
    var generator = SeededGenerator(seed: 11)
    let letters = Array("0123456789abcdefF:::..., []%/x".utf8)
    for _ in 0..<20_000 {
      let count = Int.random(in: 0...24, using: &generator)
      let text = String(
        decoding: (0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }, as: UTF8.self)
      guard let address = SenderAddress(text) else { continue }
      #expect(address == SenderAddressTests.bySystem(text), "\(text)")
    }
  }

  @Test func `an IPv6 customer is a whole /64, an IPv4 customer one address`() throws {
    let one = try #require(SenderAddress("2001:db8:1:2:3:4:5:6"))
    let other = try #require(SenderAddress("2001:db8:1:2::9"))
    #expect(one.customer == other.customer)
    #expect(one.customer != (try #require(SenderAddress("2001:db8:1:3::9"))).customer)
    let old = try #require(SenderAddress("192.0.2.1"))
    #expect(old.customer == old)
    #expect(old == SenderAddress("::ffff:192.0.2.1"))
    #expect(SenderAddress("::1")?.customer == SenderAddress("::1"))
  }

  @Test(
    "Nets",
    arguments: [
      ("192.0.2.0/24", "192.0.2.255", true), ("192.0.2.0/24", "192.0.3.0", false),
      ("192.0.2.0/24", "::ffff:192.0.2.9", true), ("::ffff:192.0.2.0/120", "192.0.2.9", true),
      ("192.0.2.7", "192.0.2.7", true), ("192.0.2.7", "192.0.2.8", false), ("192.0.2.7/32", "192.0.2.7", true),
      ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "2001:db8::1", true),
      ("::/0", "8.8.8.8", false), ("2001:db8::/32", "2001:db8:ffff::1", true), ("2001:db8::/32", "2001:db9::1", false),
      ("::1", "::1", true), ("::1", "127.0.0.1", false), ("2001:db8::1/128", "2001:db8::1", true),
      ("128.0.0.0/1", "200.0.0.1", true), ("128.0.0.0/1", "100.0.0.1", false),
    ])
  func nets(_ net: String, _ address: String, _ isIn: Bool) throws {
    let net = try #require(AddressNet(net))
    #expect(net.contains(try #require(SenderAddress(address))) == isIn)
  }

  @Test(
    "What is no net is refused",
    arguments: [
      "192.0.2.1/24", "192.0.2.0/33", "192.0.2.0/-1", "192.0.2.0/", "/24", "192.0.2.0/24/8", "192.0.2.0/024",
      "2001:db8::1/32", "::/129", "192.0.2.0/+8", "", "tradingview",
    ])
  func badNets(_ text: String) {
    #expect(AddressNet(text) == nil)
  }

  @Test func `a list names TradingView's addresses by one word`() throws {
    let list = try AddressList.read(["10.0.0.0/8", " TradingView"]).get()
    for text in ["52.89.214.238", "34.212.75.30", "54.218.53.128", "52.32.178.7", "10.1.2.3"] {
      #expect(list.contains(try #require(SenderAddress(text))))
    }
    #expect(!list.contains(try #require(SenderAddress("52.89.214.239"))))
    #expect(AddressList.read(["10.0.0.0/8", "nonsense"]) == .failure(.init(text: "nonsense")))
  }

  // MARK: The system's own reading

  private static func bySystem(_ text: String) -> SenderAddress? {
    var old = in_addr()
    if inet_pton(AF_INET, text, &old) == 1 {
      return SenderAddress(high: 0, low: 0xFFFF_0000_0000 | UInt64(UInt32(bigEndian: old.s_addr)))
    }
    var new = in6_addr()
    guard inet_pton(AF_INET6, text, &new) == 1 else { return nil }
    return withUnsafeBytes(of: &new) { bytes in
      SenderAddress(
        high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
        low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }
  }

  private static func writtenBySystem(_ address: SenderAddress) -> String {
    var buffer = [CChar](repeating: 0, count: 64)
    var words = (address.high.bigEndian, address.low.bigEndian)
    withUnsafeBytes(of: &words) { _ = inet_ntop(AF_INET6, $0.baseAddress!, &buffer, 64) }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
