import OrderDomain
import Testing

struct SecretTests {
  private let secret = Secret("hunter2-hunter2")

  @Test func `no way of printing shows it`() {
    struct Holder {
      let name = "holder"
      let secret: Secret
      let maybe: Secret?
      let list: [Secret]
    }
    let holder = Holder(secret: secret, maybe: secret, list: [secret])
    var texts = [
      "\(secret)", String(describing: secret), String(reflecting: secret), secret.description, secret.debugDescription,
      "\(holder)", String(reflecting: holder), "\([secret])", "\(["k": secret])", "\(Secret?.some(secret) as Any)",
      "\(Mirror(reflecting: secret).children.map { "\($0)" })", "\(Mirror(reflecting: secret))",
    ]
    for value in [secret, holder, [secret]] as [Any] {
      var text = ""
      print(value, to: &text)
      debugPrint(value, to: &text)
      dump(value, to: &text)
      texts.append(text)
    }
    // Neither as text nor as the numbers of its bytes.
    for text in texts {
      #expect(!text.contains("hunter"))
      #expect(!text.contains("104"))
    }
    #expect(Mirror(reflecting: secret).children.isEmpty)
  }

  @Test(arguments: [
    ("a", "a", true), ("abc", "abc", true), ("abc", "abd", false), ("abc", "xbc", false), ("abc", "ABC", false),
    ("abc", "ab", false), ("abc", "abcabc", false), ("abcabc", "abc", false), ("abc", "abcd", false),
    ("abc", "", false),
    ("", "abc", false), ("", "\0", false), ("\0", "", false), ("aa", "a", false), ("", "", true),
  ])
  func `it matches itself alone`(own: String, candidate: String, isMatch: Bool) {
    #expect(Secret(own).matches(Secret(candidate)) == isMatch)
  }

  @Test func `its bytes are there for the one who needs them`() {
    #expect(Secret([1, 2, 3]).withBytes { $0[2] } == 3)
    #expect(Secret([]).isEmpty)
    #expect(!secret.isEmpty)
  }
}
