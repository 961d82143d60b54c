import HTTP
import OrderDomain

/// How a person's browser gets a session, and gives it back.
extension EngineEndpoints {
  /// Passwords that are hashed at one time: each takes 32 MiB and a good part of a second of a core.
  private static let hashingLimit = 2

  /// The printed address carries the token; what is left of it is a session, under an address that may be seen.
  func signIn(_ token: String, _ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    let caller = caller(of: request)
    if let turned = doorkeeper.lockedOut(caller) { return send(turned, responder) }
    guard doorkeeper.isOperatorToken(Secret(token)) else {
      return send(doorkeeper.failed(.wrongCredential, caller), responder)
    }
    lead(to: "/", setting: doorkeeper.signIn(.token, isEncrypted: isEncrypted(request)), responder)
  }

  /// What the page to sign in sends: the password, or the operator's token.
  func signIn(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    let caller = caller(of: request)
    // Nobody's browser shall be made to lock its own address out.
    if doorkeeper.isFromElsewhere(request) { return send(doorkeeper.refusedFromElsewhere(caller), responder) }
    if let turned = doorkeeper.lockedOut(caller) { return showLogin(turned, responder) }
    let text = request.formValue("password") ?? ""
    let offered = Secret(text)
    let isEncrypted = isEncrypted(request)
    if doorkeeper.isOperatorToken(offered) {
      return lead(to: "/", setting: doorkeeper.signIn(.token, isEncrypted: isEncrypted), responder)
    }
    guard (1...PasswordHash.longest).contains(text.utf8.count) else {
      return showLogin(doorkeeper.failed(.wrongPassword, caller), responder)
    }
    guard hashingCount < EngineEndpoints.hashingLimit else {
      return showLogin(
        Doorkeeper.Turned(status: 503, refusal: EngineEndpoints.signInBusy, retryAfterSeconds: 1), responder)
    }
    hashingCount += 1
    let files = files
    engine.assumeIsolated { engine in
      engine.start { [self] _ in
        let isRight = await BlockingWork.runAside { files.isPassword(offered) }
        hashingCount -= 1
        switch isRight {
        case .success(true):
          lead(to: "/", setting: doorkeeper.signIn(.password, isEncrypted: isEncrypted), responder)
        case .success(false): showLogin(doorkeeper.failed(.wrongPassword, caller), responder)
        case .failure(let refusal): showLogin(Doorkeeper.Turned(status: 503, refusal: refusal), responder)
        }
      }
    }
  }

  func signOut(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    var headers = fields.json
    headers.add("Set-Cookie", doorkeeper.signOut(request, isEncrypted: isEncrypted(request)))
    send(200, Array(#"{"status":"signed_out"}"#.utf8), headers, responder)
  }

  /// Who asks, as the page shows it, and what it must send with what changes something.
  func sessionJSON(_ visitor: Doorkeeper.Visitor) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.string("name", visitor.words)
      json.string("scope", visitor.scope.rawValue)
      json.boolean("session", visitor.means == .session)
      if let token = visitor.pageToken {
        json.string("csrf_token", token.withBytes { String(decoding: $0.copied(), as: UTF8.self) })
      }
    }
    return json.bytes
  }

  /// Keys and the password were changed by a command. Called on the engine's thread.
  func take(_ change: OperatorWatch.Change) {
    switch change {
    case .keys(let keys): doorkeeper.use(keys)
    case .password: doorkeeper.passwordChanged()
    }
  }

  private func send(_ turned: Doorkeeper.Turned, _ responder: HTTPResponder) {
    send(
      EngineReply.refused(turned.status, [turned.refusal], retryAfterSeconds: turned.retryAfterSeconds), responder)
  }

  private func showLogin(_ turned: Doorkeeper.Turned, _ responder: HTTPResponder) {
    var headers = fields.login
    if let seconds = turned.retryAfterSeconds { headers.add("Retry-After", String(seconds)) }
    send(turned.status, SignInPage.html(saying: turned), headers, responder)
  }

  private static let signInBusy = Refusal(
    code: "auth.signInBusy", cause: "other passwords are being checked this moment", fix: "try again in a second")
}

extension OperatorFiles {
  /// Blocks, for a good part of a second.
  func isPassword(_ offered: Secret) -> Result<Bool, Refusal> {
    do throws(Refusal) { return .success(try password()?.matches(offered) ?? false) } catch { return .failure(error) }
  }
}
