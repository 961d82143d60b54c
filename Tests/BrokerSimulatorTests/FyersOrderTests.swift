import BrokerSimulation
import HTTP
import OrderDomain
import Testing

/// Placing, changing, cancelling and reading orders as Fyers' clients do.
struct FyersOrderTests {
  private static let sync = "/api/v3/orders/sync"

  @Test func `an order is acknowledged by 1101, stands in transit, and is filled`() throws {
    var desk = try Desk()
    let placed = desk.fyers(.post, Self.sync, desk.fyersOrder())
    #expect(placed.status == 200)
    let id = try #require(placed["id"])
    #expect(
      placed.text
        == #"{"s":"ok","code":1101,"message":"Order submitted successfully. Your Order Ref. No.\#(id)","id":"\#(id)"}"#)
    func row() -> JSONValue? {
      desk.fyers(.get, "/api/v3/orders", query: [("id", id)]).json["orderBook"]?.elements?.first
    }
    #expect(row()?["status"]?.integer == 4)
    desk.wait(milliseconds: 30)
    let filled = row()
    #expect(filled?["status"]?.integer == 2)
    #expect(filled?["orderNumStatus"]?.text == "\(id):2")
    #expect(filled?["orderTag"]?.text == "1:tag1")
    #expect(filled?["fyToken"]?.text == "10100000003045")
    #expect(filled?["type"]?.integer == 2)
  }

  @Test(arguments: [
    (["symbol": "\"NSE:NOBODY-EQ\""], 400, -300, "Please provide a valid symbol"),
    (["symbol": "\"NSE:NIFTY50-INDEX\""], 400, -300, "Please provide a valid symbol"),
    (["-symbol": ""], 400, -50, "symbol is required"),
    (["qty": "0"], 400, -50, "qty should be greater than 0"),
    (["type": "5"], 400, -50, "Invalid type"),
    (["side": "0"], 400, -50, "Invalid side"),
    (["productType": "\"BO\""], 400, -50, "Invalid productType"),
    (["validity": "\"GTC\""], 400, -50, "Invalid validity"),
    (["orderTag": "\"a-b\""], 400, -50, "Invalid orderTag"),
    (["orderTag": "\"Untagged\""], 400, -50, "Invalid orderTag"),
    (["orderTag": "\"1234567890123456789012345678901\""], 400, -50, "Invalid orderTag"),
    (["limitPrice": "1"], 400, -50, "limitPrice and stopPrice should be 0"),
    (["type": "1", "limitPrice": "800.03"], 400, -50, "LimitPrice not a multiple of tick size 0.10"),
    (
      ["type": "4", "limitPrice": "900", "stopPrice": "899.99"], 400, -50, "StopPrice not a multiple of tick size 0.10"
    ),
    (
      ["symbol": "\"NSE:NIFTY26NOVFUT\"", "productType": "\"MARGIN\""], 400, -50,
      "Quantity should be multiples of the lot size."
    ),
  ])
  func `what is wrong with a body is told by its code`(
    _ changes: [String: String], _ status: Int, _ code: Int, _ message: String
  ) throws {
    var desk = try Desk()
    #expect(
      desk.fyers(.post, Self.sync, desk.fyersOrder(changes))
        == Desk.Answer(status: status, text: #"{"s":"error","code":\#(code),"message":"\#(message)"}"#))
    #expect(desk.fyers(.get, "/api/v3/orders").json["orderBook"]?.elements?.isEmpty == true)
  }

  @Test func `the same tag twice is two orders, both found by it`() throws {
    var desk = try Desk()
    for _ in 0..<2 { _ = desk.fyers(.post, Self.sync, desk.fyersOrder()) }
    let found = desk.fyers(.get, "/api/v3/orders", query: [("order_tag", "1:tag1")])
    #expect(found.json["orderBook"]?.elements?.count == 2)
    let none = desk.fyers(.get, "/api/v3/orders", query: [("order_tag", "tag1")])
    #expect(none.json["orderBook"]?.elements?.isEmpty == true)
  }

  @Test func `an order without a tag is untagged`() throws {
    var desk = try Desk()
    _ = desk.fyers(.post, Self.sync, desk.fyersOrder(["-orderTag": ""]))
    let rows = desk.fyers(.get, "/api/v3/orders").json["orderBook"]?.elements
    #expect(rows?.first?["orderTag"]?.text == "2:Untagged")
  }

  @Test func `a changed order keeps what the change leaves out`() throws {
    var desk = try Desk()
    let limit = ["type": "1", "limitPrice": "700", "qty": "5"]
    let id = try #require(desk.fyers(.post, Self.sync, desk.fyersOrder(limit))["id"])
    desk.wait(milliseconds: 30)
    let changed = desk.fyers(.patch, Self.sync, #"{"id":"\#(id)","type":1,"limitPrice":701}"#)
    #expect(changed["code"] == "1102")
    let row = desk.fyers(.get, "/api/v3/orders").json["orderBook"]?.elements?.first
    #expect(row?["limitPrice"]?.decimal == Decimal("701"))
    #expect(row?["qty"]?.integer == 5)
    #expect(desk.fyers(.delete, Self.sync, #"{"id":"\#(id)"}"#)["code"] == "1103")
    #expect(desk.fyers(.delete, "/api/v3/orders/\(id)/sync")["code"] == "-161")
    #expect(desk.fyers(.delete, Self.sync, #"{"id":"1"}"#)["code"] == "-51")
  }

  @Test func `a batch is judged item by item under one ok`() throws {
    var desk = try Desk()
    let body = "[\(desk.fyersOrder()),\(desk.fyersOrder(["qty": "-1"]))]"
    let answer = desk.fyers(.post, "/api/v3/multi-order/sync", body)
    #expect(answer["s"] == "ok")
    let items = try #require(answer.json["data"]?.elements)
    #expect(items.map { $0["statusCode"]?.integer } == [200, 400])
    #expect(items.map { $0["body"]?["code"]?.integer } == [1101, -50])
    let many = "[" + [String](repeating: desk.fyersOrder(), count: 11).joined(separator: ",") + "]"
    #expect(desk.fyers(.post, "/api/v3/multi-order/sync", many).status == 400)
  }

  @Test func `slices have no id at the top`() throws {
    var desk = try Desk()
    let order = [
      "symbol": "\"NSE:NIFTY26NOVFUT\"", "qty": "3900", "productType": "\"MARGIN\"", "isSliceOrder": "true",
    ]
    let answer = desk.fyers(.post, Self.sync, desk.fyersOrder(order))
    #expect(answer["code"] == "1101")
    #expect(answer.json["id"] == nil)
    #expect(answer.json["s"] == nil)
    #expect(answer.json["data"]?.elements?.count == 3)
  }

  @Test func `without the funds an order is rejected later, or by switch at once under 200`() throws {
    var desk = try Desk { $0.funds = Money(rupees: 0) }
    let id = try #require(desk.fyers(.post, Self.sync, desk.fyersOrder())["id"])
    desk.wait(milliseconds: 30)
    let row = desk.fyers(.get, "/api/v3/orders", query: [("id", id)]).json["orderBook"]?.elements?.first
    #expect(row?["status"]?.integer == 5)
    #expect(
      row?["message"]?.text?.hasPrefix("RED:Margin Shortfall:INR 164.02 Available:INR 0.00 for C-XS00001") == true)
    _ = desk.control(.patch, "/settings", #"{"fyers_risk_at_once":true}"#)
    let refused = desk.fyers(.post, Self.sync, desk.fyersOrder())
    #expect(refused.status == 200)
    #expect(refused["code"] == "-99")
  }

  @Test func `the old address without sync is answered by a page`() throws {
    var desk = try Desk()
    let answer = desk.fyers(.post, "/api/v3/orders", desk.fyersOrder())
    #expect(answer.status == 403)
    #expect(answer.text.hasPrefix("<!DOCTYPE html>"))
  }

  @Test func `leaving without an id closes everything, and closed rows stay with side 0`() throws {
    var desk = try Desk()
    _ = desk.fyers(.post, Self.sync, desk.fyersOrder())
    _ = desk.fyers(.post, Self.sync, desk.fyersOrder(["symbol": "\"NSE:TCS-EQ\"", "side": "-1"]))
    desk.wait(milliseconds: 30)
    #expect(desk.fyers(.delete, "/api/v3/positions", "{}").status == 200)
    desk.wait(milliseconds: 30)
    let rows = try #require(desk.fyers(.get, "/api/v3/positions").json["netPositions"]?.elements)
    #expect(rows.map { $0["side"]?.integer } == [0, 0])
    #expect(rows.map { $0["id"]?.text } == ["NSE:SBIN-EQ-INTRADAY", "NSE:TCS-EQ-INTRADAY"])
    #expect(desk.fyers(.delete, "/api/v3/positions", "{}")["code"] == "-352")
  }

  @Test(arguments: [
    (Int64(5_256_902_000), "5,25,690.20"), (0, "0.00"), (9_990_000, "999.00"), (10_000_000, "1,000.00"),
    (1_234_567_890_000, "12,34,56,789.00"),
  ])
  func `amounts are grouped as in India`(_ tenThousandths: Int64, _ text: String) {
    #expect(Money(tenThousandths: Int128(tenThousandths)).indianText == text)
  }
}
