import HTTP
import OrderDomain

/// Who may see and do what, of those who are not webhooks: by the operator's token, by an API key, or by a session of a
/// browser. Lives on the engine's thread.
final class Doorkeeper {
  /// Somebody who was let in.
  struct Visitor {
    enum Means: Equatable {
      case token
      case key(name: String)
      case session
    }

    let means: Means
    let scope: OperatorScope
    /// What a page must send with what changes something; `nil` where no browser adds anything by itself.
    var pageToken: Secret?

    /// As the journal and the log name the means: never anything that opens a door.
    var words: String {
      switch means {
      case .token: "operator"
      case .key(let name): "key \(name)"
      case .session: "session"
      }
    }
  }

  enum Verdict {
    case admitted(Visitor)
    case refused(Turned)
  }

  struct Turned {
    let status: UInt16
    let refusal: Refusal
    var retryAfterSeconds: Int64?
  }

  static let cookieName = "order_engine"

  private let operatorToken: Secret
  private let now: () -> Uptime
  private let today: () -> CalendarDate
  private let alarm: (Refusal) -> Void
  private var keys: APIKeyRing
  private var sessions: SessionTable
  private var lockOut: LockOut
  private(set) var tally = DoorTally(door: "operator")

  init(
    operatorToken: Secret, keys: APIKeyRing, sessions: SessionTable.Settings, lockOut: LockOut.Settings,
    now: @escaping () -> Uptime, today: @escaping () -> CalendarDate, alarm: @escaping (Refusal) -> Void
  ) {
    self.operatorToken = operatorToken
    self.keys = keys
    self.sessions = SessionTable(sessions)
    self.lockOut = LockOut(lockOut)
    self.now = now
    self.today = today
    self.alarm = alarm
  }

  // MARK: Letting in

  /// - Parameter place: where it leads; nothing is at `nil`.
  func judge(_ request: borrowing HTTPRequestView, from caller: Caller, at place: OperatorPlace?) -> Verdict {
    switch identify(request, caller) {
    case .refused(let turned): return .refused(turned)
    case .admitted(let visitor):
      guard let place else { return .refused(Turned(status: 404, refusal: Doorkeeper.nothingHere)) }
      guard visitor.scope >= place.scope else {
        return .refused(turned(.scopeMissing, caller, 403, Doorkeeper.scopeMissing(place.scope)))
      }
      if request.method == .post, let wanted = visitor.pageToken {
        guard !isFromElsewhere(request), wanted.matches(Secret(request.fieldText("x-csrf-token") ?? "")) else {
          return .refused(turned(.crossSite, caller, 403, Doorkeeper.crossSite))
        }
      }
      return .admitted(visitor)
    }
  }

  private func identify(_ request: borrowing HTTPRequestView, _ caller: Caller) -> Verdict {
    let now = now()
    if let authorization = request.fieldText("authorization") {
      guard authorization.hasPrefix("Bearer ") else {
        return .refused(Turned(status: 401, refusal: Doorkeeper.credentialMissing))
      }
      if let turned = locked(caller, now) { return .refused(turned) }
      if let visitor = visitor(Secret(String(authorization.dropFirst(7)))) { return .admitted(visitor) }
      lockOut.fail(caller, at: now)
      return .refused(turned(.wrongCredential, caller, 401, Doorkeeper.wrongCredential))
    }
    // Not locked out: a session's id is nothing that anybody guesses, and one that has ended is no attempt.
    if let cookie = Doorkeeper.cookie(of: request), let session = sessions.use(cookie, at: now) {
      return .admitted(Visitor(means: .session, scope: .admin, pageToken: session.pageToken))
    }
    return .refused(Turned(status: 401, refusal: Doorkeeper.credentialMissing))
  }

  private func visitor(_ offered: Secret) -> Visitor? {
    if operatorToken.matches(offered) { return Visitor(means: .token, scope: .admin) }
    return keys.key(offered, on: today()).map { Visitor(means: .key(name: $0.name), scope: $0.scope) }
  }

  /// Whether whoever was let in with this request would still be: asked while a stream of his goes on.
  func stillAdmits(_ visitor: Visitor, cookie: Secret?) -> Bool {
    switch visitor.means {
    case .token: true
    case .key(let name): keys.keys.contains { $0.name == name && $0.isValid(on: today()) && $0.scope >= .read }
    case .session: cookie.map { sessions.use($0, at: now()) != nil } ?? false
    }
  }

  // MARK: Signing in

  /// Asked before a secret is looked at; `nil` lets it be looked at.
  func lockedOut(_ caller: Caller) -> Turned? { locked(caller, now()) }

  func isOperatorToken(_ offered: Secret) -> Bool { operatorToken.matches(offered) }

  func failed(_ failure: DoorFailure, _ caller: Caller) -> Turned {
    lockOut.fail(caller, at: now())
    return turned(failure, caller, 401, Doorkeeper.wrongCredential)
  }

  func refusedFromElsewhere(_ caller: Caller) -> Turned { turned(.crossSite, caller, 403, Doorkeeper.crossSite) }

  /// A new session's `Set-Cookie`.
  ///
  /// - Parameter isEncrypted: the browser then sends it over TLS alone.
  func signIn(_ origin: SessionTable.Origin, isEncrypted: Bool) -> String {
    let id = RandomText.make(bits: 256)
    sessions.start(Secret(id), origin, pageToken: Secret(RandomText.make(bits: 256)), at: now())
    return Doorkeeper.setCookie(id, seconds: sessions.longestSeconds, isEncrypted)
  }

  /// The session has ended; what is returned takes the cookie out of the browser.
  func signOut(_ request: borrowing HTTPRequestView, isEncrypted: Bool) -> String {
    if let cookie = Doorkeeper.cookie(of: request) { sessions.end(cookie) }
    return Doorkeeper.setCookie("", seconds: 0, isEncrypted)
  }

  /// Whether another site's page made the browser send this. Browsers say so (`Sec-Fetch-Site`, over TLS and on this
  /// machine), or else name the page's origin.
  func isFromElsewhere(_ request: borrowing HTTPRequestView) -> Bool {
    if let site = request.fieldText("sec-fetch-site") { return site != "same-origin" && site != "none" }
    guard let origin = request.fieldText("origin") else { return false }
    guard let scheme = origin.firstRange(of: "://") else { return true }
    let authority = request.fieldText("host") ?? ""
    return origin[scheme.upperBound...].lowercased() != authority.lowercased()
  }

  // MARK: Keys

  var listedKeys: [APIKey] { keys.keys }

  func use(_ keys: APIKeyRing) { self.keys = keys }

  func passwordChanged() { sessions.endThoseByPassword() }

  // MARK: Parts

  private func locked(_ caller: Caller, _ now: Uptime) -> Turned? {
    guard case .locked(let seconds) = lockOut.standing(of: caller, at: now) else { return nil }
    var turned = turned(.lockedOut, caller, 429, EngineRefusals.lockedOut)
    turned.retryAfterSeconds = seconds
    return turned
  }

  private func turned(_ failure: DoorFailure, _ caller: Caller, _ status: UInt16, _ refusal: Refusal) -> Turned {
    if let words = tally.count(failure, from: caller, at: now()) { alarm(words) }
    return Turned(status: status, refusal: refusal)
  }

  static func cookie(of request: borrowing HTTPRequestView) -> Secret? {
    guard let cookies = request.fieldText("cookie") else { return nil }
    for cookie in cookies.split(separator: ";") {
      let pair = cookie.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
      if pair.count == 2, pair[0] == Doorkeeper.cookieName { return Secret(String(pair[1])) }
    }
    return nil
  }

  private static func setCookie(_ value: String, seconds: Int64, _ isEncrypted: Bool) -> String {
    "\(cookieName)=\(value); Path=/; HttpOnly; SameSite=Strict; Max-Age=\(seconds)\(isEncrypted ? "; Secure" : "")"
  }
}

extension Doorkeeper {
  static let nothingHere = Refusal(
    code: "http.notFound", cause: "nothing is at this address", fix: "docs/operations.md lists what there is")
  static let credentialMissing = Refusal(
    code: "auth.operatorTokenMissing", cause: "this address is for the operator",
    fix: "open /login, or send Authorization: Bearer with the operator's token, which is in the data directory's "
      + "operator-token, or with an API key")
  static let wrongCredential = Refusal(
    code: "auth.wrongOperatorToken", cause: "this is not the operator's token, a valid API key or the password",
    fix: "copy it once more; order-engine keys list shows which keys there are")
  static let crossSite = Refusal(
    code: "auth.crossSite", cause: "a browser's session changes something only when this engine's own page asks for it",
    fix: "send X-CSRF-Token with what GET /api/v1/session says, or use an API key")

  static func scopeMissing(_ scope: OperatorScope) -> Refusal {
    Refusal(
      code: "auth.scopeMissing", cause: "this key may not do that",
      fix: "use a key with the scope \(scope.rawValue)")
  }
}
