import Actors

extension OrderEngine {
  /// Prometheus' text format, version 0.0.4.
  package func metricsText() -> [UInt8] {
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
    let journal = parts.journal.assumeIsolated { $0.counters }
    counter("journal_records_total", "Records written.", journal.recordCount)
    counter("journal_commits_total", "Commits made durable, one flush each.", journal.commitCount)
    counter("journal_bytes_total", "Bytes written.", journal.byteCount)
    return Array(text.utf8)
  }
}
