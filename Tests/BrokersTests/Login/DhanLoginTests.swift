import Brokers
import OrderDomain
import TestSupport
import Testing

struct DhanLoginTests {
  private let clock = ManualClock()
  private let wallClock = ManualWallClock(Sample.opening)

  private func login(_ transport: ScriptedTransport, _ change: (inout DhanLoginSettings) -> Void = { _ in })
    -> DhanLogin
  {
    var settings = DhanLoginSettings(clientID: "1000000001", address: "https://auth.example")
    settings.pin = Secret("123456")
    settings.oneTimePassword = OneTimePassword(base32: Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"))
    change(&settings)
    return DhanLogin(
      executor: SerialQueueExecutor(), clock: clock, wallClock: wallClock, account: Sample.account, settings: settings,
      transport: transport)
  }

  private static func issued(_ token: Secret, client: String = "1000000001") -> BrokerTransportResult {
    .says(
      200,
      #"{"dhanClientId":"\#(client)","dhanClientName":"X","accessToken":"\#(TokenSample.text(token))","#
        + #""expiryTime":"2026-11-25T09:15:00.000"}"#)
  }

  private static let fresh = TokenSample.dhan(issued: 1_795_491_900, expires: 1_795_578_300)

  @Test func `PIN and one-time password travel where no log looks, and bring a token with its own expiry`() async throws
  {
    let transport = ScriptedTransport(Self.issued(Self.fresh))
    let tokens = try await login(transport).renew(nil)
    #expect(TokenSample.text(tokens.access.secret) == TokenSample.text(Self.fresh))
    #expect(tokens.access.expiresAt == Timestamp(seconds: 1_795_578_300))
    #expect(tokens.issuedAt == Timestamp(seconds: 1_795_491_900))
    let call = try #require(transport.calls.first)
    #expect(call.target == "/app/generateAccessToken")
    #expect(call.host == .login)
    #expect(call.isMutating)
    #expect(call.text.hasPrefix("POST /app/generateAccessToken?dhanClientId=1000000001&pin=123456&totp="))
    #expect(!"\(call)".contains("123456"))
  }

  @Test func `without an exp in the token, the answer's own expiry counts`() async throws {
    let transport = ScriptedTransport(
      .says(200, #"{"accessToken":"opaque","expiryTime":"2026-11-25T09:15:00"}"#),
      .says(200, #"{"token":"opaque"}"#))
    let login = login(transport)
    #expect(try await login.renew(nil).access.expiresAt == Sample.opening.adding(nanoseconds: 86_400_000_000_000))
    wallClock.jump(by: .seconds(30))
    #expect(try await login.renew(nil).access.expiresAt == wallClock.now().adding(nanoseconds: 86_400_000_000_000))
  }

  @Test func `a one-time password is never used twice, and after a refusal the next is used`() async throws {
    let wrong = BrokerTransportResult.says(
      400, #"{"errorType":"Order_Error","errorCode":"DH-906","errorMessage":"Invalid TOTP"}"#)
    let transport = ScriptedTransport(wrong, Self.issued(Self.fresh))
    let login = login(transport)
    wallClock.jump(by: .seconds(10))
    let refused = await login.renewalFailure(nil)
    #expect(refused?.refusal.code == "auth.passwordRefused")
    #expect(refused?.kind == .temporary)
    let again = await login.renewalFailure(nil)
    #expect(again?.refusal.code == "auth.passwordUsed")
    #expect(again?.retryAfter == .seconds(20))
    #expect(transport.calls.count == 1)
    wallClock.jump(by: .seconds(20))
    _ = try await login.renew(nil)
    let codes = transport.calls.map { $0.text.split(separator: "totp=").last?.prefix(6) }
    #expect(codes.count == 2)
    #expect(codes[0] != codes[1])
  }

  @Test func `a third one-time password in a row that is refused is a person's matter`() async {
    let wrong = BrokerTransportResult.says(
      400, #"{"errorType":"Order_Error","errorCode":"DH-906","errorMessage":"Invalid TOTP"}"#)
    let login = login(ScriptedTransport(wrong, wrong, wrong))
    var kinds: [TokenError.Kind?] = []
    for _ in 0..<3 {
      kinds.append(await login.renewalFailure(nil)?.kind)
      wallClock.jump(by: .seconds(30))
    }
    #expect(kinds == [.temporary, .temporary, .needsPerson])
  }

  @Test func `a clock that is wrong is found by the broker's, and the next password is by that`() async throws {
    // Five minutes ahead: the broker says 09:10:00.
    let body = #"{"errorType":"Order_Error","errorCode":"DH-906","errorMessage":"Invalid TOTP"}"#
    let refusal = BrokerTransportResult.answer(
      BrokerAnswer(status: 400, date: "Tue, 24 Nov 2026 03:40:00 GMT", body: Array(body.utf8)))
    let transport = ScriptedTransport(refusal, Self.issued(Self.fresh))
    let login = login(transport)
    let error = await login.renewalFailure(nil)
    #expect(error?.refusal.cause.contains("300 s ahead") == true)
    _ = try await login.renew(nil)
    let password = try #require(OneTimePassword(base32: Secret("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")))
    let step = OneTimePassword.step(at: Sample.opening.adding(nanoseconds: -300_000_000_000))
    #expect(transport.calls[1].text.contains("totp=" + TokenSample.text(password.code(step: step))))
  }

  @Test func `a wrong PIN is not tried again`() async {
    let transport = ScriptedTransport(.says(200, #"{"message":"Invalid PIN","status":"error"}"#))
    let error = await login(transport).renewalFailure(nil)
    #expect(error?.kind == .needsPerson)
    #expect(error?.refusal.code == "auth.loginRefused")
    #expect(error?.refusal.fix == "correct DHAN_PIN")
  }

  @Test func `once every two minutes is obeyed, though it comes under 200`() async throws {
    let transport = ScriptedTransport(
      .says(200, #"{"message":"Token can be generated once every 2 minutes.","status":"error"}"#),
      Self.issued(Self.fresh))
    let login = login(transport)
    #expect(await login.renewalFailure(nil)?.refusal.code == "auth.mintedMomentsAgo")
    wallClock.jump(by: .seconds(60))
    #expect(await login.renewalFailure(nil)?.kind == .temporary)
    #expect(transport.calls.count == 1)
    clock.advance(by: DhanLogin.rest)
    _ = try await login.renew(nil)
    #expect(transport.calls.count == 2)
  }

  @Test(
    arguments: [
      (BrokerTransportResult.notSent(cause: "no route"), "broker.notSent"),
      (.perhapsSent(cause: "reset"), "broker.noAnswer"),
      (.says(500, "<html>"), "broker.serverError"), (.says(200, ""), "broker.strangeAnswer"),
      (.says(200, "{}"), "broker.strangeAnswer"), (.says(200, #"{"accessToken":""}"#), "broker.strangeAnswer"),
      (.says(200, #"{"accessToken":"x"#), "broker.strangeAnswer"), (.says(429, "{}"), "broker.rateLimited"),
      (.says(503, #"{"accessToken":"eyJ"}"#), "broker.serverError"),
    ] as [(BrokerTransportResult, String)])
  func `what proves nothing is tried again`(_ result: BrokerTransportResult, _ code: String) async {
    let error = await login(ScriptedTransport(result)).renewalFailure(nil)
    #expect(error?.kind == .temporary)
    #expect(error?.refusal.code == code)
  }

  @Test func `a token of another client is not taken`() async {
    let theirs = TokenSample.dhan(issued: 1, expires: 1_795_578_300, client: "1000000002")
    for result in [Self.issued(theirs), Self.issued(Self.fresh, client: "1000000002")] {
      #expect(await login(ScriptedTransport(result)).renewalFailure(nil)?.kind == .needsPerson)
    }
  }

  // MARK: Renewal

  private func withoutPassword(_ settings: inout DhanLoginSettings) {
    settings.pin = nil
  }

  @Test func `without a one-time password a living token of the website is renewed`() async throws {
    let transport = ScriptedTransport(Self.issued(Self.fresh))
    let login = login(transport, withoutPassword)
    let known = StoredTokens(
      pasted: TokenSample.dhan(issued: 1_795_480_000, expires: 1_795_566_400, consumer: "SELF"), at: Sample.opening)
    #expect(await login.canRenew(known))
    _ = try await login.renew(known)
    let text = try #require(transport.calls.first?.text)
    #expect(text.hasPrefix("GET /v2/RenewToken\naccess-token: eyJ"))
    #expect(text.contains("dhanClientId: 1000000001"))
  }

  @Test(arguments: [("APP", Int64(1_795_566_400)), ("SELF", 1_795_491_900)])
  func `a token that cannot be renewed needs a person, without a call`(_ consumer: String, _ expires: Int64) async {
    let transport = ScriptedTransport()
    let login = login(transport, withoutPassword)
    let known = StoredTokens(
      pasted: TokenSample.dhan(issued: 1_795_480_000, expires: expires, consumer: consumer), at: Sample.opening)
    #expect(await !login.canRenew(known))
    let error = await login.renewalFailure(known)
    #expect(error?.kind == .needsPerson)
    #expect(error?.refusal.code == "auth.loginNeeded")
    #expect(transport.calls.isEmpty)
  }

  @Test(arguments: [
    #"{"errorType":"Input_Exception","errorCode":"DH-905","errorMessage":"Renewal of token not allowed for this token type"}"#,
    #"{"errorType":"Order_Error","errorCode":"DH-906","errorMessage":"Invalid Token"}"#,
  ])
  func `a refused renewal needs a person`(_ body: String) async {
    let login = login(ScriptedTransport(.says(400, body)), withoutPassword)
    let known = StoredTokens(
      pasted: TokenSample.dhan(issued: 1_795_480_000, expires: 1_795_566_400, consumer: "SELF"), at: Sample.opening)
    #expect(await login.renewalFailure(known)?.refusal.code == "auth.loginNeeded")
  }

  // MARK: A person's login

  @Test func `a login page is asked for, and what it gives is turned into a token`() async throws {
    let transport = ScriptedTransport(
      .says(200, #"{"consentAppId":"abc-1","consentAppStatus":"GENERATED","status":"success"}"#),
      Self.issued(Self.fresh))
    let login = login(transport) {
      $0.apiKey = Secret("key")
      $0.apiSecret = Secret("hidden")
    }
    let page = try await login.beginLogin(state: "unused")
    #expect(page.address == "https://auth.example/login/consentApp-login?consentAppId=abc-1")
    #expect(!page.returnsState)
    _ = try await login.finishLogin(.code(Secret("t/1")))
    #expect(
      transport.calls.map(\.text) == [
        "POST /app/generate-consent?client_id=1000000001\napp_id: key\napp_secret: hidden\nAccept: application/json",
        "GET /app/consumeApp-consent?tokenId=t%2F1\napp_id: key\napp_secret: hidden\nAccept: application/json",
      ])
  }

  @Test func `a token that a person pasted is taken if it is this client's`() async throws {
    let login = login(ScriptedTransport())
    let tokens = try await login.finishLogin(.token(Self.fresh))
    #expect(tokens.access.expiresAt == Timestamp(seconds: 1_795_578_300))
    let theirs = TokenSample.dhan(issued: 1, expires: 1_795_578_300, client: "1000000002")
    #expect(await login.loginFailure(.token(theirs))?.refusal.code == "auth.loginRefused")
  }

  @Test func `without key and secret there is no page`() async {
    let login = login(ScriptedTransport())
    #expect(await login.pageFailure()?.refusal.code == "auth.loginNotConfigured")
  }
}
