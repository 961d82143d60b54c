import OrderDomain
import Testing

@Suite("docs/alerts.md says what the parser does")
struct AlertDocumentTests {
  /// What TradingView puts in place of each placeholder of the templates.
  private static let filled = [
    "{{timenow}}": "2026-11-24T03:45:00Z", "{{strategy.order.id}}": "Long", "{{strategy.market_position}}": "short",
    "{{strategy.position_size}}": "-75", "{{strategy.order.action}}": "sell", "{{strategy.order.contracts}}": "75",
    "{{ticker}}": "RELIANCE", "{{exchange}}": "NSE",
  ]

  private func examples() throws -> [String] {
    let document = String(decoding: try AlertFixtures.document(), as: UTF8.self)
    var examples: [String] = []
    var current: [Substring]?
    for line in document.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == "```json" {
        current = []
      } else if line == "```", let lines = current {
        examples.append(lines.joined(separator: "\n"))
        current = nil
      } else {
        current?.append(line)
      }
    }
    return examples
  }

  @Test("Every example parses once TradingView has filled it in")
  func examplesParse() throws {
    let examples = try examples()
    #expect(examples.count == 6)
    for example in examples {
      let text = AlertDocumentTests.filled.reduce(example) { text, entry in
        text.split(separator: entry.key, omittingEmptySubsequences: false).joined(separator: entry.value)
      }
      if text.hasPrefix("{\"symbol\"") {
        for leg in text.split(separator: "\n") {
          #expect(try parsed("{\"format\":\"order-engine/1\",\"legs\":[\(leg)]}").legs.count == 1)
        }
      } else {
        #expect(try !parsed(text).legs.isEmpty)
      }
    }
  }

  @Test("The templates are told apart from filled ones", arguments: 0..<2)
  func templatesUnfilled(_ index: Int) throws {
    #expect(try refusal(of: examples()[index]).code == "alert.unfilledTemplate")
  }

  @Test("Every code of a refused JSON text is listed")
  func codes() throws {
    let document = String(decoding: try AlertFixtures.document(), as: UTF8.self)
    for problem in JSONProblem.allCases where problem != .wrongType {
      #expect(document.contains("`\(problem.rawValue)`"), "\(problem.rawValue)")
    }
  }

  @Test("Every code that the parser's sources name is listed")
  func sourceCodes() throws {
    let document = String(decoding: try AlertFixtures.document(), as: UTF8.self)
    let sources = ["Alert", "Errors", "Legs", "Values", "Words"].map { "AlertReader+\($0)" } + ["AlertParser"]
    var count = 0
    for source in sources {
      let text = String(decoding: try AlertFixtures.source("Parser/\(source).swift"), as: UTF8.self)
      for part in text.split(separator: "\"") where part.hasPrefix("alert.") {
        count += 1
        #expect(document.contains("`\(part)`"), "\(part)")
      }
    }
    #expect(count >= 30)
  }
}
