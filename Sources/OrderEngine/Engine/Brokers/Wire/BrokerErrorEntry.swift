internal import OrderDomain

/// What one error of a broker means: a row of the broker's table.
package struct BrokerErrorEntry: Sendable {
  /// What the error proves about the call that it answers.
  package enum Verdict: Hashable, Sendable {
    /// Nothing was done.
    case refused
    /// Nothing was done, because the token is dead.
    case tokenDead
    /// Nothing was done, because calls come too fast.
    case rateLimited
    /// It may have been done.
    case unproven
    /// There is nothing to list: an empty answer that looks like a failure.
    case nothingToList
  }

  /// The broker's code.
  package let wire: String
  /// What its message must contain, in any case of letters, for this row to be meant; empty for any message. Rows with a
  /// fragment stand before the one without.
  package let fragment: String
  /// Ours.
  package let code: String
  package let cause: String
  package let fix: String
  package let verdict: Verdict

  package init(
    _ wire: String, _ fragment: String, _ code: String, cause: String, fix: String, verdict: Verdict = .refused
  ) {
    self.wire = wire
    self.fragment = fragment
    self.code = code
    self.cause = cause
    self.fix = fix
    self.verdict = verdict
  }

  /// Our words first, then the broker's.
  func refusal(words: String?) -> Refusal {
    let said = words.map { BrokerWords.clean($0) } ?? ""
    return Refusal(code: code, cause: said.isEmpty ? cause : "\(cause): \(said)", fix: fix)
  }
}

extension [BrokerErrorEntry] {
  /// The row of a code and its message.
  func entry(code: String, message: String?) -> BrokerErrorEntry? {
    let words = (message ?? "").lowercased()
    return first { $0.wire == code && ($0.fragment.isEmpty || words.contains($0.fragment.lowercased())) }
  }
}
