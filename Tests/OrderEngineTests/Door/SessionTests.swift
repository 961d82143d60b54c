import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

@Suite("A browser's session ends by itself, and passwords are kept as scrypt")
struct SessionTests {
  private func at(_ seconds: Int64) -> Uptime { Uptime(nanoseconds: seconds * 1_000_000_000) }
  private let id = Secret("an id")

  private func table(limit: Int = 32) -> SessionTable {
    var settings = SessionTable.Settings()
    settings.limit = limit
    return SessionTable(settings)
  }

  @Test func `an hour without use ends it, and use keeps it until the day is over`() {
    var table = table()
    table.start(id, .password, pageToken: Secret("p"), at: at(0))
    #expect(table.use(id, at: at(3_599)) != nil)
    #expect(table.use(Secret("another"), at: at(3_599)) == nil)
    #expect(table.use(id, at: at(3_599 + 3_600)) == nil)
    #expect(table.count == 0)
    table.start(id, .password, pageToken: Secret("p"), at: at(0))
    for second in stride(from: Int64(0), to: 86_400, by: 1_800) { #expect(table.use(id, at: at(second)) != nil) }
    #expect(table.use(id, at: at(86_400)) == nil)
  }

  @Test func `signing out ends one, a new password all that had the old one`() {
    var table = table()
    table.start(id, .password, pageToken: Secret("p"), at: at(0))
    table.start(Secret("b"), .password, pageToken: Secret("p"), at: at(0))
    table.start(Secret("c"), .token, pageToken: Secret("p"), at: at(0))
    table.end(id)
    #expect(table.use(id, at: at(1)) == nil)
    #expect(table.use(Secret("b"), at: at(1)) != nil)
    table.endThoseByPassword()
    #expect(table.use(Secret("b"), at: at(2)) == nil)
    #expect(table.use(Secret("c"), at: at(2)) != nil)
  }

  @Test func `one too many ends the one that was not used for the longest time`() {
    var table = table(limit: 3)
    for number in 0..<3 { table.start(Secret("\(number)"), .token, pageToken: Secret("p"), at: at(Int64(number))) }
    #expect(table.use(Secret("0"), at: at(10)) != nil)
    table.start(Secret("3"), .token, pageToken: Secret("p"), at: at(11))
    #expect(table.count == 3)
    #expect(table.use(Secret("1"), at: at(12)) == nil)
    #expect(table.use(Secret("0"), at: at(12)) != nil)
  }

  // MARK: Passwords

  /// RFC 7914, section 12, as far as its costs are within what is borne here: the two others are for 1 round and for a
  /// GiB of memory.
  @Test func `scrypt is that of RFC 7914`() throws {
    let hash = try PasswordHash(
      Secret("password"), salt: Array("NaCl".utf8),
      cost: PasswordHash.Cost(rounds: 1_024, blockSize: 8, parallelism: 16))
    #expect(hash.text.contains("fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"))
  }

  private let cheap = PasswordHash.Cost(rounds: 1_024, blockSize: 1, parallelism: 1)
  private let salt = [UInt8](1...16)

  @Test func `the password opens, another does not, and the text is all that must be kept`() throws {
    let hash = try PasswordHash(Secret("correct horse"), salt: salt, cost: cheap)
    #expect(hash.matches(Secret("correct horse")))
    for other in ["", "correct hors", "correct horse ", "Correct horse"] { #expect(!hash.matches(Secret(other))) }
    let read = try #require(PasswordHash(text: hash.text))
    #expect(read == hash)
    #expect(read.matches(Secret("correct horse")))
    #expect(!hash.text.contains("horse"))
  }

  @Test func `the same password is kept as another text each time`() throws {
    #expect(try PasswordHash(Secret("correct horse")) != PasswordHash(Secret("correct horse")))
  }

  @Test(
    "A text that would make the machine compute for ever, or is none, is refused",
    arguments: [
      "", "scrypt", "bcrypt 1024 1 1 S H", "scrypt 1024 1 1 S", "scrypt 1024 1 1 S H x", "scrypt 1000 1 1 S H",
      "scrypt 512 1 1 S H", "scrypt 524288 1 1 S H", "scrypt 1024 17 1 S H", "scrypt 1024 1 17 S H",
      "scrypt 262144 16 1 S H", "scrypt 1024 0 1 S H", "scrypt 1024 1 1 00 H", "scrypt 1024 1 1 S 00",
      "scrypt -1024 1 1 S H", "scrypt 1024 1 1 zS H",
    ])
  func badText(_ text: String) {
    let text = text.replacing("S", with: String(repeating: "0a", count: 16))
      .replacing("H", with: String(repeating: "0b", count: 32))
    #expect(PasswordHash(text: text) == nil)
  }

  @Test func `what this engine makes up is random and long enough`() {
    var generator = SeededGenerator(seed: 1)
    let text = RandomText.make(bits: 256, using: &generator)
    #expect(text.utf8.count == 52)
    #expect(RandomText.make(bits: 256) != RandomText.make(bits: 256))
    #expect(RandomText.make(bits: 128).utf8.count == 26)
  }
}
