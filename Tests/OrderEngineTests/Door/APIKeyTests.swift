import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

@Suite("Keys are kept as digests, open what their scope says, and end on their day")
struct APIKeyTests {
  private let today = Sample.opening.indianDate

  @Test func `a key opens, and nothing that resembles it does`() throws {
    var ring = APIKeyRing()
    let text = try ring.add("desk", scope: .trade, on: today, until: nil)
    #expect(text.hasPrefix("oe_") && text.utf8.count == 3 + 52)
    #expect(ring.key(Secret(text), on: today)?.name == "desk")
    for other in [
      "", "oe_", text + "0", String(text.dropLast()), text.uppercased(), String(text.dropFirst(3)), " " + text,
    ] {
      #expect(ring.key(Secret(other), on: today) == nil)
    }
    #expect(!ring.text.contains(text.dropFirst(3)))
  }

  @Test func `no two keys are the same`() throws {
    var ring = APIKeyRing()
    var texts: Set<String> = []
    for number in 0..<100 { texts.insert(try ring.add("k\(number)", scope: .read, on: today, until: nil)) }
    #expect(texts.count == 100)
  }

  @Test func `the last day counts whole, and the next opens nothing`() throws {
    var ring = APIKeyRing()
    let text = try ring.add("desk", scope: .read, on: today, until: today.adding(days: 2))
    #expect(ring.key(Secret(text), on: today.adding(days: 2)) != nil)
    #expect(ring.key(Secret(text), on: today.adding(days: 3)) == nil)
  }

  @Test func `the file holds everything but the keys`() throws {
    var ring = APIKeyRing()
    let first = try ring.add("desk", scope: .read, on: today, until: today)
    let second = try ring.add("grafana-1", scope: .admin, on: today, until: nil)
    let read = try APIKeyRing(text: ring.text)
    #expect(read == ring)
    #expect(read.key(Secret(first), on: today)?.scope == .read)
    #expect(read.key(Secret(second), on: today)?.scope == .admin)
    ring = read
    try ring.revoke("desk")
    #expect(ring.key(Secret(first), on: today) == nil)
    #expect(ring.keys.map(\.name) == ["grafana-1"])
  }

  @Test(
    "A damaged file is refused whole, with its line",
    arguments: [
      "desk", "desk read 2026-11-24 -", "desk read 2026-11-24 - abc", "Desk read 2026-11-24 - H",
      "desk all 2026-11-24 - H",
      "desk read yesterday - H", "desk read 2026-11-24 never H", "desk read 2026-11-24 - H more",
      "desk  read 2026-11-24 - H", "a read 2026-11-24 - H\na read 2026-11-24 - H",
    ])
  func damaged(_ text: String) {
    let text = text.replacing("H", with: String(repeating: "ab", count: 32))
    do throws(Refusal) {
      _ = try APIKeyRing(text: "# a comment\n" + text)
      Issue.record("it was read")
    } catch {
      #expect(error.code == "auth.keysUnreadable")
      #expect(error.cause.contains("line \(text.contains("\n") ? 3 : 2)"))
    }
  }

  @Test func `what cannot be a key is not made one`() throws {
    var ring = APIKeyRing()
    func code(_ name: String, until: CalendarDate? = nil) -> String? {
      do throws(Refusal) {
        _ = try ring.add(name, scope: .read, on: today, until: until)
        return nil
      } catch {
        return error.code
      }
    }
    for name in ["", "a b", "A", "ä", "a\n", String(repeating: "a", count: 33)] {
      #expect(code(name) == "auth.badKeyName")
    }
    #expect(code("past", until: today.adding(days: -1)) == "auth.keyEnded")
    for number in 0..<APIKeyRing.limit { #expect(code("k\(number)") == nil) }
    #expect(code("k1") == "auth.keyNameTaken")
    #expect(code("one-more") == "auth.tooManyKeys")
    #expect(throws: Refusal.self) { try ring.revoke("nobody") }
  }

  @Test func `each scope holds what is before it`() {
    #expect(OperatorScope.read < .trade && OperatorScope.trade < .admin)
    #expect(OperatorScope.allCases.sorted() == [.read, .trade, .admin])
  }
}
