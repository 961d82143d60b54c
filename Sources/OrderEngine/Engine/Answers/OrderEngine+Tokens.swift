import Actors
package import OrderDomain

/// The accounts' tokens: how they stand, and what a person does about them. No answer holds a token.
extension OrderEngine {
  /// How every account stands with its token; changes nothing.
  package func tokensJSON() -> [UInt8] {
    let statuses = parts.accounts.compactMap { account in
      account.tokens.map { (account, $0.manager.here { $0.snapshot() }) }
    }
    return tokenReport(statuses, refusals: [])
  }

  /// Fetches new tokens for `account`, or for all accounts that need one; `nil` when there is no such account.
  package func refreshTokens(of account: AccountID?) async -> EngineReply? {
    let chosen = parts.accounts.filter { $0.tokens?.keeper != nil && (account == nil || $0.id == account) }
    if chosen.isEmpty, account != nil { return nil }
    let statuses = await withTaskGroup(of: (Int, TokenStatus).self) { group in
      for (index, account) in chosen.enumerated() {
        guard let tokens = account.tokens else { continue }
        group.addTask { (index, await tokens.renew()) }
      }
      var statuses: [(Int, TokenStatus)] = []
      for await status in group { statuses.append(status) }
      return statuses.sorted { $0.0 < $1.0 }.map { (chosen[$0.0], $0.1) }
    }
    let refusals = statuses.compactMap { $0.1.lastError?.refusal }
    return EngineReply(
      status: refusals.isEmpty ? 200 : 503, body: tokenReport(statuses, refusals: refusals))
  }

  private func tokenReport(_ statuses: [(EngineAccount, TokenStatus)], refusals: [Refusal]) -> [UInt8] {
    var json = JSONWriter(reserving: 1_024)
    json.object { json in
      if let first = refusals.first { first.write("error", to: &json) }
      json.array("items") { json in
        for (account, status) in statuses {
          json.object { json in
            json.string("account", account.id.name)
            json.string("broker", account.standing.broker.code)
            status.write(to: &json)
          }
        }
      }
      json.null("next")
    }
    return json.bytes
  }

  /// The part of a readiness answer that speaks of tokens: a word, and whole hours for each account.
  func writeTokens(to json: inout JSONWriter) {
    let held = parts.accounts.compactMap { account in account.tokens.map { (account, $0) } }
    func hours(_ name: StaticString, _ status: TokenStatus, _ json: inout JSONWriter) {
      if let hours = status.hoursRemaining { json.integer(name, hours) } else { json.null(name) }
    }
    guard let first = held.first else { return }
    hours("token_expires_in_hours", first.1.manager.here { $0.snapshot() }, &json)
    json.array("accounts") { json in
      for (account, tokens) in held {
        let status = tokens.manager.here { $0.snapshot() }
        json.object { json in
          json.string("account", account.id.name)
          json.string("access_token", tokens.keeper == nil ? "not_needed" : status.word)
          hours("token_expires_in_hours", status, &json)
        }
      }
    }
  }
}

extension TokenStatus {
  var word: String { valid ? "valid" : isRefreshing ? "refreshing" : expiry == nil ? "missing" : "expired" }

  func write(to json: inout JSONWriter) {
    json.boolean("valid", valid)
    if let expiry { json.string("expiry", expiry) } else { json.null("expiry") }
    if let hoursRemaining { json.integer("hours_remaining", hoursRemaining) } else { json.null("hours_remaining") }
    json.boolean("needs_refresh", needsRefresh)
    json.boolean("is_refreshing", isRefreshing)
    json.boolean("needs_person", lastError?.kind == .needsPerson)
    lastError?.refusal.write("last_error", to: &json)
  }
}
