package import OrderDomain

/// How an account at Dhan comes to a token: by PIN and one-time password, else by renewing a living one, else by a person.
package actor DhanLogin: TokenLogin {
  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  private let executor: any SerialExecutor
  private let clock: any MonotonicClock
  private let wallClock: any WallClock
  private let calls: DhanLoginCalls
  private let transport: any BrokerTransport
  private let deadline: Duration
  private let account: AccountID
  /// The steps whose one-time passwords were sent: Dhan takes none of them again.
  private var usedSteps: [Int64] = []
  /// How far this machine's clock is behind Dhan's, learned when a one-time password was refused.
  private var clockOffset: Duration = .zero
  /// Dhan makes no token before this.
  private var restsUntil: Uptime?
  private var refusalsInARow = 0

  /// Two minutes by Dhan's words, and a little, for their clock begins when the token is made.
  package static let rest = Duration.seconds(125)
  /// Refusals that may be a passing matter; the next one is a person's.
  package static let refusalLimit = 3

  package init(
    executor: any SerialExecutor, clock: any MonotonicClock, wallClock: any WallClock, account: AccountID,
    settings: DhanLoginSettings, transport: any BrokerTransport, deadline: Duration = .seconds(10)
  ) {
    self.executor = executor
    self.clock = clock
    self.wallClock = wallClock
    self.account = account
    calls = DhanLoginCalls(settings: settings)
    self.transport = transport
    self.deadline = deadline
  }

  private var settings: DhanLoginSettings { calls.settings }

  // MARK: Without a person

  package func canRenew(_ known: StoredTokens?) -> Bool {
    settings.pin != nil && settings.oneTimePassword != nil || renewable(known) != nil
  }

  package func renew(_ known: StoredTokens?) async throws(TokenError) -> StoredTokens {
    if let pin = settings.pin, let password = settings.oneTimePassword { return try await mint(pin, password) }
    guard let token = renewable(known) else { throw personNeeded("there is no token that could be renewed") }
    do throws(DhanLoginAnswers.Failure) {
      return try await tokens(calls.renew(token))
    } catch {
      switch error {
      // The token that was to be renewed is of no more use for it, or of none at all.
      case .notRenewable(let words), .wrongAccess(let words): throw personNeeded(words)
      default: throw failed(error)
      }
    }
  }

  /// A living token that was made on the website, or does not say where.
  private func renewable(_ known: StoredTokens?) -> Secret? {
    guard let token = known?.access.secret else { return nil }
    let claims = JSONWebToken(token)
    if let expiry = claims.expiresAt ?? known?.access.expiresAt, expiry <= wallClock.now() { return nil }
    return claims.consumer == nil || claims.consumer == "SELF" ? token : nil
  }

  private func mint(_ pin: Secret, _ password: OneTimePassword) async throws(TokenError) -> StoredTokens {
    if let restsUntil, clock.now < restsUntil { throw failed(.tooSoon) }
    let moment = wallClock.now().adding(nanoseconds: nanoseconds(clockOffset))
    let step = OneTimePassword.step(at: moment)
    if usedSteps.contains(step) {
      throw TokenError(
        kind: .temporary,
        refusal: Refusal(
          code: "auth.passwordUsed", cause: "\(account): this half minute's one-time password has been used",
          fix: "nothing to do: the next one is used by itself"),
        retryAfter: OneTimePassword.wait(for: step + 1, at: moment))
    }
    // Before it is sent: an answer that never comes has used it up, too.
    usedSteps = usedSteps.suffix(7) + [step]
    do throws(DhanLoginAnswers.Failure) {
      return try await tokens(calls.mint(pin: pin, code: password.code(step: step)))
    } catch {
      throw failed(error)
    }
  }

  // MARK: By a person

  package func beginLogin(state: String) async throws(TokenError) -> LoginPage {
    guard let (key, secret) = keys else {
      throw TokenError(
        kind: .needsPerson,
        refusal: Refusal(
          code: "auth.loginNotConfigured", cause: "\(account): a login page needs the key and the secret of Dhan's API",
          fix: "set DHAN_API_KEY and DHAN_API_SECRET, or DHAN_PIN and DHAN_TOTP_SECRET for logins without a page"))
    }
    do throws(DhanLoginAnswers.Failure) {
      let answer = try await ask(calls.makeConsent(key: key, secret: secret))
      let consent = try DhanLoginAnswers.consent(answer, now: wallClock.now())
      return LoginPage(address: calls.page(consent: consent), returnsState: false)
    } catch {
      throw failed(error)
    }
  }

  package func finishLogin(_ grant: LoginGrant) async throws(TokenError) -> StoredTokens {
    do throws(DhanLoginAnswers.Failure) {
      switch grant {
      case .code(let tokenID):
        guard let (key, secret) = keys else { throw DhanLoginAnswers.Failure.wrongAccess("no key is configured") }
        return try await tokens(calls.consume(tokenID, key: key, secret: secret))
      case .token(let token):
        let claims = JSONWebToken(token)
        if let client = claims.clientID, client != settings.clientID { throw DhanLoginAnswers.Failure.otherAccount }
        return StoredTokens(pasted: token, at: wallClock.now())
      case .configured: throw DhanLoginAnswers.Failure.wrongAccess("no code stands in the settings")
      }
    } catch {
      throw failed(error)
    }
  }

  private var keys: (Secret, Secret)? {
    guard let key = settings.apiKey, let secret = settings.apiSecret else { return nil }
    return (key, secret)
  }

  // MARK: Calls and their ends

  private func tokens(_ call: BrokerCall) async throws(DhanLoginAnswers.Failure) -> StoredTokens {
    let answer = try await ask(call)
    let now = wallClock.now()
    do throws(DhanLoginAnswers.Failure) {
      let tokens = try DhanLoginAnswers.tokens(answer, clientID: settings.clientID, now: now)
      refusalsInARow = 0
      restsUntil = nil
      return tokens
    } catch {
      if case .wrongPassword = error { learnClock(answer, now) }
      throw error
    }
  }

  private func ask(_ call: BrokerCall) async throws(DhanLoginAnswers.Failure) -> BrokerAnswer {
    switch await transport.send(call, deadline: deadline) {
    case .answer(let answer): return answer
    case .notSent(let cause): throw .unproven(BrokerFault.notSent.refusal(cause))
    case .perhapsSent(let cause): throw .unproven(BrokerFault.noAnswer.refusal(cause))
    }
  }

  /// A one-time password is only as good as the clock. Dhan's is in every answer, to the second.
  private func learnClock(_ answer: BrokerAnswer, _ now: Timestamp) {
    guard let theirs = answer.date.flatMap({ IndianTime.imfFixdate(Array($0.utf8)) }) else { return }
    let offset = Duration.nanoseconds(theirs.nanoseconds(since: now))
    clockOffset = abs(nanoseconds(offset)) < 5_000_000_000 ? .zero : offset
  }

  private func nanoseconds(_ duration: Duration) -> Int64 {
    duration.components.seconds * 1_000_000_000 + duration.components.attoseconds / 1_000_000_000
  }

  private func failed(_ failure: DhanLoginAnswers.Failure) -> TokenError {
    switch failure {
    case .tooSoon:
      if restsUntil.map({ $0 <= clock.now }) ?? true { restsUntil = clock.now.advanced(by: DhanLogin.rest) }
      // Asked again before: another process may have made the token, and may be about to keep it where we look.
      return TokenError(
        kind: .temporary,
        refusal: Refusal(
          code: "auth.mintedMomentsAgo",
          cause: "\(account): Dhan makes one token every two minutes, and has just made one",
          fix: "nothing to do; if it lasts, end the other program that logs in to this account"))
    case .wrongPassword(let words): return wrongPassword(words)
    case .wrongPIN(let words): return refused("Dhan refuses the PIN: \(words)", "correct DHAN_PIN")
    case .wrongAccess(let words):
      return refused(
        "Dhan does not know who logs in: \(words)", "correct DHAN_CLIENT_ID, DHAN_API_KEY and DHAN_API_SECRET")
    case .otherAccount:
      return refused(
        "the token is another client's", "log in as the client whose id stands in DHAN_CLIENT_ID")
    case .notRenewable(let words): return personNeeded(words)
    case .rateLimited(let rest):
      return TokenError(kind: .temporary, refusal: BrokerFault.rateLimited.refusal("\(account)"), retryAfter: rest)
    case .refused(let words):
      refusalsInARow += 1
      let refusal = Refusal(
        code: "auth.loginRefused", cause: "\(account): Dhan refuses the login: \(words)",
        fix: "read Dhan's words; correct the settings of the login")
      return TokenError(kind: refusalsInARow < DhanLogin.refusalLimit ? .temporary : .needsPerson, refusal: refusal)
    case .unproven(let refusal): return TokenError(kind: .temporary, refusal: refusal)
    }
  }

  private func wrongPassword(_ words: String) -> TokenError {
    refusalsInARow += 1
    let seconds = clockOffset.components.seconds
    let clockWords =
      seconds == 0 ? "" : "; this machine's clock is \(abs(seconds)) s \(seconds > 0 ? "behind" : "ahead")"
    let refusal = Refusal(
      code: "auth.passwordRefused", cause: "\(account): Dhan refuses the one-time password: \(words)\(clockWords)",
      fix: "set this machine's clock by NTP; correct DHAN_TOTP_SECRET")
    return TokenError(kind: refusalsInARow < DhanLogin.refusalLimit ? .temporary : .needsPerson, refusal: refusal)
  }

  private func refused(_ cause: String, _ fix: String) -> TokenError {
    TokenError(
      kind: .needsPerson, refusal: Refusal(code: "auth.loginRefused", cause: "\(account): \(cause)", fix: fix))
  }

  private func personNeeded(_ why: String) -> TokenError {
    let fix =
      keys != nil
      ? "open /auth-url?account=\(account) with the operator's token, and log in there"
      : "make a token on web.dhan.co and post it to /generate-token, or set DHAN_PIN and DHAN_TOTP_SECRET"
    return TokenError(
      kind: .needsPerson,
      refusal: Refusal(code: "auth.loginNeeded", cause: "\(account): a person must log in: \(why)", fix: fix))
  }
}
