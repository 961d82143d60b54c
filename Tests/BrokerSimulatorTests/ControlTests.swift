import BrokerSimulation
import HTTP
import OrderDomain
import Testing

/// The control port.
struct ControlTests {
  @Test func `time stands still, jumps, and goes on`() throws {
    var desk = try Desk()
    _ = desk.control(.post, "/clock", #"{"stop":true}"#)
    desk.wait(milliseconds: 5_000)
    #expect(desk.control(.get, "/clock")["now"] == "2026-11-24T04:30:00.000Z")
    #expect(desk.control(.post, "/clock", #"{"advance_ms":1500}"#)["now"] == "2026-11-24T04:30:01.500Z")
    _ = desk.control(.post, "/clock", #"{"stop":false}"#)
    desk.wait(milliseconds: 500)
    #expect(desk.control(.get, "/clock")["now"] == "2026-11-24T04:30:02.000Z")
    let jump = desk.control(.post, "/clock", #"{"set":"2026-11-25T09:20:00+05:30"}"#)
    #expect(jump["indian"] == "2026-11-25T09:20:00.000+05:30")
    #expect(jump["trading_day"] == "2026-11-25")
  }

  @Test(arguments: [
    #"{"set":"2262-04-01T00:00:00Z"}"#, #"{"set":"1999-12-31T00:00:00Z"}"#, #"{"set":"today"}"#,
    #"{"advance_ms":-1}"#, #"{"advance_ms":99999999999}"#,
  ])
  func `a clock that would leave its years stays where it is`(_ body: String) throws {
    var desk = try Desk()
    #expect(desk.control(.post, "/clock", body).status == 400)
    #expect(desk.control(.get, "/clock")["now"] == "2026-11-24T04:30:00.000Z")
  }

  @Test func `a new day begins with empty books`() throws {
    var desk = try Desk()
    _ = desk.dhan(.post, "/orders", desk.dhanOrder(["price": "2600"]))
    desk.wait(milliseconds: 30)
    #expect(desk.dhan(.get, "/trades").json.elements?.count == 1)
    _ = desk.control(.post, "/clock", #"{"advance_ms":57600000}"#)
    #expect(desk.dhan(.get, "/orders").text == "[]")
    #expect(desk.dhan(.get, "/trades").text == "[]")
    #expect(desk.dhan(.get, "/positions").text == "[]")
  }

  @Test func `shares bought for delivery are held the next day`() throws {
    var desk = try Desk()
    _ = desk.dhan(.post, "/orders", desk.dhanOrder(["price": "2600", "productType": "\"CNC\""]))
    desk.wait(milliseconds: 30)
    #expect(desk.dhan(.get, "/holdings").status == 500)
    _ = desk.control(.post, "/clock", #"{"advance_ms":57600000}"#)
    let holdings = desk.dhan(.get, "/holdings").json.elements
    #expect(holdings?.first?["totalQty"]?.integer == 10)
  }

  @Test func `with hours kept, an order at night is refused and an after-market one waits`() throws {
    var desk = try Desk { $0.keepsMarketHours = true }
    _ = desk.control(.post, "/clock", #"{"set":"2026-11-24T20:00:00+05:30"}"#)
    #expect(desk.dhan(.post, "/orders", desk.dhanOrder())["errorMessage"] == "Markets are Offline or Blocked")
    let later = desk.dhanOrder(["afterMarketOrder": "true", "amoTime": "\"OPEN\"", "price": "2600"])
    let id = try #require(desk.dhan(.post, "/orders", later)["orderId"])
    desk.wait(milliseconds: 60_000)
    #expect(desk.dhan(.get, "/orders/\(id)")["orderStatus"] == "PENDING")
    _ = desk.control(.post, "/clock", #"{"set":"2026-11-25T09:16:00+05:30"}"#)
    #expect(desk.dhan(.get, "/orders/\(id)")["orderStatus"] == "TRADED")
  }

  @Test func `orders rest without fills, and fill by hand`() throws {
    var desk = try Desk()
    _ = desk.control(.patch, "/settings", #"{"fills":"none"}"#)
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder(["price": "2600"]))["orderId"])
    desk.wait(milliseconds: 60_000)
    #expect(desk.dhan(.get, "/orders/\(id)")["orderStatus"] == "PENDING")
    #expect(desk.control(.post, "/orders/\(id)/fill", #"{"quantity":4,"price":2511.5}"#)["state"] == "partially_filled")
    let row = desk.dhan(.get, "/orders/\(id)")
    #expect(row["orderStatus"] == "PART_TRADED")
    #expect(row.json["averageTradedPrice"]?.decimal == Decimal("2511.5"))
    #expect(row.json["remainingQuantity"]?.integer == 6)
    #expect(desk.control(.post, "/orders/\(id)/reject", #"{"words":"no more"}"#)["state"] == "rejected")
    #expect(desk.control(.post, "/orders/\(id)/fill").status == 409)
    #expect(desk.control(.post, "/orders/1/fill").status == 404)
  }

  @Test func `orders fill in parts when the market gives little`() throws {
    var desk = try Desk()
    _ = desk.control(.patch, "/settings", #"{"fills":4}"#)
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder(["price": "2600"]))["orderId"])
    var filled: [Int64?] = []
    for _ in 0..<4 {
      desk.wait(milliseconds: 1_000)
      filled.append(desk.dhan(.get, "/orders/\(id)").json["filledQty"]?.integer)
    }
    #expect(filled.last == 10)
    #expect(filled.contains(4) || filled.contains(8))
  }

  @Test func `every order received is listed with what became of it`() throws {
    var desk = try Desk()
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder())["orderId"])
    _ = desk.dhan(.post, "/orders", desk.dhanOrder(["quantity": "0", "correlationId": "\"tag-2\""]))
    _ = desk.fyers(.post, "/api/v3/orders/sync", desk.fyersOrder(["qty": "0"]))
    let answer = desk.control(.get, "/received", query: [("from", "0"), ("count", "10")]).json
    let entries = try #require(answer["received"]?.elements)
    #expect(entries.map { $0["tag"]?.text } == ["tag-1", "tag-2", "tag1"])
    #expect(entries.map { $0["broker"]?.text } == ["dhan", "dhan", "fyers"])
    #expect(entries[0]["order_id"]?.text == id)
    #expect(entries[1]["refused"]?.text == "DH-905: quantity is required")
    #expect(answer["next"]?.integer == 3)
    let summary = desk.control(.get, "/received/summary").json
    #expect(summary["received"]?.integer == 3)
    #expect(summary["refused"]?.integer == 2)
  }

  @Test func `the log keeps the newest and counts all`() {
    var log = OrderLog(limit: 3)
    for number in 0..<5 {
      log.append(
        time: Desk.start, broker: .dhan, client: "1", tag: "t\(number / 2)", instrument: "", side: .buy, quantity: 1,
        outcome: .acknowledged(BrokerOrderID("\(number)") ?? { preconditionFailure("digits") }()))
    }
    #expect(log.receivedCount == 5)
    #expect(log.entries(from: 0, count: 10).map(\.number) == [2, 3, 4])
    #expect(log.entries(from: 4, count: 10).map(\.tag) == ["t2"])
    #expect(log.doubled.map(\.tag) == ["t0", "t1"])
  }

  @Test func `calls are counted by endpoint, with the most within any second`() throws {
    var desk = try Desk()
    for _ in 0..<3 {
      _ = desk.dhan(.post, "/orders", desk.dhanOrder())
      desk.wait(milliseconds: 300)
    }
    desk.wait(milliseconds: 5_000)
    _ = desk.dhan(.delete, "/orders/1")
    let calls = desk.control(.get, "/calls").json["calls"]
    #expect(calls?["dhan.place"]?["count"]?.integer == 3)
    #expect(calls?["dhan.allOrderCalls"]?["count"]?.integer == 4)
    #expect(calls?["dhan.allOrderCalls"]?["peak_in_one_second"]?.integer == 3)
    #expect(desk.control(.delete, "/calls").text == #"{"calls":{}}"#)
  }

  @Test func `a reset forgets orders and faults, keeps tokens, and repeats no order id`() throws {
    var desk = try Desk()
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder())["orderId"])
    _ = desk.control(.post, "/faults", #"{"on":"*","fault":"empty","count":0}"#)
    #expect(desk.control(.post, "/reset").json["received"]?.integer == 0)
    #expect(desk.dhan(.get, "/orders").text == "[]")
    let again = try #require(desk.dhan(.post, "/orders", desk.dhanOrder())["orderId"])
    #expect(again != id)
  }

  @Test(arguments: [
    #"{"nonsense":1}"#, #"{"rate_limits":"off"}"#, #"{"fills":0}"#, #"{"transit_ms":-1}"#, "[1]", "{",
    #"{"stop_market":"maybe"}"#,
  ])
  func `a bad setting changes nothing`(_ body: String) throws {
    var desk = try Desk()
    let before = desk.control(.get, "/settings").text
    #expect(desk.control(.patch, "/settings", body).status == 400)
    #expect(desk.control(.get, "/settings").text == before)
  }
}
