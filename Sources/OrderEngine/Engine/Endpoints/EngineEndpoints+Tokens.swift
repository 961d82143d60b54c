import Actors
import HTTP
import OrderDomain

/// Access tokens: a new one by hand, by a scheduler or by a person's login. `/ready` is for probes and changes nothing; what
/// changes something is posted, or comes back from a login that was begun here.
extension EngineEndpoints {
  /// `true` when the request was one of these. The caller is the operator.
  func postToken(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    if request.isPath("/refresh-token") { refreshToken(request, responder) } else { generateToken(request, responder) }
  }

  private func refreshToken(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    let (account, isGood) = EngineEndpoints.account(request)
    guard isGood else { return send(.refused(404, [OrderEngine.noLoginAccount]), responder) }
    work(responder) { engine in
      await engine.refreshTokens(of: account) ?? .refused(404, [OrderEngine.noLoginAccount])
    }
  }

  private func generateToken(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    let (account, isGood) = EngineEndpoints.account(request)
    guard isGood else { return send(.refused(404, [OrderEngine.noLoginAccount]), responder) }
    guard let grant = EngineEndpoints.grant(request.body) else {
      return refuse(
        400, "auth.badGrant", "the body names no code and no token",
        "post {\"auth_code\":\"…\"} for Fyers, {\"token_id\":\"…\"} for Dhan, {\"access_token\":\"…\"} for either, or nothing "
          + "to use FYERS_AUTH_CODE", responder)
    }
    work(responder) { engine in await engine.takeToken(grant, for: account) }
  }

  // MARK: A login in the browser

  /// The address of the broker's login page; with `go=1` the way there.
  func authURL(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    let (account, isGood) = EngineEndpoints.account(request)
    guard isGood else { return send(.refused(404, [OrderEngine.noLoginAccount]), responder) }
    let isRedirect = request.queryValue("go") == "1"
    engine.assumeIsolated { engine in
      engine.start { [self] engine in
        switch await engine.beginLogin(of: account) {
        case .failure(let refused): send(.refused(refused.status, [refused.refusal]), responder)
        case .success(let (account, page)):
          var headers = fields.json
          if isRedirect { headers.add("Location", page.address) }
          var json = JSONWriter()
          json.object { json in
            json.string("account", account.name)
            json.string("auth_url", page.address)
            json.integer("expires_in_seconds", EngineEndpoints.loginSeconds)
          }
          send(isRedirect ? 303 : 200, json.bytes, headers, responder)
        }
      }
    }
  }

  private static let loginSeconds = 900

  /// Where the broker sends the browser after the login. Open to everybody, because the browser has no token of ours: it is
  /// believed only with what a login that was begun here gave it.
  func callback(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    let state = request.queryValue("state")
    guard let code = request.queryValue("auth_code") ?? request.queryValue("tokenId"), !code.isEmpty,
      code.utf8.count <= EngineEndpoints.codeLimit
    else {
      return page(400, "The broker sent no code back. Open the login again.", responder)
    }
    engine.assumeIsolated { engine in
      engine.start { [self] engine in
        switch await engine.finishLogin(state: state, .code(Secret(code))) {
        case .success(let account): page(200, "\(account) is logged in. You can close this page.", responder)
        case .failure(let refused):
          page(refused.status, "\(refused.refusal.cause). To do: \(refused.refusal.fix).", responder)
        }
      }
    }
  }

  /// The longest seen have some 500 bytes.
  private static let codeLimit = 4_096

  /// One sentence for a person.
  private func page(_ status: UInt16, _ words: String, _ responder: HTTPResponder) {
    var escaped = ""
    for character in words {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      default: escaped.append(character)
      }
    }
    let html =
      "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
      + "<title>Login</title><p>\(escaped)</p></html>"
    send(status, Array(html.utf8), fields.html, responder)
  }

  // MARK: -

  /// Answers when `body` has made the reply.
  private func work(_ responder: HTTPResponder, _ body: @escaping @Sendable (OrderEngine) async -> EngineReply) {
    engine.assumeIsolated { engine in
      engine.start { [self] engine in send(await body(engine), responder) }
    }
  }

  /// The account that a query names, if it names one.
  private static func account(_ request: borrowing HTTPRequestView) -> (account: AccountID?, isGood: Bool) {
    guard let name = request.queryValue("account") else { return (nil, true) }
    let account = AccountID(name)
    return (account, account != nil)
  }

  /// What a body brings; nothing at all stands for the code in the settings.
  private static func grant(_ body: Span<UInt8>) -> LoginGrant? {
    if body.isEmpty { return .configured }
    do throws(JSONError) {
      var grant: LoginGrant?
      var scanner = JSONScanner(body)
      try scanner.beginObject()
      while let key = try scanner.nextKey() {
        let name = scanner.text(key)
        guard try scanner.peek() == .string else {
          try scanner.skipValue()
          continue
        }
        let value = Secret(scanner.utf8(try scanner.string()))
        switch name {
        case "auth_code", "code", "token_id", "tokenId": grant = .code(value)
        case "access_token": grant = .token(value)
        default: continue
        }
      }
      try scanner.finish()
      return grant
    } catch {
      return nil
    }
  }
}
