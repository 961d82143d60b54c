import Testing

@testable import alert_load

@Suite("A run's figures are shown as they are")
struct LoadReportTests {
  private func report(_ change: (inout LoadResult) -> Void = { _ in }) -> LoadReport {
    var result = LoadResult()
    for microseconds in 1...1_000 { result.answers.record(Int64(microseconds) * 1_000) }
    result.statuses = [200: 1_000]
    result.sentCount = 1_000
    result.duration = 500_000_000
    change(&result)
    return LoadReport(
      plan: LoadPlan(arrival: .rate(2_000), alertCount: 1_000, warmUpCount: 0, connectionCount: 8, patience: 1),
      result: result)
  }

  @Test func `percentiles are exact to three digits`() {
    let answers = report().result.answers
    #expect(answers.value(at: 50) / 1_000 == 500)
    #expect(abs(Int(answers.value(at: 99)) - 990_000) < 1_000)
    #expect(abs(Int(answers.value(at: 100)) - 1_000_000) < 1_000)
  }

  @Test func `the text has the rate, the answers and one row a series`() {
    let text = report().text
    #expect(text.contains("2000 a second"))
    #expect(text.contains("200: 1000"))
    #expect(text.contains("due to answer"))
    #expect(!text.contains("due to wire"))
  }

  @Test func `csv and picture have every series`() {
    let both = report { $0.wire.record(5_000) }
    #expect(both.csv.split(separator: "\n").count == 1 + 2 * 17)
    #expect(both.svg.hasPrefix("<svg ") && both.svg.hasSuffix("</svg>\n"))
    #expect(both.svg.split(separator: "\n").count { $0.hasPrefix("<polyline") } == 2)
  }

  @Test func `a run is sound when nothing is missing or doubled`() {
    #expect(report().result.isSound)
    #expect(!report { $0.lostCount = 1 }.result.isSound)
    #expect(!report { $0.doubledCount = 1 }.result.isSound)
    #expect(!report { $0.unansweredCount = 1 }.result.isSound)
    #expect(!report { $0.statuses = [200: 999, 503: 1] }.result.isSound)
  }
}
