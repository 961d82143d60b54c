import BrokerSimulation
import HTTP
import OrderDomain
import Testing

/// Who may ask, how often, and from where.
struct AccessTests {
  // MARK: Dhan's tokens

  private func mint(_ desk: inout Desk, step: Int64 = 0) -> Desk.Answer {
    let client = desk.simulation.dhan.clients[0]
    let code = OneTimePassword.code(secret: client.oneTimeSecret, at: desk.now, step: step) ?? ""
    return desk.ask(
      BrokerRequest(
        .post, "/app/generateAccessToken",
        query: [("dhanClientId", client.id), ("pin", client.pin), ("totp", code)]))
  }

  @Test func `a new token ends the one before`() throws {
    var desk = try Desk()
    let old = desk.simulation.dhan.clients[0].token
    let minted = mint(&desk)
    #expect(minted["accessToken"]?.split(separator: ".").count == 3)
    #expect(minted["expiryTime"] == "2026-11-25T10:00:00.000")
    #expect(desk.dhan(.get, "/profile")["tokenValidity"] == "25/11/2026 10:00")
    desk.dhanToken = old
    #expect(
      desk.dhan(.get, "/profile")
        == Desk.Answer(
          status: 400, text: #"{"errorType":"Order_Error","errorCode":"DH-906","errorMessage":"Invalid Token"}"#))
    desk.dhanToken = "nonsense"
    #expect(desk.dhan(.get, "/profile")["errorCode"] == "DH-901")
  }

  @Test func `two tokens within two minutes are refused under 200`() throws {
    var desk = try Desk()
    #expect(mint(&desk)["accessToken"] != nil)
    desk.wait(milliseconds: 119_000)
    #expect(
      mint(&desk)
        == Desk.Answer(
          status: 200, text: #"{"message":"Token can be generated once every 2 minutes.","status":"error"}"#))
    desk.wait(milliseconds: 1_000)
    #expect(mint(&desk)["accessToken"] != nil)
  }

  @Test(arguments: [(Int64(-2), false), (-1, true), (0, true), (1, true), (2, false)])
  func `a one-time password of this step or one beside it is taken`(_ step: Int64, _ isTaken: Bool) throws {
    var desk = try Desk()
    let answer = mint(&desk, step: step)
    #expect((answer["accessToken"] != nil) == isTaken)
    if !isTaken { #expect(answer["errorMessage"] == "Invalid TOTP") }
  }

  /// RFC 6238 appendix B: the secret is the ASCII text 12345678901234567890, here in base32.
  @Test(arguments: [(Int64(59), "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")])
  func `one-time passwords are those of RFC 6238`(_ second: Int64, _ code: String) throws {
    // The last is beyond the moments that 64 bits of nanoseconds hold.
    guard let time = Timestamp(seconds: second) else {
      #expect(second == 20_000_000_000)
      return
    }
    #expect(OneTimePassword.code(secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", at: time) == code)
  }

  @Test func `a token lives for a day`() throws {
    var desk = try Desk()
    desk.wait(milliseconds: 86_399_000)
    #expect(desk.dhan(.get, "/fundlimit").status == 200)
    desk.wait(milliseconds: 1_000)
    #expect(desk.dhan(.get, "/fundlimit").status == 401)
    let quote = desk.dhan(.post, "/marketfeed/ltp", #"{"NSE_EQ":[2885]}"#)
    #expect(quote == Desk.Answer(status: 401, text: #"{"data":{"807":"Access Token is expired"},"status":"failed"}"#))
  }

  @Test func `only a token of the website can be renewed, and only by GET`() throws {
    var desk = try Desk()
    #expect(desk.dhan(.post, "/RenewToken").status == 400)
    let old = desk.simulation.dhan.clients[0].token
    #expect(desk.dhan(.get, "/RenewToken")["accessToken"] != nil)
    #expect(desk.simulation.dhan.clients[0].token != old)
    _ = mint(&desk)
    #expect(
      desk.dhan(.get, "/RenewToken")["errorMessage"] == "Renewal of token not allowed for this token type")
  }

  @Test func `a consent leads over a login to a token, once`() throws {
    var desk = try Desk()
    let client = desk.simulation.dhan.clients[0]
    let fields = ["app_id": client.appID, "app_secret": client.appSecret]
    let consent = desk.ask(
      BrokerRequest(.post, "/app/generate-consent", query: [("client_id", client.id)], fields: fields))
    let id = try #require(consent["consentAppId"])
    let login = desk.send(BrokerRequest(.get, "/login/consentApp-login", query: [("consentAppId", id)]))
    guard case .answer(let redirect) = login else { return #expect(Bool(false), "\(login)") }
    #expect(redirect.status == .found)
    let token = try #require(redirect.fields["Location"]?.split(separator: "=").last.map(String.init))
    let consume = BrokerRequest(.get, "/app/consumeApp-consent", query: [("tokenId", token)], fields: fields)
    #expect(desk.ask(consume)["expiryTime"] == "2026-11-25T10:00:00")
    #expect(desk.ask(consume).status == 401)
  }

  // MARK: Fyers' tokens

  @Test(arguments: [
    ("", -15), ("SIMAPP0001-100", -15), ("SIMAPP0001-100:nonsense", -17), ("OTHER-100:TOKEN", -17),
    ("Bearer TOKEN", -15),
  ])
  func `what is wrong with Fyers' token is told under 401`(_ header: String, _ code: Int) throws {
    var desk = try Desk()
    let token = desk.simulation.fyers.clients[0].token
    let answer = desk.ask(
      BrokerRequest(
        .get, "/api/v3/profile", fields: ["authorization": header.replacing("TOKEN", with: token)]))
    #expect(answer.status == 401)
    #expect(answer["code"] == String(code))
  }

  @Test func `Fyers' tokens end at six in the morning`() throws {
    var desk = try Desk()
    desk.wait(milliseconds: 19 * 3_600_000)
    #expect(desk.fyers(.get, "/api/v3/profile").status == 200)
    desk.wait(milliseconds: 3_600_000)
    #expect(desk.fyers(.get, "/api/v3/profile")["code"] == "-8")
    #expect(desk.fyers(.post, "/api/v3/validate-refresh-token", "{}")["code"] == "-16")
  }

  // MARK: Limits

  @Test func `the eleventh order call within a second is refused by Dhan without Retry-After`() throws {
    var desk = try Desk()
    for _ in 0..<10 { #expect(desk.dhan(.post, "/orders", desk.dhanOrder()).status == 200) }
    guard case .answer(let refused) = desk.send(desk.dhanRequest(.post, "/orders", desk.dhanOrder())) else { return }
    #expect(refused.status == .tooManyRequests)
    #expect(refused.fields["Retry-After"] == nil)
    #expect(Desk.Answer(refused)["errorCode"] == "DH-904")
    // Reading has a budget of its own.
    #expect(desk.dhan(.get, "/orders").json.elements?.count == 10)
    desk.wait(milliseconds: 1_000)
    #expect(desk.dhan(.post, "/orders", desk.dhanOrder()).status == 200)
  }

  @Test func `Dhan's minute lets 250 order calls through`() throws {
    var desk = try Desk()
    var taken = 0
    for _ in 0..<300 {
      if desk.dhan(.delete, "/orders/1").status == 400 { taken += 1 }
      desk.wait(milliseconds: 100)
    }
    #expect(taken == 250)
  }

  @Test func `Fyers says how long to wait on orders, and nothing on data`() throws {
    var desk = try Desk()
    for _ in 0..<10 { _ = desk.fyers(.get, "/api/v3/funds") }
    desk.wait(milliseconds: 400)
    let order = desk.send(desk.fyersRequest(.post, "/api/v3/orders/sync", desk.fyersOrder()))
    guard case .answer(let refused) = order else { return #expect(Bool(false), "\(order)") }
    #expect(refused.status == .tooManyRequests)
    #expect(refused.fields["Retry-After"] == "1")
    #expect(refused.fields["X-Retry-After-Ms"] == "600")
    guard case .answer(let data) = desk.send(desk.fyersRequest(.get, "/data/quotes")) else { return }
    #expect(data.fields["Retry-After"] == nil)
  }

  @Test func `the fourth breach of Fyers' minute blocks until midnight`() throws {
    var desk = try Desk()
    for _ in 0..<4 {
      for _ in 0..<201 {
        _ = desk.fyers(.get, "/api/v3/funds")
        desk.wait(milliseconds: 110)
      }
      desk.wait(milliseconds: 120_000)
    }
    #expect(desk.fyers(.get, "/api/v3/funds").status == 429)
    desk.wait(milliseconds: 14 * 3_600_000)
    _ = desk.control(.post, "/clients/XS00001", #"{"token":"new"}"#)
    #expect(desk.fyers(.get, "/api/v3/funds").status == 200)
  }

  @Test func `no second of any length lets more through than its limit`() {
    var window = CallWindow(limit: 3, seconds: 1)
    var taken: [Int64] = []
    var state: UInt64 = 1
    var time: Int64 = 0
    for _ in 0..<2_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      time += Int64(state >> 35)
      guard window.admits(at: Timestamp(nanoseconds: time)) else { continue }
      window.take(at: Timestamp(nanoseconds: time))
      taken.append(time)
    }
    #expect(taken.count > 100)
    #expect(zip(taken, taken.dropFirst(3)).allSatisfy { $1 - $0 >= 1_000_000_000 })
  }

  // MARK: Addresses

  @Test func `orders from an unregistered address are refused, reads are not`() throws {
    var desk = try Desk { $0.enforcesAddresses = true }
    #expect(desk.dhan(.post, "/orders", desk.dhanOrder())["errorMessage"] == "Invalid IP")
    // The quantity is judged before the address, and the address before the instrument.
    #expect(desk.dhan(.post, "/orders", desk.dhanOrder(["quantity": "0"]))["errorMessage"] == "quantity is required")
    #expect(
      desk.dhan(.post, "/orders", desk.dhanOrder(["securityId": "\"1\""]))["errorMessage"] == "Invalid IP")
    #expect(desk.dhan(.get, "/orders").status == 200)
    let body = #"{"dhanClientId":"1000000001","ip":"127.0.0.1","ipFlag":"PRIMARY"}"#
    #expect(desk.dhan(.post, "/ip/setIP", body)["status"] == "SUCCESS")
    #expect(desk.dhan(.post, "/orders", desk.dhanOrder()).status == 200)
    #expect(desk.dhan(.get, "/ip/getIP")["ipMatchStatus"] == "MATCH")
    #expect(desk.dhan(.put, "/ip/modifyIP", body).text.hasPrefix("[{"))
    #expect(desk.fyers(.post, "/api/v3/orders/sync", desk.fyersOrder()).status == 403)
    _ = desk.control(.post, "/clients/XS00001", #"{"address":"127.0.0.1"}"#)
    #expect(desk.fyers(.post, "/api/v3/orders/sync", desk.fyersOrder()).status == 200)
  }
}
