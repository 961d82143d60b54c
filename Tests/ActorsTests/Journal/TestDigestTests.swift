import OrderDomain
import TestSupport
import Testing

struct TestDigestTests {
  /// FIPS 180-4's examples: the chain under test is a real SHA-256.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `known answers`(text: String, hex: String) {
    let digest = TestDigest.sha256(Array(text.utf8))
    #expect(digest.map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined() == hex)
  }

  @Test func `a chain value has 32 bytes`() {
    #expect(ChainValue([UInt8](repeating: 1, count: 31)) == nil)
    #expect(ChainValue([UInt8](repeating: 0, count: 32)) == .origin)
    #expect(ChainValue([UInt8](repeating: 1, count: 33)) == nil)
  }
}
