import Actors
import OrderDomain

extension OrderEngine {
  private func stageTimes() -> String {
    let name = "order_engine_alert_stage_seconds"
    var text = "# HELP \(name) Where the time of alerts and their orders goes.\n# TYPE \(name) histogram\n"
    for stage in AlertStage.allCases {
      let histogram = parts.stages.here(stage) { $0.histogram($1) }
      var total: UInt64 = 0
      for (limit, count) in zip(DurationHistogram.limits, histogram.counts) {
        total += count
        text += "\(name)_bucket{stage=\"\(stage.code)\",le=\"\(OrderEngine.seconds(limit))\"} \(total)\n"
      }
      text += "\(name)_bucket{stage=\"\(stage.code)\",le=\"+Inf\"} \(histogram.count)\n"
      text += "\(name)_sum{stage=\"\(stage.code)\"} \(OrderEngine.seconds(Int64(clamping: histogram.sum)))\n"
      text += "\(name)_count{stage=\"\(stage.code)\"} \(histogram.count)\n"
    }
    return text
  }

  /// Exact, without a zero too many.
  private static func seconds(_ nanoseconds: Int64) -> String {
    let (whole, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    if rest == 0 { return "\(whole)" }
    var digits = String(String(1_000_000_000 + rest).dropFirst())
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }

  /// Prometheus' text format, version 0.0.4.
  func metricsText(operatorDoor: DoorTally) -> [UInt8] {
    var text = ""
    func counter(_ name: String, _ help: String, _ value: UInt64) {
      text +=
        "# HELP order_engine_\(name) \(help)\n# TYPE order_engine_\(name) counter\norder_engine_\(name) \(value)\n"
    }
    counter("alerts_received_total", "Alerts that came in, whatever became of them.", counters.received)
    counter("alerts_accepted_total", "Alerts that were answered 200 and carried out.", counters.accepted)
    counter("alerts_duplicate_total", "Alerts that were known already.", counters.duplicates)
    counter("alerts_refused_total", "Alerts that were refused with a reason.", counters.refused)
    counter("alerts_unauthenticated_total", "Alerts without a valid secret.", counters.unauthenticated)
    text += DoorTally.heading + door.tally.metrics() + operatorDoor.metrics()
    let journal = parts.journal.assumeIsolated { $0.counters }
    counter("journal_records_total", "Records written.", journal.recordCount)
    counter("journal_commits_total", "Commits made durable, one flush each.", journal.commitCount)
    counter("journal_bytes_total", "Bytes written.", journal.byteCount)
    text += stageTimes()
    return Array(text.utf8)
  }
}
