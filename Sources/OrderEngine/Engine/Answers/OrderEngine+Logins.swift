import Actors
package import OrderDomain

/// Logins at the brokers that a person makes.
extension OrderEngine {
  /// Where a person logs in: the broker's page, or why there is none.
  package func beginLogin(of account: AccountID?) async -> Result<(account: AccountID, page: LoginPage), LoginRefused> {
    guard let chosen = loginAccount(account), let keeper = chosen.tokens?.keeper else {
      return .failure(LoginRefused(404, OrderEngine.noLoginAccount))
    }
    do throws(TokenError) {
      return .success((chosen.id, try await keeper.beginLogin()))
    } catch {
      return .failure(LoginRefused(error))
    }
  }

  /// What a browser brings back. Only an account that sent one out takes it.
  package func finishLogin(state: String?, _ grant: LoginGrant) async -> Result<AccountID, LoginRefused> {
    for account in parts.accounts {
      guard let tokens = account.tokens, let keeper = tokens.keeper, await keeper.expects(state: state) else {
        continue
      }
      do throws(TokenError) {
        return await taken(try await keeper.finishLogin(state: state, grant), by: account, tokens)
      } catch {
        return .failure(LoginRefused(error))
      }
    }
    return .failure(LoginRefused(403, OrderEngine.unknownLogin))
  }

  /// What the operator brings by hand: a code, or a whole token.
  package func takeToken(_ grant: LoginGrant, for account: AccountID?) async -> EngineReply {
    guard let chosen = loginAccount(account), let tokens = chosen.tokens, let keeper = tokens.keeper else {
      return .refused(404, [OrderEngine.noLoginAccount])
    }
    do throws(TokenError) {
      switch await taken(try await keeper.take(grant), by: chosen, tokens) {
      case .success: return EngineReply(status: 200, body: tokensJSON())
      case .failure(let refused): return .refused(refused.status, [refused.refusal])
      }
    } catch {
      let refused = LoginRefused(error)
      return .refused(refused.status, [refused.refusal])
    }
  }

  private func taken(
    _ issued: IssuedToken, by account: EngineAccount, _ tokens: AccountTokens
  ) async -> Result<AccountID, LoginRefused> {
    // Whoever waits for a token goes on from here.
    if await tokens.manager.supply(issued) { return .success(account.id) }
    return .failure(
      LoginRefused(
        422,
        Refusal(
          code: "auth.issuedExpired", cause: "the token has expired already",
          fix: "compare this machine's clock with the true time, and log in again")))
  }

  /// The account of that name, or without a name the only one that logs in anywhere.
  private func loginAccount(_ account: AccountID?) -> EngineAccount? {
    let able = parts.accounts.filter { $0.tokens?.keeper != nil }
    guard let account else { return able.count == 1 ? able.first : nil }
    return able.first { $0.id == account }
  }

  static let noLoginAccount = Refusal(
    code: "account.notFound", cause: "no account of this name logs in anywhere, or it is not said which",
    fix: "add account=NAME; GET /api/v1/tokens lists them")

  static let unknownLogin = Refusal(
    code: "auth.unknownLogin", cause: "no login that was begun here is waited for, or its time is over",
    fix: "open /auth-url again with the operator's token, and log in within 15 minutes")
}

/// Why a login came to nothing, with the status that says so.
package struct LoginRefused: Error, Hashable, Sendable {
  package let status: UInt16
  package let refusal: Refusal

  init(_ status: UInt16, _ refusal: Refusal) {
    self.status = status
    self.refusal = refusal
  }

  init(_ error: TokenError) {
    status =
      error.refusal.code == "auth.unknownLogin" ? 403 : error.kind == .temporary ? 503 : 422
    refusal = error.refusal
  }
}
