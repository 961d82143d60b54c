import BrokerSimulation
import HTTP
import OrderDomain
import Testing

/// Placing, changing, cancelling and reading orders as Dhan's clients do.
struct DhanOrderTests {
  @Test func `an order is acknowledged in transit, cannot be found by its tag, and then is`() throws {
    var desk = try Desk()
    desk.setPrice("NSE:RELIANCE-EQ", "2300")
    let placed = desk.dhan(.post, "/orders", desk.dhanOrder())
    #expect(placed.status == 200)
    #expect(placed["orderStatus"] == "TRANSIT")
    let id = try #require(placed["orderId"])
    #expect(
      desk.dhan(.get, "/orders/external/tag-1")
        == Desk.Answer(
          status: 404,
          text: #"{"errorType":"Order_Error","errorCode":"DH-906","#
            + #""errorMessage":"Incorrect request for order and cannot be processed"}"#))
    #expect(desk.dhan(.get, "/orders/\(id)")["orderStatus"] == "TRANSIT")
    desk.wait(milliseconds: 25)
    #expect(desk.dhan(.get, "/orders/external/tag-1")["orderStatus"] == "PENDING")
    desk.setPrice("NSE:RELIANCE-EQ", "1990")
    let filled = desk.dhan(.get, "/orders/external/tag-1")
    #expect(filled["orderStatus"] == "TRADED")
    #expect(filled["orderId"] == id)
    #expect(filled.json["averageTradedPrice"]?.decimal == Decimal("2000"))
    #expect(filled.json["filledQty"]?.integer == 10)
    let trades = desk.dhan(.get, "/trades/\(id)").json.elements
    #expect(trades?.count == 1)
    #expect(trades?.first?["tradedQuantity"]?.integer == 10)
  }

  @Test(arguments: [
    (["quantity": "0", "securityId": "\"1\""], "quantity is required"),
    (["-quantity": ""], "quantity is required"),
    (["correlationId": "\"12345678901234567890123456\""], "Invalid correlationId"),
    (["correlationId": "7"], "Invalid correlationId"),
    (["correlationId": "\"a.b\""], "Invalid correlationId"),
    (["securityId": "2885"], "Invalid SecurityId"),
    (["securityId": "\"1\""], "Invalid SecurityId"),
    (["exchangeSegment": "\"IDX_I\"", "securityId": "\"13\""], "Invalid SecurityId"),
    (["price": "2000.03"], "Price 2000.03 is not a multiple of the tick size 0.10."),
    (["orderType": "\"MARKET\""], "Invalid Price for orderType"),
    (["-price": ""], "Invalid Price for orderType"),
    (["price": "\"\""], "Missing required fields, bad values for parameters etc."),
    (["triggerprice": "1"], "Missing required fields, bad values for parameters etc."),
    (["transactionType": "\"buy\""], "Missing required fields, bad values for parameters etc."),
    (["price": "-1"], "Missing required fields, bad values for parameters etc."),
    (["price": "1e300"], "Missing required fields, bad values for parameters etc."),
    (["quantity": "99999999999"], "Missing required fields, bad values for parameters etc."),
    (["disclosedQuantity": "3"], "Disclosed Quantity should be more than 30% of quantity"),
    (["productType": "\"MARGIN\""], "Invalid Product Type for the instrument"),
  ])
  func `what is wrong with a body is told by DH-905`(_ changes: [String: String], _ message: String) throws {
    var desk = try Desk()
    let answer = desk.dhan(.post, "/orders", desk.dhanOrder(changes))
    #expect(
      answer
        == Desk.Answer(
          status: 400,
          text: #"{"errorType":"Input_Exception","errorCode":"DH-905","errorMessage":"\#(message)"}"#))
    #expect(desk.dhan(.get, "/orders").text == "[]")
  }

  @Test func `a tag of 25 characters passes, and the same tag twice is two orders`() throws {
    var desk = try Desk()
    let tag = ["correlationId": "\"1234567890123456789_-6789\""]
    for _ in 0..<2 { #expect(desk.dhan(.post, "/orders", desk.dhanOrder(tag)).status == 200) }
    #expect(desk.dhan(.get, "/orders").json.elements?.count == 2)
    let summary = desk.control(.get, "/received/summary").json
    #expect(summary["doubled"]?.elements?.first?["count"]?.integer == 2)
  }

  @Test func `an order without a tag gets one of the broker's own`() throws {
    var desk = try Desk()
    _ = desk.dhan(.post, "/orders", desk.dhanOrder(["-correlationId": ""]))
    let row = desk.dhan(.get, "/orders").json.elements?.first
    #expect(row?["correlationId"]?.text == "1000000001-1795494600000")
  }

  @Test func `an unknown order is an empty list under 200`() throws {
    var desk = try Desk()
    #expect(desk.dhan(.get, "/orders/112111182198") == Desk.Answer(status: 200, text: "[]"))
  }

  @Test func `an order in transit can be changed but not cancelled`() throws {
    var desk = try Desk()
    desk.setPrice("NSE:RELIANCE-EQ", "2300")
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder())["orderId"])
    let refused = desk.dhan(.delete, "/orders/\(id)")
    #expect(refused.status == 400)
    #expect(refused["errorMessage"] == "Order is in Transit state")
    let amendment =
      #"{"dhanClientId":"1000000001","orderId":"\#(id)","orderType":"LIMIT","legName":"","quantity":12,"#
      + #""price":2001.0,"disclosedQuantity":0,"triggerPrice":0.0,"validity":"DAY"}"#
    #expect(
      desk.dhan(.put, "/orders/\(id)", amendment)
        == Desk.Answer(status: 200, text: #"{"orderId":"\#(id)","orderStatus":"TRANSIT"}"#))
    desk.wait(milliseconds: 30)
    let row = desk.dhan(.get, "/orders/\(id)")
    #expect(row.json["quantity"]?.integer == 12)
    #expect(row.json["price"]?.decimal == Decimal("2001"))
    #expect(desk.dhan(.delete, "/orders/\(id)").status == 200)
    #expect(desk.dhan(.get, "/orders/\(id)")["orderStatus"] == "CANCELLED")
    #expect(desk.dhan(.delete, "/orders/\(id)")["errorCode"] == "DH-906")
  }

  @Test func `the twenty-sixth change of an order is refused`() throws {
    var desk = try Desk { $0.enforcesRates = false }
    desk.setPrice("NSE:RELIANCE-EQ", "2300")
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder())["orderId"])
    func amendment(_ number: Int) -> String {
      #"{"dhanClientId":"1000000001","orderType":"LIMIT","quantity":\#(10 + number),"validity":"DAY"}"#
    }
    for number in 1...25 { #expect(desk.dhan(.put, "/orders/\(id)", amendment(number)).status == 200) }
    #expect(desk.dhan(.put, "/orders/\(id)", amendment(26)).status == 400)
  }

  @Test func `a market order is shown as the limit order that it was made`() throws {
    var desk = try Desk()
    desk.setPrice("NSE:RELIANCE-EQ", "2300")
    let market = ["orderType": "\"MARKET\"", "price": "0"]
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder(market))["orderId"])
    desk.wait(milliseconds: 30)
    let row = desk.dhan(.get, "/orders/\(id)")
    #expect(row["orderType"] == "LIMIT")
    #expect(row.json["price"]?.decimal == Decimal("2323"))
    #expect(row["orderStatus"] == "TRADED")
    _ = desk.control(.patch, "/settings", #"{"dhan_market_as_limit":false}"#)
    let honest = try #require(desk.dhan(.post, "/orders", desk.dhanOrder(market))["orderId"])
    #expect(desk.dhan(.get, "/orders/\(honest)")["orderType"] == "MARKET")
  }

  @Test func `a quantity above the freeze limit is taken, and rejected afterwards; sliced it is not`() throws {
    var desk = try Desk()
    let row = try #require(
      desk.simulation.floor.symbols.instrument(ticker: "NSE:NIFTY26NOVFUT").map { $0.key.securityID.description })
    let changes = [
      "exchangeSegment": "\"NSE_FNO\"", "securityId": "\"\(row)\"", "quantity": "3900", "productType": "\"MARGIN\"",
      "orderType": "\"MARKET\"", "price": "0",
    ]
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder(changes))["orderId"])
    desk.wait(milliseconds: 30)
    let rejected = desk.dhan(.get, "/orders/\(id)")
    #expect(rejected["orderStatus"] == "REJECTED")
    #expect(rejected["omsErrorDescription"]?.hasPrefix("RMS:\(id):") == true)
    let slices = try #require(desk.dhan(.post, "/orders/slicing", desk.dhanOrder(changes)).json.elements)
    #expect(slices.count == 3)
    #expect(slices.allSatisfy { $0["orderStatus"]?.text == "TRANSIT" })
    let quantities = slices.compactMap { slice in
      slice["orderId"]?.text.flatMap { desk.dhan(.get, "/orders/\($0)").json["quantity"]?.integer }
    }
    #expect(quantities == [1_755, 1_755, 390])
  }

  @Test func `an order beyond the funds is rejected after the acknowledgement`() throws {
    var desk = try Desk { $0.funds = Money(rupees: 100) }
    let id = try #require(desk.dhan(.post, "/orders", desk.dhanOrder())["orderId"])
    desk.wait(milliseconds: 30)
    let row = desk.dhan(.get, "/orders/\(id)")
    #expect(row["orderStatus"] == "REJECTED")
    #expect(row["omsErrorDescription"]?.contains("Insufficient Funds") == true)
  }
}
