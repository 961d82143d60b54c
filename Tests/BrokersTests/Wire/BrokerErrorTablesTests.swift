import Brokers
import Foundation
import Testing

struct BrokerErrorTablesTests {
  private static let documentation: [Substring] = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try? String(contentsOf: root.appendingPathComponent("docs/brokers.md"), encoding: .utf8)
    return text?.split(separator: "\n") ?? []
  }()

  /// Every number that Dhan documents, or was seen to answer with.
  private static let dhan =
    (901...910).map { "DH-\($0)" } + ["DH-1111", "800"] + (804...814).map { "\($0)" }

  /// Every number that Fyers documents as a failure, and those of its older sheet.
  private static let fyers = [
    201, -8, -15, -16, -17, -50, -51, -53, -99, -300, -310, -352, -373, -429, 400, -101, -209, -159, -157, -161, -162,
    -163, -164, -201, -202, -203, -204, -205, -305, -323, -308, -309, -311, -316, -313, -314, -315, -325, -326, -327,
    -328, -329, -353, -371, -372, -374, -390, -392, -397, -398, -399, -96,
  ].map { "\($0)" }

  @Test("every number of a broker has a row for any message, and no row is for another number")
  func complete() {
    #expect(Set(DhanErrors.table.map(\.wire)) == Set(Self.dhan))
    #expect(Set(FyersErrors.table.map(\.wire)) == Set(Self.fyers))
    for (table, family) in [(DhanErrors.table, "dhan."), (FyersErrors.table, "fyers.")] {
      for wire in Set(table.map(\.wire)) {
        let rows = table.filter { $0.wire == wire }
        // Rows for certain words stand first, or they would never be reached.
        #expect(rows.last?.fragment == "", "\(wire) has no row for other messages")
        #expect(rows.dropLast().allSatisfy { !$0.fragment.isEmpty }, "\(wire) has a row behind the last")
        #expect(rows.allSatisfy { $0.code.hasPrefix(family) && !$0.cause.isEmpty && !$0.fix.isEmpty })
      }
    }
  }

  @Test("one code means one thing: its rows agree on what is proven")
  func agreement() {
    for table in [DhanErrors.table, FyersErrors.table] {
      for row in table {
        #expect(table.filter { $0.code == row.code }.allSatisfy { $0.verdict == row.verdict }, "\(row.code)")
      }
    }
  }

  @Test("the documentation has each row's number and code in one line, and the codes that both brokers share")
  func documented() {
    for row in DhanErrors.table + FyersErrors.table {
      let isThere = Self.documentation.contains { $0.contains("`\(row.wire)`") && $0.contains("`\(row.code)`") }
      #expect(isThere, "docs/brokers.md lacks \(row.wire) as \(row.code)")
    }
    for fault in BrokerFault.allCases {
      #expect(Self.documentation.contains { $0.contains("`\(fault.code)`") }, "docs/brokers.md lacks \(fault.code)")
      #expect(!fault.cause.isEmpty && !fault.fix.isEmpty)
    }
  }

  @Test("the documentation names no code that the program has not")
  func noGhosts() {
    let known = Set(
      (DhanErrors.table + FyersErrors.table).map(\.code) + BrokerFault.allCases.map(\.code) + [
        "dhan.orderEnded", "fyers.orderEnded", "broker.unrecognisedStatus",
      ])
    for line in Self.documentation {
      for part in line.split(separator: "`", omittingEmptySubsequences: false).enumerated() where part.offset % 2 == 1 {
        let word = String(part.element)
        guard ["dhan.", "fyers.", "broker."].contains(where: { word.hasPrefix($0) }), !word.contains(" ") else {
          continue
        }
        #expect(known.contains(word), "\(word) is in docs/brokers.md alone")
      }
    }
  }
}
