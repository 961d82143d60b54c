import TestSupport
import Testing

@testable import OrderEngine

@Suite("The sender behind proxies is the first address from the right that is no proxy of ours")
struct ForwardingTests {
  private static let proxy = "10.0.0.1"

  private func read(_ lines: String..., trusted: [String] = ["10.0.0.0/8", "2001:db8:1::/48"]) throws -> String {
    let list = try AddressList.read(trusted).get()
    var walk = Forwarding.Walk(trusted: list, nearest: try #require(SenderAddress(ForwardingTests.proxy)))
    for line in lines.reversed() {
      let bytes = Array(line.utf8)
      switch walk.read(bytes.span) {
      case .goOn: continue
      case .sender(let address): return address.description
      case .malformed: return "malformed"
      }
    }
    return "all trusted, outermost \(walk.nearest)"
  }

  @Test func `one proxy names its caller`() throws {
    #expect(try read("192.0.2.7") == "192.0.2.7")
    #expect(try read("  192.0.2.7\t") == "192.0.2.7")
    #expect(try read("::ffff:192.0.2.7") == "192.0.2.7")
    #expect(try read("2001:db8::7") == SenderAddress("2001:db8::7")?.description)
  }

  @Test func `what the caller wrote himself is never reached`() throws {
    #expect(try read("52.89.214.238, 192.0.2.7") == "192.0.2.7")
    #expect(try read("garbage, 10.0.0.5, 192.0.2.7") == "192.0.2.7")
    #expect(try read("10.0.0.9, 192.0.2.7, 10.0.0.2") == "192.0.2.7")
    #expect(try read("52.89.214.238", "192.0.2.7") == "192.0.2.7")
  }

  @Test func `several lines are one list`() throws {
    #expect(try read("192.0.2.7", "10.0.0.3", "10.0.0.2") == "192.0.2.7")
  }

  @Test func `ports and brackets, as proxies write them, are no part of the address`() throws {
    #expect(try read("192.0.2.7:4711") == "192.0.2.7")
    #expect(try read("[2001:db8::7]") == SenderAddress("2001:db8::7")?.description)
    #expect(try read("[2001:db8::7]:443") == SenderAddress("2001:db8::7")?.description)
  }

  @Test(
    "What is no address where it is reached says nothing of the sender",
    arguments: [
      "", " ", ",", "192.0.2.7,", "unknown", "_x", "192.0.2.7:", "192.0.2.7:x", "192.0.2.7:123456", "[2001:db8::7",
      "2001:db8::7]", "[2001:db8::7]x", "[192.0.2.7", "for=192.0.2.7", "192.0.2.7;10.0.0.1", "192.0.2.7, 10.0.0.300",
      "192.0.2.7 10.0.0.1",
    ])
  func malformed(_ line: String) throws {
    #expect(try read(line) == "malformed")
  }

  @Test func `a list is read as far as sixteen addresses and a kilobyte`() throws {
    func trusted(_ count: Int) -> String { Array(repeating: "10.0.0.2", count: count).joined(separator: ",") }
    #expect(try read("192.0.2.7," + trusted(15)) == "192.0.2.7")
    #expect(try read("192.0.2.7," + trusted(16)) == "malformed")
    #expect(try read("192.0.2.7", trusted(16)) == "malformed")
    #expect(try read(String(repeating: " ", count: 1_100) + "192.0.2.7") == "malformed")
  }

  @Test func `proxies all the way leave the outermost of them`() throws {
    #expect(try read("10.0.0.4, 10.0.0.3") == "all trusted, outermost 10.0.0.4")
  }

  @Test func `no text whatever makes a caller choose who he is`() throws {
    var generator = SeededGenerator(seed: 3)
    let letters = Array("0123456789.:, []\"a;=-_".utf8)
    for _ in 0..<5_000 {
      let count = Int.random(in: 0...60, using: &generator)
      let forged = String(
        decoding: (0..<count).map { _ in letters[Int.random(in: 0..<letters.count, using: &generator)] }, as: UTF8.self)
      // The proxy adds the caller's address at the right, in the same line or in one of its own.
      #expect(try read(forged + ", 192.0.2.7") == "192.0.2.7", "\(forged)")
      #expect(try read(forged, "192.0.2.7") == "192.0.2.7", "\(forged)")
    }
  }
}
