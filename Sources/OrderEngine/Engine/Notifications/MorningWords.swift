import OrderDomain

/// The morning's findings as one message: what keeps orders from going out first, each with its cause and what to do.
enum MorningWords {
  static func notice(_ report: ReadinessReport) -> Notice {
    let failed = report.checks.filter { $0.verdict == .failed }
    let warned = report.checks.filter { $0.verdict == .warning }
    // Whoever reads this knows that messages arrive.
    let unknown = report.checks.filter { $0.verdict == .unknown && $0.name != "notification" }
    let title =
      failed.isEmpty
      ? "Good morning: ready for the market, \(counted(report.checks.count)) looked at"
      : "NOT READY for the market: \(report.names(.failed))"
    var lines = failed.map { line($0, "failed") } + warned.map { line($0, "warning") }
    if !unknown.isEmpty {
      lines.append("Nobody can say: \(ReadinessReport(at: report.at, checks: unknown).names(.unknown)).")
    }
    return Notice(
      .morningReport, failed.isEmpty ? .info : .critical, title, lines: lines, at: report.at,
      code: failed.isEmpty ? nil : "readiness.failed")
  }

  private static func counted(_ count: Int) -> String { "\(count) \(count == 1 ? "thing" : "things")" }

  private static func line(_ check: ReadinessCheck, _ word: String) -> String {
    let fix = check.fix.isEmpty ? "" : " To do: \(check.fix)."
    return "\(check.account.map { "\($0): " } ?? "")\(check.name) (\(word)): \(check.cause).\(fix)"
  }
}
