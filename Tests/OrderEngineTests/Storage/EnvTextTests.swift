import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

@Suite("One value of a .env file is changed, and nothing else")
struct EnvTextTests {
  private static let name = "DHAN_ACCESS_TOKEN"

  private func edited(_ text: String, _ value: String = "new") -> String {
    var edited = EnvText(Array(text.utf8))
    edited.set(Self.name, to: Array(value.utf8))
    return String(decoding: edited.bytes, as: UTF8.self)
  }

  private func value(_ text: String) -> String? {
    EnvText(Array(text.utf8)).value(of: Self.name).map { String(decoding: $0, as: UTF8.self) }
  }

  @Test(
    "The value is changed where it stands",
    arguments: [
      ("DHAN_ACCESS_TOKEN=old\n", "DHAN_ACCESS_TOKEN=new\n"),
      // No line feed at the end, and two bytes at each.
      ("A=1\nDHAN_ACCESS_TOKEN=old", "A=1\nDHAN_ACCESS_TOKEN=new"),
      ("A=1\r\nDHAN_ACCESS_TOKEN=old\r\nB=2\r\n", "A=1\r\nDHAN_ACCESS_TOKEN=new\r\nB=2\r\n"),
      ("DHAN_ACCESS_TOKEN='old' # mine\nB=2", "DHAN_ACCESS_TOKEN='new' # mine\nB=2"),
      ("DHAN_ACCESS_TOKEN=\"old\"\t# mine", "DHAN_ACCESS_TOKEN=\"new\"\t# mine"),
      ("DHAN_ACCESS_TOKEN=\"\"", "DHAN_ACCESS_TOKEN=\"new\""),
      ("  export\tDHAN_ACCESS_TOKEN = old more  # mine", "  export\tDHAN_ACCESS_TOKEN = new  # mine"),
      // Without a blank before it, # is part of the value.
      ("'DHAN_ACCESS_TOKEN'=old#er", "'DHAN_ACCESS_TOKEN'=new"),
      ("DHAN_ACCESS_TOKEN=\nB=2", "DHAN_ACCESS_TOKEN=new\nB=2"),
      ("DHAN_ACCESS_TOKEN=   # today's\n", "DHAN_ACCESS_TOKEN=new   # today's\n"),
      ("\u{FEFF}DHAN_ACCESS_TOKEN=old\r\n", "\u{FEFF}DHAN_ACCESS_TOKEN=new\r\n"),
      ("DHAN_ACCESS_TOKEN=\"a\nb\"\nB=2", "DHAN_ACCESS_TOKEN=\"new\"\nB=2"),
      ("DHAN_ACCESS_TOKEN='a\\'b'", "DHAN_ACCESS_TOKEN='new'"),
      // Whichever of them a reader takes.
      (
        "DHAN_ACCESS_TOKEN=a\nB=2\nexport DHAN_ACCESS_TOKEN='b'",
        "DHAN_ACCESS_TOKEN=new\nB=2\nexport DHAN_ACCESS_TOKEN='new'"
      ),
    ])
  func inPlace(_ before: String, _ after: String) {
    #expect(edited(before) == after)
    #expect(value(after) == "new")
  }

  @Test(
    "Without an assignment of the name it is added at the end",
    arguments: [
      ("", "DHAN_ACCESS_TOKEN=new\n"), ("A=1\n", "A=1\nDHAN_ACCESS_TOKEN=new\n"),
      ("A=1", "A=1\nDHAN_ACCESS_TOKEN=new\n"), ("A=1\r\nB=2", "A=1\r\nB=2\r\nDHAN_ACCESS_TOKEN=new\r\n"),
      ("# DHAN_ACCESS_TOKEN=old", "# DHAN_ACCESS_TOKEN=old\nDHAN_ACCESS_TOKEN=new\n"),
      ("MY_DHAN_ACCESS_TOKEN=x\n", "MY_DHAN_ACCESS_TOKEN=x\nDHAN_ACCESS_TOKEN=new\n"),
      ("DHAN_ACCESS_TOKEN_2=x\n", "DHAN_ACCESS_TOKEN_2=x\nDHAN_ACCESS_TOKEN=new\n"),
      ("dhan_access_token=x\n", "dhan_access_token=x\nDHAN_ACCESS_TOKEN=new\n"),
      // Within a value of several lines it is none.
      ("A=\"\nDHAN_ACCESS_TOKEN=x\n\"\n", "A=\"\nDHAN_ACCESS_TOKEN=x\n\"\nDHAN_ACCESS_TOKEN=new\n"),
      // For no reader an assignment.
      ("export DHAN_ACCESS_TOKEN\n", "export DHAN_ACCESS_TOKEN\nDHAN_ACCESS_TOKEN=new\n"),
      ("DHAN_ACCESS_TOKEN=\"x\n", "DHAN_ACCESS_TOKEN=\"x\nDHAN_ACCESS_TOKEN=new\n"),
      ("DHAN_ACCESS_TOKEN='x' y\n", "DHAN_ACCESS_TOKEN='x' y\nDHAN_ACCESS_TOKEN=new\n"),
    ])
  func added(_ before: String, _ after: String) {
    #expect(edited(before) == after)
    #expect(edited(after, "newer") == after.replacing("DHAN_ACCESS_TOKEN=new", with: "DHAN_ACCESS_TOKEN=newer"))
  }

  @Test(
    "The last assignment counts",
    arguments: [
      ("DHAN_ACCESS_TOKEN=a\nDHAN_ACCESS_TOKEN=b", "b"), ("DHAN_ACCESS_TOKEN=a # DHAN_ACCESS_TOKEN=b", "a"),
      ("A='x' y DHAN_ACCESS_TOKEN=a", nil), ("DHAN_ACCESS_TOKEN", nil), ("DHAN_ACCESS_TOKEN=", ""), ("", nil),
      ("A=\"unclosed\nDHAN_ACCESS_TOKEN=a", "a"), ("=x\nDHAN_ACCESS_TOKEN=a", "a"), ("''=x\nDHAN_ACCESS_TOKEN=a", "a"),
    ] as [(String, String?)])
  func last(_ text: String, _ expected: String?) {
    #expect(value(text) == expected)
  }

  @Test(
    "What a reader may take for more than a value is no plain value",
    arguments: ["", "a b", "a\nB=1", "a\r", "a#b", "\"a", "a'", "$HOME", "a\\", "`a`", "é", "a\0", "a;b", "a&b", "(a)"])
  func notPlain(_ value: String) {
    #expect(!EnvText.isPlain(Array(value.utf8)))
  }

  @Test func `tokens of both brokers are plain`() {
    #expect(EnvText.isPlain(Array("eyJ0.eyJl-_9.AbC+/==".utf8)))
    #expect(EnvText.isPlain(Array("ABCD1234EF-100:eyJ0.eyJl.c~".utf8)))
  }

  // MARK: Properties

  private static let pieces = [
    "DHAN_ACCESS_TOKEN", "DHAN_ACCESS_TOKEN=", "DHAN_ACCESS_TOKEN=old", "DHAN_ACCESS_TOKEN='old'",
    "DHAN_ACCESS_TOKEN=\"old\"", "DHAN_ACCESS_TOKEN = old # c", "export ", "export", "A=1", "B='x'", "C=\"y\"", "=",
    "'", "\"", "\\", "#", " # c", " ", "\t", "\n", "\n", "\n", "\r\n", "\r", "\u{FEFF}", "é", "x", "\u{0B}",
  ]

  private static func randomText(_ generator: inout SeededGenerator) -> String {
    (0..<Int.random(in: 0...14, using: &generator)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
  }

  @Test func `whatever the text, it holds the value afterwards, and the second change only changes the value`() {
    var generator = SeededGenerator(seed: 105)
    for _ in 0..<50_000 {
      let text = Self.randomText(&generator)
      let once = edited(text, "first")
      #expect(value(once) == "first", "\(text.debugDescription)")
      #expect(edited(once, "first") == once, "\(text.debugDescription)")
      #expect(edited(once, "second") == edited(text, "second"), "\(text.debugDescription)")
    }
  }

  @Test func `whatever the text, all but values of this name is as it was`() {
    var generator = SeededGenerator(seed: 79)
    for _ in 0..<50_000 {
      let text = Self.randomText(&generator)
      let after = edited(text, "zzzzzz")
      // What was put in is not in any piece: taken out again, it leaves what was there, but for the values before.
      let rest = after.replacing("DHAN_ACCESS_TOKEN=zzzzzz\r\n", with: "").replacing(
        "DHAN_ACCESS_TOKEN=zzzzzz\n", with: "")
      if value(text) == nil {
        #expect(rest.utf8.starts(with: text.utf8), "\(text.debugDescription)")
        #expect(["", "\n", "\r\n"].contains(String(rest.unicodeScalars.dropFirst(text.unicodeScalars.count))))
      } else if value(text) == "old", text.ranges(of: "DHAN_ACCESS_TOKEN").count == 1 {
        #expect(edited(after, "old") == text, "\(text.debugDescription)")
      }
    }
  }

  @Test func `what the engine itself can read it reads with the new value, and the rest as before`() throws {
    var generator = SeededGenerator(seed: 9)
    var count = 0
    for _ in 0..<50_000 {
      let text = Self.randomText(&generator)
      // For one reader alone a lone carriage return ends a line, and a vertical tab is a blank.
      guard !text.unicodeScalars.split(separator: "\n").contains(where: { $0.dropLast().contains("\r") }),
        !text.contains("\u{0B}"), let before = Self.read(text)
      else { continue }
      // Others are no names of settings, and stop the start.
      guard before.keys.allSatisfy({ $0.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") } }) else {
        continue
      }
      count += 1
      let after = try #require(Self.read(edited(text)), "\(text.debugDescription)")
      #expect(after == before.merging([Self.name: "new"]) { $1 }, "\(text.debugDescription)")
    }
    #expect(count > 1_000)
  }

  /// By the engine's own reader; `nil` where it refuses the file.
  private static func read(_ text: String) -> [String: String]? {
    do throws(ConfigurationErrors) {
      return try SettingsLayer.dotEnv(text, name: ".env").values
    } catch {
      return nil
    }
  }
}
