import BrokerSimulation
import HTTP
import OrderDomain
import Testing

/// Whatever comes in, a broker's own answer goes out.
struct HostileRequestTests {
  private static let fragments = [
    "{", "}", "[", "]", "\"", ":", ",", "null", "true", "-1", "0", "1e308", "99999999999999999999", "0.00001",
    "\"orderId\"", "\"dhanClientId\":\"1000000001\"", "\"quantity\":10", "\"quantity\":9223372036854775807",
    "\"price\":100.05", "\"price\":9000000", "\"securityId\":\"2885\"", "\"securityId\":\"18446744073709551615\"",
    "\"exchangeSegment\":\"NSE_EQ\"", "\"orderType\":\"STOP_LOSS\"", "\"triggerPrice\":0.05",
    "\"transactionType\":\"SELL\"", "\"productType\":\"CNC\"", "\"validity\":\"IOC\"", "\"symbol\":\"NSE:SBIN-EQ\"",
    "\"qty\":1", "\"type\":4", "\"side\":-1", "\"limitPrice\":1", "\"stopPrice\":100000", "\"validity\":\"DAY\"",
    "\"id\":\"261124000000001\"", "\"correlationId\":\"x\"", "\"orderTag\":\"é\"", "\u{0}", "\\ud800", "é",
    "\"NSE_EQ\":[2885,-1,1.5,\"x\",null]", "\"data\":[{\"symbol\":\"NSE:SBIN-EQ\"}]",
  ]

  private static let calls: [(HTTPMethod, String)] = [
    (.post, "/v2/orders"), (.post, "/v2/orders/slicing"), (.put, "/v2/orders/1"), (.delete, "/v2/orders/é"),
    (.get, "/v2/orders/external/"), (.get, "/v2/orders/external/x"), (.get, "/v2/trades/x"),
    (.post, "/v2/margincalculator"), (.post, "/v2/margincalculator/multi"), (.post, "/v2/marketfeed/quote"),
    (.post, "/v2/positions/convert"), (.delete, "/v2/positions"), (.post, "/v2/killswitch"), (.post, "/v2/ip/setIP"),
    (.put, "/v2/ip/modifyIP"), (.get, "/v2/instrument/NSE_EQ"), (.post, "/v2/nothing"), (.get, "/v2"),
    (.post, "/app/generateAccessToken"), (.post, "/app/consumeApp-consent"), (.post, "/api/v3/orders/sync"),
    (.patch, "/api/v3/orders/sync"), (.delete, "/api/v3/orders/sync"), (.delete, "/api/v3/orders/x/sync"),
    (.post, "/api/v3/multi-order/sync"), (.patch, "/api/v3/multi-order/sync"),
    (.delete, "/api/v3/multi-order/sync"), (.delete, "/api/v3/positions"), (.post, "/api/v3/multiorder/margin"),
    (.get, "/api/v3/orders"), (.get, "/data/quotes"), (.get, "/data/depth"), (.post, "/data/symbol-token"),
    (.post, "/api/v3/validate-authcode"), (.get, "/api/v3/generate-authcode"), (.get, "/sym_details/x.csv"),
    (.get, "/api-data/x"), (.options, "/"), (.trace, "/v2/orders"),
  ]

  @Test(arguments: [UInt64(1), 2, 3, 4])
  func `bodies made of fragments are answered, and never by more than the broker allows`(_ seed: UInt64) throws {
    var desk = try Desk { $0.enforcesRates = false }
    var state = seed
    func draw(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<4_000 {
      let (method, path) = Self.calls[draw(Self.calls.count)]
      var body = ""
      switch draw(4) {
      case 0: for _ in 0..<draw(12) { body += Self.fragments[draw(Self.fragments.count)] }
      case 1: body = "{" + (0..<draw(8)).map { _ in Self.fragments[14 + draw(20)] }.joined(separator: ",") + "}"
      case 2: body = "[" + desk.fyersOrder() + "," + Self.fragments[draw(Self.fragments.count)] + "]"
      default: body = path.hasPrefix("/v2") ? desk.dhanOrder() : desk.fyersOrder()
      }
      if draw(3) == 0, !body.isEmpty {
        var bytes = Array(body.utf8)
        bytes[draw(bytes.count)] = UInt8(draw(256))
        body = String(decoding: bytes, as: UTF8.self)
      }
      var request =
        path.hasPrefix("/v2") ? desk.dhanRequest(method, "", body) : desk.fyersRequest(method, path, body)
      request.path = path
      if draw(3) == 0 { request.query = [("symbols", body), ("id", "1,2,,\(body)"), ("order_tag", "1:")] }
      guard case .answer(let response) = desk.send(request) else {
        Issue.record("seed \(seed): no answer to \(method.name) \(path) \(body)")
        continue
      }
      #expect((200...599).contains(response.status.code))
      if response.fields["Content-Type"] == "application/json" {
        #expect(throws: Never.self) { _ = try JSONValue(parsing: response.body.span) }
      }
      desk.wait(milliseconds: Int64(draw(40)))
      if draw(50) == 0 { desk.wait(milliseconds: 3_600_000) }
    }
    #expect(desk.control(.get, "/orders").status == 200)
    #expect(desk.control(.get, "/positions").status == 200)
  }
}
