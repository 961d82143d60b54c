package import OrderDomain

/// Reads the answers of Fyers' login.
package enum FyersLoginAnswers {
  /// Why there is no token.
  package enum Failure: Error, Hashable, Sendable {
    /// Fyers renews nobody's token.
    case renewalDisabled(Refusal)
    case refused(Refusal)
    case rateLimited(Duration?)
    /// The broker failed, or the answer says nothing: what was sent may be used up.
    case unproven(Refusal)
  }

  /// To ``FyersLoginCalls/exchange(_:secretID:)`` and ``FyersLoginCalls/refresh(_:pin:secretID:)``.
  package static func tokens(_ answer: BrokerAnswer, now: Timestamp) throws(Failure) -> StoredTokens {
    switch FyersVerdict(answer, now: now) {
    case .taken: break
    case .refused(let refusal, _): throw .refused(refusal)
    case .tokenDead(let refusal):
      throw refusal.code == "fyers.refreshDisabled" ? .renewalDisabled(refusal) : .refused(refusal)
    case .rateLimited(let rest): throw .rateLimited(rest)
    case .unproven(let refusal): throw .unproven(refusal)
    }
    var access, refresh: Secret?
    do throws(JSONError) {
      var reader = WireReader(answer.body.span)
      try reader.scanner.beginObject()
      while let key = try reader.nextKey() {
        switch key {
        case "access_token": access = try reader.secret()
        case "refresh_token": refresh = try reader.secret()
        default: try reader.scanner.skipValue()
        }
      }
      try reader.scanner.finish()
    } catch {
      throw .unproven(BrokerFault.notJSON.refusal())
    }
    guard let access else { throw .unproven(BrokerFault.strangeAnswer.refusal("no access token")) }
    let claims = JSONWebToken(access)
    return StoredTokens(
      access: IssuedToken(secret: access, expiresAt: claims.expiresAt ?? nextMorning(after: now)),
      refresh: refresh.map { IssuedToken(secret: $0, expiresAt: JSONWebToken($0).expiresAt) },
      issuedAt: claims.issuedAt ?? now)
  }

  /// Tokens were seen to end around six in the morning; where one does not say so, the earlier report of three o'clock
  /// counts, which costs nobody anything.
  package static func nextMorning(after now: Timestamp) -> Timestamp {
    let three: Int64 = 3 * 3_600
    let day = Int64(now.indianSecondOfDay) < three ? now.indianDate : now.indianDate.adding(days: 1)
    return Timestamp(seconds: Int64(day.daysSinceEpoch) * 86_400 + three - 19_800) ?? now
  }
}
