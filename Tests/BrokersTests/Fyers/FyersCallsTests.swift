import Brokers
import OrderDomain
import TestSupport
import Testing

struct FyersCallsTests {
  private let calls = FyersCalls(settings: FyersSettings(appID: "ABCD1234EF-100"))
  private let token = BrokerSample.token
  private let id = BrokerSample.id("25120400000372")

  private static let headers = "Authorization: ABCD1234EF-100:eyJtoken\nAccept: application/json"
  private static let bodyHeaders = headers + "\nContent-Type: application/json\n\n"

  @Test("an order is these bytes and no others")
  func place() throws {
    let call = try calls.place(BrokerSample.order(), token: token)
    #expect(
      call.text == "POST /api/v3/orders/sync\n" + Self.bodyHeaders
        + #"{"symbol":"NSE:NIFTY26NOV26000CE","qty":65,"type":1,"side":1,"productType":"INTRADAY","#
        + #""limitPrice":120.5,"stopPrice":0,"disclosedQty":0,"validity":"DAY","offlineOrder":false,"#
        + #""stopLoss":0,"takeProfit":0,"orderTag":"\#(BrokerSample.tag)"}"#)
    #expect(call.endpoint == .order)
    #expect(call.host == .trading)
    #expect(call.isMutating)
  }

  @Test(
    "each type of order has a number and both of its prices",
    arguments: [
      (OrderType.market, Sample.niftyCall, #""type":2,"side":-1,"productType":"MARGIN","limitPrice":0,"stopPrice":0,"#),
      (
        .stopLimit(trigger: price("100"), limit: price("99.05")), Sample.niftyCall,
        #""type":4,"side":-1,"productType":"MARGIN","limitPrice":99.05,"stopPrice":100,"#
      ),
      // Exchanges take no stop-market order for an option; a future may have one.
      (
        .stopMarket(trigger: price("100")), Sample.niftyCall,
        #""type":4,"side":-1,"productType":"MARGIN","limitPrice":99,"stopPrice":100,"#
      ),
      (
        .stopMarket(trigger: price("100")), Sample.goldFuture,
        #""type":3,"side":-1,"productType":"MARGIN","limitPrice":0,"stopPrice":100,"#
      ),
    ])
  func types(_ type: OrderType, _ instrument: Instrument, _ part: String) throws {
    let order = BrokerSample.order(type, side: .sell, instrument: instrument, product: .margin)
    let text = try calls.place(order, token: token).text
    #expect(text.contains(part), "\(text)")
  }

  @Test("an instrument without a name from Fyers' own file is denied before anything is sent")
  func nameless() {
    let foreign = Instrument(
      key: Sample.reliance.key, contract: .equity, underlying: "RELIANCE", tradingSymbol: "RELIANCE",
      brokerSymbol: "RELIANCE", lotSize: .one, tickSize: tick("0.05"))
    #expect(throws: Refusal.self) { try calls.place(BrokerSample.order(instrument: foreign), token: token) }
    #expect(throws: Refusal.self) { try calls.quotes(for: [foreign], token: token) }
  }

  @Test("a sliced order says so and is otherwise the same")
  func slicing() throws {
    let one = try calls.place(BrokerSample.order(quantity: 6500), token: token)
    let sliced = try calls.placeSliced(BrokerSample.order(quantity: 6500), token: token)
    #expect(sliced.target == one.target)
    #expect(sliced.body == one.body.dropLast() + Array(#","isSliceOrder":true}"#.utf8))
  }

  @Test("a batch is a list of the same objects, ten at most and one at least")
  func batch() throws {
    let order = BrokerSample.order(isAfterMarket: true)
    let one = try calls.place(order, token: token)
    let call = try calls.placeBatch([order, order], token: token)
    #expect(call.target == "/api/v3/multi-order/sync")
    #expect(call.body == Array("[".utf8) + one.body + Array(",".utf8) + one.body + Array("]".utf8))
    #expect(throws: Refusal.self) { try calls.placeBatch([], token: token) }
    #expect(throws: Refusal.self) { try calls.placeBatch(Array(repeating: order, count: 11), token: token) }
    let change = BrokerSample.change(id, .limit(price("612")))
    let changes = try calls.modifyBatch([change, change], token: token)
    let single = try calls.modify(change, token: token)
    #expect(changes.method == .patch)
    #expect(changes.body == Array("[".utf8) + single.body + Array(",".utf8) + single.body + Array("]".utf8))
    let cancels = try calls.cancelBatch([id, BrokerSample.id("7")], token: token)
    #expect(cancels.text.hasSuffix("\n\n" + #"[{"id":"25120400000372"},{"id":"7"}]"#))
    #expect(cancels.method == .delete)
    #expect(cancels.endpoint == .cancel)
  }

  @Test("a change says all that changes, and a cancel only its number")
  func change() throws {
    let modify = try calls.modify(BrokerSample.change(id, .limit(price("612"))), token: token)
    #expect(
      modify.text == "PATCH /api/v3/orders/sync\n" + Self.bodyHeaders
        + #"{"id":"25120400000372","type":1,"limitPrice":612,"stopPrice":0,"qty":40,"disclosedQty":0}"#)
    let cancel = calls.cancel(id, token: token)
    #expect(cancel.text == "DELETE /api/v3/orders/sync\n" + Self.bodyHeaders + #"{"id":"25120400000372"}"#)
    #expect(cancel.isMutating)
  }

  @Test("reads are these lines, and none of them changes anything")
  func reads() {
    let tag = BrokerSample.tag
    let table: [(BrokerCall, String, BrokerEndpoint)] = [
      (calls.orderBook(token: token), "/api/v3/orders", .data),
      (calls.order(id, token: token), "/api/v3/orders?id=25120400000372", .data),
      (calls.orders(tagged: tag, token: token), "/api/v3/orders?order_tag=1:\(tag)", .data),
      (calls.tradeBook(token: token), "/api/v3/tradebook", .data),
      (calls.trades(tagged: tag, token: token), "/api/v3/tradebook?order_tag=1:\(tag)", .data),
      (calls.positions(token: token), "/api/v3/positions", .data),
      (calls.holdings(token: token), "/api/v3/holdings", .data),
      (calls.funds(token: token), "/api/v3/funds", .data),
      (calls.profile(token: token), "/api/v3/profile", .other),
    ]
    for (call, target, endpoint) in table {
      #expect(call.text == "GET \(target)\n" + Self.headers)
      #expect(call.endpoint == endpoint)
      #expect(!call.isMutating)
    }
  }

  @Test("the margin call holds one leg")
  func margin() throws {
    let call = try calls.margin(for: BrokerSample.order(), token: token)
    #expect(
      call.text == "POST /api/v3/multiorder/margin\n" + Self.bodyHeaders
        + #"{"data":[{"symbol":"NSE:NIFTY26NOV26000CE","qty":65,"side":1,"type":1,"productType":"INTRADAY","#
        + #""limitPrice":120.5,"stopLoss":0,"stopPrice":0,"takeProfit":0}]}"#)
    #expect(!call.isMutating)
  }

  @Test("quotes go to the data address, and an ampersand is encoded")
  func quotes() throws {
    let mahindra = Instrument(
      key: InstrumentKey(segment: .nseEquity, securityID: SecurityID(2031)), contract: .equity, underlying: "M&M",
      tradingSymbol: "M&M-EQ", brokerSymbol: "NSE:M&M-EQ", lotSize: .one, tickSize: tick("0.1"))
    let call = try calls.quotes(for: [Sample.reliance, mahindra], token: token)
    #expect(call.target == "/data/quotes?symbols=NSE:RELIANCE-EQ,NSE:M%26M-EQ")
    #expect(call.host == .marketData)
    #expect(call.endpoint == .quote)
    #expect(throws: Refusal.self) {
      try calls.quotes(for: Array(repeating: mahindra, count: FyersCalls.quoteLimit + 1), token: token)
    }
  }
}
