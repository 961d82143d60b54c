import Testing

@testable import alert_load

@Suite("Stages are read from the engine's metrics")
struct StageTableTests {
  private func metrics(_ planned: [Int], _ journaled: [Int]) -> String {
    var text = "# TYPE order_engine_alert_stage_seconds histogram\norder_engine_journal_bytes_total 17\n"
    for (stage, counts) in [("planned", planned), ("journaled", journaled)] {
      for (limit, count) in zip(["0.0001", "0.0002", "+Inf"], counts) {
        text += "order_engine_alert_stage_seconds_bucket{stage=\"\(stage)\",le=\"\(limit)\"} \(count)\n"
      }
      text += "order_engine_alert_stage_seconds_sum{stage=\"\(stage)\"} 1.5\n"
    }
    return text
  }

  @Test func `percentiles lie within their step, by the share of its counts`() {
    let rows = StageTable(metrics: metrics([100, 200, 200], [0, 10, 10])).rows(at: [50, 75, 100])
    #expect(rows.map(\.name) == ["planned", "journaled"])
    #expect(rows[0].microseconds.map { $0.rounded() } == [100, 150, 200])
    #expect(rows[1].microseconds.map { $0.rounded() } == [150, 175, 200])
  }

  @Test func `what was there before the run does not count`() {
    let before = StageTable(metrics: metrics([100, 100, 100], [0, 5, 5]))
    let rows = StageTable(metrics: metrics([100, 200, 200], [0, 5, 5])).since(before).rows(at: [50])
    #expect(rows.map(\.name) == ["planned"])
    #expect(rows[0].microseconds.map { $0.rounded() } == [150])
  }

  @Test func `what took longer than any limit is the last limit`() {
    #expect(StageTable(metrics: metrics([0, 0, 4], [])).rows(at: [99]).map { $0.microseconds[0].rounded() } == [200])
  }

  @Test(arguments: ["", "order_engine_alert_stage_seconds_bucket{stage=\"x\"} 1", "nonsense\n\n"])
  func `an engine that says nothing of stages has no rows`(_ text: String) {
    #expect(StageTable(metrics: text).rows(at: [50]).isEmpty)
  }
}
