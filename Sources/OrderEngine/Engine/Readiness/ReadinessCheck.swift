package import OrderDomain

/// One thing that must be right before the market opens: what was found, and what to do about it.
package struct ReadinessCheck: Hashable, Sendable {
  package enum Verdict: String, Hashable, Sendable, CaseIterable {
    case ok
    /// Trading goes on; a person should know.
    case warning
    /// Orders will not go out, or not all of them.
    case failed
    /// Nobody here can say.
    case unknown
  }

  package let name: String
  /// `nil` for what concerns the engine as a whole.
  package let account: AccountID?
  package let verdict: Verdict
  package let cause: String
  /// Empty where nothing is to be done.
  package let fix: String

  package init(_ name: String, of account: AccountID? = nil, _ verdict: Verdict, _ cause: String, fix: String = "") {
    self.name = name
    self.account = account
    self.verdict = verdict
    self.cause = cause
    self.fix = fix
  }
}

/// All checks of one look.
package struct ReadinessReport: Sendable {
  package let at: Timestamp
  package let checks: [ReadinessCheck]

  package init(at: Timestamp, checks: [ReadinessCheck]) {
    self.at = at
    self.checks = checks
  }

  /// Nothing that was looked at keeps orders from going out.
  package var isReady: Bool { !checks.contains { $0.verdict == .failed } }

  /// The same with another finding in place of the one of its name that concerns the whole engine.
  func replacing(_ check: ReadinessCheck) -> ReadinessReport {
    ReadinessReport(at: at, checks: checks.map { $0.name == check.name && $0.account == nil ? check : $0 })
  }

  /// `dhan/token, disk`: the checks of a verdict, for one line of a log.
  package func names(_ verdict: ReadinessCheck.Verdict) -> String {
    checks.filter { $0.verdict == verdict }.map { check in
      check.account.map { "\($0)/\(check.name)" } ?? check.name
    }.joined(separator: ", ")
  }

  package var json: [UInt8] {
    var json = JSONWriter(reserving: 2_048)
    json.object { json in
      json.boolean("ready", isReady)
      json.string("at", at)
      json.array("checks") { json in
        for check in checks {
          json.object { json in
            json.string("name", check.name)
            json.optionalString("account", check.account?.name)
            json.string("result", check.verdict.rawValue)
            json.string("cause", check.cause)
            json.string("fix", check.fix)
          }
        }
      }
    }
    return json.bytes
  }

  /// A line for each check, for a person at a terminal.
  package var words: String {
    let lines = checks.map { check in
      let name = check.account.map { "\($0): \(check.name)" } ?? check.name
      let verdict = check.verdict.rawValue
      let padding = String(repeating: " ", count: max(1, 9 - verdict.utf8.count))
      let fix = check.fix.isEmpty ? "" : " To do: \(check.fix)."
      return "\(verdict)\(padding)\(name): \(check.cause).\(fix)\n"
    }
    return lines.joined() + (isReady ? "Ready.\n" : "Not ready.\n")
  }
}
