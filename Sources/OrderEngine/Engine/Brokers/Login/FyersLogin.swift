package import OrderDomain

/// How an account at Fyers comes to a token: by a person's login once a day, since Fyers renews none any more (April 2026).
/// A refresh token is still tried where there is one, until Fyers says that it is of no use.
package actor FyersLogin: TokenLogin {
  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe executor.asUnownedSerialExecutor() }

  private let executor: any SerialExecutor
  private let wallClock: any WallClock
  private let calls: FyersLoginCalls
  private let transport: any BrokerTransport
  private let deadline: Duration
  private let account: AccountID
  private var isRenewalDisabled = false
  /// A code serves once.
  private var isConfiguredCodeUsed = false

  package init(
    executor: any SerialExecutor, wallClock: any WallClock, account: AccountID, settings: FyersLoginSettings,
    transport: any BrokerTransport, deadline: Duration = .seconds(10)
  ) {
    self.executor = executor
    self.wallClock = wallClock
    self.account = account
    calls = FyersLoginCalls(settings: settings)
    self.transport = transport
    self.deadline = deadline
  }

  private var settings: FyersLoginSettings { calls.settings }

  // MARK: Without a person

  package func canRenew(_ known: StoredTokens?) -> Bool {
    renewal(known) != nil || settings.code != nil && settings.secretID != nil && !isConfiguredCodeUsed
  }

  package func renew(_ known: StoredTokens?) async throws(TokenError) -> StoredTokens {
    var why = "Fyers gives tokens to persons alone"
    if let (call, refresh) = renewal(known) {
      do throws(FyersLoginAnswers.Failure) {
        let tokens = try await tokens(call)
        return StoredTokens(access: tokens.access, refresh: tokens.refresh ?? refresh, issuedAt: tokens.issuedAt)
      } catch {
        switch error {
        case .renewalDisabled(let refusal), .refused(let refusal):
          isRenewalDisabled = true
          why = refusal.cause
        case .rateLimited, .unproven: throw failed(error)
        }
      }
    }
    if settings.code != nil, !isConfiguredCodeUsed {
      do throws(FyersLoginAnswers.Failure) {
        return try await exchangeConfigured()
      } catch {
        if case .refused(let refusal) = error { why = refusal.cause } else { throw failed(error) }
      }
    }
    throw personNeeded(why)
  }

  private func renewal(_ known: StoredTokens?) -> (BrokerCall, IssuedToken)? {
    guard !isRenewalDisabled, let refresh = known?.refresh, let token = refresh.secret, let pin = settings.pin,
      let secretID = settings.secretID, refresh.expiresAt.map({ wallClock.now() < $0 }) ?? true
    else { return nil }
    return (calls.refresh(token, pin: pin, secretID: secretID), refresh)
  }

  // MARK: By a person

  package func beginLogin(state: String) async throws(TokenError) -> LoginPage {
    guard settings.secretID != nil, let address = calls.page(state: state) else {
      throw TokenError(
        kind: .needsPerson,
        refusal: Refusal(
          code: "auth.loginNotConfigured",
          cause: "\(account): a login page needs the app's secret and the address that Fyers sends the browser to",
          fix: "set FYERS_SECRET_ID and FYERS_REDIRECT_URI as they are registered for the app"))
    }
    return LoginPage(address: address, returnsState: true)
  }

  package func finishLogin(_ grant: LoginGrant) async throws(TokenError) -> StoredTokens {
    do throws(FyersLoginAnswers.Failure) {
      switch grant {
      case .code(let code):
        // A new login makes new refresh tokens; whether they are of use is asked again.
        isRenewalDisabled = false
        return try await exchange(code)
      case .token(let token): return StoredTokens(pasted: token, at: wallClock.now())
      case .configured: return try await exchangeConfigured()
      }
    } catch {
      throw failed(error)
    }
  }

  private func exchangeConfigured() async throws(FyersLoginAnswers.Failure) -> StoredTokens {
    guard let code = settings.code, !isConfiguredCodeUsed else {
      throw .refused(
        Refusal(
          code: "auth.loginRefused", cause: "FYERS_AUTH_CODE is missing, or has been used: a code serves once",
          fix: "log in at /auth-url, or post a new code to /generate-token"))
    }
    isConfiguredCodeUsed = true
    return try await exchange(code)
  }

  private func exchange(_ code: Secret) async throws(FyersLoginAnswers.Failure) -> StoredTokens {
    guard let secretID = settings.secretID else {
      throw .refused(
        Refusal(
          code: "auth.loginNotConfigured", cause: "the app's secret is not configured",
          fix: "set FYERS_SECRET_ID"))
    }
    return try await tokens(calls.exchange(code, secretID: secretID))
  }

  // MARK: Calls and their ends

  private func tokens(_ call: BrokerCall) async throws(FyersLoginAnswers.Failure) -> StoredTokens {
    switch await transport.send(call, deadline: deadline) {
    case .answer(let answer): return try FyersLoginAnswers.tokens(answer, now: wallClock.now())
    case .notSent(let cause): throw .unproven(BrokerFault.notSent.refusal(cause))
    case .perhapsSent(let cause): throw .unproven(BrokerFault.noAnswer.refusal(cause))
    }
  }

  private func failed(_ failure: FyersLoginAnswers.Failure) -> TokenError {
    switch failure {
    case .renewalDisabled(let refusal): personNeeded(refusal.cause)
    case .refused(let refusal):
      TokenError(
        kind: .needsPerson,
        refusal: Refusal(
          code: "auth.loginRefused", cause: "\(account): Fyers refuses the login: \(refusal.cause)", fix: refusal.fix))
    case .rateLimited(let rest):
      TokenError(kind: .temporary, refusal: BrokerFault.rateLimited.refusal("\(account)"), retryAfter: rest)
    case .unproven(let refusal): TokenError(kind: .temporary, refusal: refusal)
    }
  }

  private func personNeeded(_ why: String) -> TokenError {
    let fix =
      settings.secretID != nil && settings.redirectAddress != nil
      ? "open /auth-url?account=\(account) with the operator's token, and log in there"
      : "set FYERS_SECRET_ID and FYERS_REDIRECT_URI, or post today's token to /generate-token"
    return TokenError(
      kind: .needsPerson,
      refusal: Refusal(code: "auth.loginNeeded", cause: "\(account): a person must log in: \(why)", fix: fix))
  }
}
