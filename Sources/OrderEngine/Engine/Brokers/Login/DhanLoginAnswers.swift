package import OrderDomain

/// Reads the answers of Dhan's login. A token is proof of success; a status line is none (refusals come under 200).
package enum DhanLoginAnswers {
  /// Why there is no token.
  package enum Failure: Error, Hashable, Sendable {
    /// A token was made less than two minutes ago, here or elsewhere.
    case tooSoon
    case wrongPassword(String)
    case wrongPIN(String)
    /// Dhan knows no such client, key or consent.
    case wrongAccess(String)
    /// The token is another account's.
    case otherAccount
    /// The token that should be renewed is not of the kind that can be, or is dead.
    case notRenewable(String)
    case rateLimited(Duration?)
    /// Refused in words that no document lists.
    case refused(String)
    /// The broker failed, or the answer says nothing: the token may have been made.
    case unproven(Refusal)
  }

  /// The longest that a token of Dhan's lives (since September 2025), where it does not say so itself.
  package static let life = Duration.seconds(86_400)

  /// To ``DhanLoginCalls/mint(pin:code:)``, ``DhanLoginCalls/renew(_:)`` and ``DhanLoginCalls/consume(_:key:secret:)``.
  package static func tokens(
    _ answer: BrokerAnswer, clientID: String, now: Timestamp
  ) throws(Failure) -> StoredTokens {
    let reply: Reply
    do throws(JSONError) {
      reply = try Reply(answer.body)
    } catch {
      throw failure(answer, now: now)
    }
    guard let token = reply.token, (200..<300).contains(answer.status) else { throw failure(answer, now: now) }
    let claims = JSONWebToken(token)
    for said in [reply.clientID, claims.clientID] {
      if let said, said != clientID { throw .otherAccount }
    }
    let expiresAt =
      claims.expiresAt ?? reply.expiresAt ?? now.adding(nanoseconds: life.components.seconds * 1_000_000_000)
    return StoredTokens(
      access: IssuedToken(secret: token, expiresAt: expiresAt), refresh: nil, issuedAt: claims.issuedAt ?? now)
  }

  /// To ``DhanLoginCalls/makeConsent(key:secret:)``.
  package static func consent(_ answer: BrokerAnswer, now: Timestamp) throws(Failure) -> String {
    var consent: String?
    do throws(JSONError) {
      var reader = WireReader(answer.body.span)
      try reader.scanner.beginObject()
      while let key = try reader.nextKey() {
        if key == "consentAppId" { consent = try reader.meaningfulText() } else { try reader.scanner.skipValue() }
      }
      try reader.scanner.finish()
    } catch {
      consent = nil
    }
    guard let consent, (200..<300).contains(answer.status) else { throw failure(answer, now: now) }
    return consent
  }

  /// The documents call the field `accessToken`; one client was seen to read `token` when renewing.
  private struct Reply {
    var token: Secret?
    var clientID: String?
    var expiresAt: Timestamp?

    init(_ body: [UInt8]) throws(JSONError) {
      var reader = WireReader(body.span)
      try reader.scanner.beginObject()
      while let key = try reader.nextKey() {
        switch key {
        case "accessToken", "token": token = try reader.secret() ?? token
        case "dhanClientId": clientID = try reader.meaningfulText()
        // Indian time without a zone, with milliseconds or without.
        case "expiryTime": expiresAt = try reader.text().flatMap(IndianTime.dashed)
        default: try reader.scanner.skipValue()
        }
      }
      try reader.scanner.finish()
    }
  }

  private static func failure(_ answer: BrokerAnswer, now: Timestamp) -> Failure {
    let envelope: DhanEnvelope?
    do throws(JSONError) {
      envelope = try DhanEnvelope(answer.body)
    } catch {
      envelope = nil
    }
    let verdict = DhanVerdict(answer, envelope, now: now)
    if case .rateLimited(let rest) = verdict { return .rateLimited(rest) }
    if let fault = BrokerFault(unprovenStatus: answer.status) {
      return .unproven(fault.refusal("HTTP \(answer.status)"))
    }
    guard let envelope, envelope.isFailure else { return .unproven(BrokerFault.strangeAnswer.refusal()) }
    let words = BrokerWords.clean(envelope.words ?? envelope.errorCode ?? "no words")
    let said = words.lowercased()
    if said.contains("2 minutes") || said.contains("once every") { return .tooSoon }
    if said.contains("renewal of token not allowed") { return .notRenewable(words) }
    if said.contains("totp") || said.contains("otp") { return .wrongPassword(words) }
    if said.split(whereSeparator: { !$0.isLetter }).contains("pin") { return .wrongPIN(words) }
    if said.contains("client") { return .wrongAccess(words) }
    switch verdict {
    case .tokenDead: return .wrongAccess(words)
    case .taken, .refused, .rateLimited, .unproven, .nothingToList: return .refused(words)
    }
  }
}
