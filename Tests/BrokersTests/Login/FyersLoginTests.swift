import Brokers
import OrderDomain
import TestSupport
import Testing

struct FyersLoginTests {
  private let wallClock = ManualWallClock(Sample.opening)

  private func login(_ transport: ScriptedTransport, _ change: (inout FyersLoginSettings) -> Void = { _ in })
    -> FyersLogin
  {
    var settings = FyersLoginSettings(appID: "ABCD1234EF-100", address: "https://api.example")
    settings.secretID = Secret("SECRETKEY1")
    settings.redirectAddress = "https://trader.example/callback"
    settings.pin = Secret("1234")
    change(&settings)
    return FyersLogin(
      executor: SerialQueueExecutor(), wallClock: wallClock, account: Sample.account, settings: settings,
      transport: transport)
  }

  private static let fresh = TokenSample.token(#"{"iat":1795491900,"exp":1795566600,"sub":"access_token"}"#)
  private static let refresh = TokenSample.token(#"{"exp":1796787900,"sub":"refresh_token"}"#)
  private static let hash = "018187d9762332d58a2ce2b1f2f67c745fa52beab38417c05a4130a46f556bba"

  private static func issued(refresh: Bool = true) -> BrokerTransportResult {
    let more = refresh ? #","refresh_token":"\#(TokenSample.text(Self.refresh))""# : ""
    return .says(
      200, #"{"s":"ok","code":200,"message":"","access_token":"\#(TokenSample.text(fresh))"\#(more)}"#)
  }

  private static let disabled = BrokerTransportResult.says(
    401,
    #"{"s":"error","code":-16,"message":"Refresh token API is currently disabled to comply with SEBI regulations."}"#)

  private var known: StoredTokens {
    StoredTokens(
      access: IssuedToken(secret: Secret("old"), expiresAt: Sample.opening),
      refresh: IssuedToken(secret: Self.refresh, expiresAt: Timestamp(seconds: 1_796_787_900)),
      issuedAt: Sample.opening.adding(nanoseconds: -86_400_000_000_000))
  }

  @Test func `the hash of the app is Fyers' own`() {
    let calls = FyersLoginCalls(settings: FyersLoginSettings(appID: "ABCD1234EF-100", address: "x"))
    #expect(TokenSample.text(calls.hash(Secret("SECRETKEY1"))) == Self.hash)
  }

  @Test func `the login page carries a state that comes back`() async throws {
    let page = try await login(ScriptedTransport()).beginLogin(state: "s t&1")
    #expect(
      page.address
        == "https://api.example/api/v3/generate-authcode?client_id=ABCD1234EF-100"
        + "&redirect_uri=https:%2F%2Ftrader.example%2Fcallback&response_type=code&state=s%20t%261")
    #expect(page.returnsState)
  }

  @Test(arguments: [true, false])
  func `without secret or address there is no page`(_ hasSecret: Bool) async {
    let login = login(ScriptedTransport()) {
      if hasSecret { $0.redirectAddress = nil } else { $0.secretID = nil }
    }
    #expect(
      await login.pageFailure()?.refusal.code
        == "auth.loginNotConfigured")
  }

  @Test func `a code is exchanged for both tokens, where no log looks`() async throws {
    let transport = ScriptedTransport(Self.issued())
    let tokens = try await login(transport).finishLogin(.code(Secret("eyJcode")))
    #expect(tokens.access.expiresAt == Timestamp(seconds: 1_795_566_600))
    #expect(tokens.refresh?.expiresAt == Timestamp(seconds: 1_796_787_900))
    let call = try #require(transport.calls.first)
    #expect(
      call.text
        == "POST /api/v3/validate-authcode\nAccept: application/json\nContent-Type: application/json\n\n"
        + #"{"grant_type":"authorization_code","appIdHash":"\#(Self.hash)","code":"eyJcode"}"#)
    #expect(call.host == .login && call.isMutating)
    #expect(!"\(call)".contains("eyJcode"))
  }

  @Test func `a refresh token and the PIN bring an access token, and the refresh token stays`() async throws {
    let transport = ScriptedTransport(Self.issued(refresh: false))
    let login = login(transport)
    #expect(await login.canRenew(known))
    let tokens = try await login.renew(known)
    #expect(tokens.refresh?.expiresAt == Timestamp(seconds: 1_796_787_900))
    #expect(transport.calls.first?.text.contains(#""grant_type":"refresh_token""#) == true)
    #expect(transport.calls.first?.text.contains(#""pin":"1234""#) == true)
  }

  @Test func `when Fyers renews nobody's token, a person is asked for and it is not tried again`() async {
    let transport = ScriptedTransport(Self.disabled)
    let login = login(transport)
    let first = await login.renewalFailure(known)
    #expect(first?.kind == .needsPerson)
    #expect(first?.refusal.code == "auth.loginNeeded")
    #expect(first?.refusal.fix.contains("/auth-url?account=\(Sample.account)") == true)
    #expect(await !login.canRenew(known))
    #expect(await login.renewalFailure(known)?.kind == .needsPerson)
    #expect(transport.calls.count == 1)
  }

  @Test func `a renewal that may have been lost is tried again`() async {
    let login = login(ScriptedTransport(.perhapsSent(cause: "reset"), .says(502, "<html>")))
    for _ in 0..<2 {
      #expect(await login.renewalFailure(known)?.kind == .temporary)
      #expect(await login.canRenew(known))
    }
  }

  @Test func `the code of the settings is used when nothing else helps, once`() async throws {
    let transport = ScriptedTransport(Self.disabled, Self.issued())
    let login = login(transport) { $0.code = Secret("eyJfromSettings") }
    _ = try await login.renew(known)
    #expect(transport.calls.last?.text.contains("eyJfromSettings") == true)
    #expect(await login.renewalFailure(known)?.kind == .needsPerson)
    #expect(transport.calls.count == 2)
  }

  @Test(
    arguments: [
      (
        BrokerTransportResult.says(400, #"{"s":"error","code":-374,"message":"invalid auth code"}"#),
        TokenError.Kind.needsPerson
      ),
      (.says(400, #"{"s":"error","code":-371,"message":"invalid app id hash"}"#), .needsPerson),
      (.says(429, #"{"s":"error","code":-429,"message":"request limit reached"}"#), .temporary),
      (.says(500, "oops"), .temporary), (.says(200, #"{"s":"ok","code":200}"#), .temporary),
      (.says(200, #"{"s":"ok","code":200,"access_token":"x"#), .temporary), (.says(200, ""), .temporary),
      (.notSent(cause: "no route"), .temporary),
    ] as [(BrokerTransportResult, TokenError.Kind)])
  func `an exchange that fails says who can help`(_ result: BrokerTransportResult, _ kind: TokenError.Kind) async {
    let login = login(ScriptedTransport(result))
    let error = await login.loginFailure(.code(Secret("c")))
    #expect(error?.kind == kind)
  }

  @Test func `a token without an exp ends before the next morning`() {
    let evening = Sample.opening.adding(nanoseconds: 12 * 3_600_000_000_000)
    let night = Sample.opening.adding(nanoseconds: 17 * 3_600_000_000_000)
    let three = Sample.opening.adding(nanoseconds: 63_900_000_000_000)
    #expect(FyersLoginAnswers.nextMorning(after: Sample.opening) == three)
    #expect(FyersLoginAnswers.nextMorning(after: evening) == three)
    #expect(FyersLoginAnswers.nextMorning(after: night) == three)
    #expect(FyersLoginAnswers.nextMorning(after: three) == three.adding(nanoseconds: 86_400_000_000_000))
  }
}
