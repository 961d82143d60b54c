import Brokers
import OrderDomain
import TestSupport
import Testing

struct DhanCallsTests {
  private let calls = DhanCalls(settings: DhanSettings(clientID: "1000000001"))
  private let token = BrokerSample.token
  private let id = BrokerSample.id("112111182198")

  private static let headers = "access-token: eyJtoken\nclient-id: 1000000001\nAccept: application/json"
  private static let bodyHeaders = headers + "\nContent-Type: application/json\n\n"

  @Test("an order is these bytes and no others")
  func place() throws {
    let call = try calls.place(BrokerSample.order(), token: token)
    #expect(
      call.text == "POST /v2/orders\n" + Self.bodyHeaders
        + #"{"dhanClientId":"1000000001","correlationId":"\#(BrokerSample.tag)","transactionType":"BUY","#
        + #""exchangeSegment":"NSE_FNO","productType":"INTRADAY","orderType":"LIMIT","validity":"DAY","#
        + #""securityId":"51234","quantity":65,"price":120.5}"#)
    #expect(call.endpoint == .order)
    #expect(call.isMutating)
  }

  @Test(
    "each type of order sends the prices that it has and no others",
    arguments: [
      (OrderType.market, Side.buy, #""orderType":"MARKET","validity":"DAY","securityId":"51234","quantity":65}"#),
      (
        .stopLimit(trigger: price("100"), limit: price("101.05")), .buy,
        #""orderType":"STOP_LOSS","validity":"DAY","securityId":"51234","quantity":65,"price":101.05,"triggerPrice":100}"#
      ),
      (
        .stopMarket(trigger: price("100")), .buy,
        #""orderType":"STOP_LOSS","validity":"DAY","securityId":"51234","quantity":65,"price":101,"triggerPrice":100}"#
      ),
      (
        .stopMarket(trigger: price("100")), .sell,
        #""orderType":"STOP_LOSS","validity":"DAY","securityId":"51234","quantity":65,"price":99,"triggerPrice":100}"#
      ),
    ])
  func types(_ type: OrderType, _ side: Side, _ tail: String) throws {
    let text = try calls.place(BrokerSample.order(type, side: side), token: token).text
    #expect(text.hasSuffix(tail), "\(text)")
    #expect(!text.contains(#":"""#), "nothing empty is sent")
  }

  @Test("an after-market order says when it goes")
  func afterMarket() throws {
    let text = try calls.place(
      BrokerSample.order(instrument: Sample.reliance, product: .delivery, isAfterMarket: true), token: token
    ).text
    #expect(text.contains(#""exchangeSegment":"NSE_EQ","productType":"CNC""#))
    #expect(text.hasSuffix(#""price":120.5,"afterMarketOrder":true,"amoTime":"OPEN"}"#))
  }

  @Test("an index is denied before anything is sent")
  func index() {
    let index = Instrument(
      key: InstrumentKey(segment: .nseIndex, securityID: SecurityID(13)), contract: .index, underlying: "NIFTY",
      tradingSymbol: "NIFTY", brokerSymbol: "NIFTY", lotSize: .one, tickSize: tick("0.05"))
    #expect(throws: Refusal.self) { try calls.place(BrokerSample.order(instrument: index), token: token) }
  }

  @Test("slicing is the same body at another address")
  func slicing() throws {
    let one = try calls.place(BrokerSample.order(quantity: 6500), token: token)
    let sliced = try calls.placeSliced(BrokerSample.order(quantity: 6500), token: token)
    #expect(sliced.target == "/v2/orders/slicing")
    #expect(sliced.body == one.body)
  }

  @Test("a change says the whole order again, and a cancel only its number")
  func change() throws {
    let modify = try calls.modify(BrokerSample.change(id, .limit(price("3345.8"))), token: token)
    #expect(
      modify.text == "PUT /v2/orders/112111182198\n" + Self.bodyHeaders
        + #"{"dhanClientId":"1000000001","orderId":"112111182198","orderType":"LIMIT","quantity":40,"#
        + #""price":3345.8,"validity":"DAY"}"#)
    #expect(modify.endpoint == .order)
    let cancel = calls.cancel(id, token: token)
    #expect(cancel.text == "DELETE /v2/orders/112111182198\n" + Self.headers)
    #expect(cancel.endpoint == .cancel)
    #expect(cancel.isMutating)
  }

  @Test("reads are these lines, and none of them changes anything")
  func reads() {
    let table: [(BrokerCall, String, BrokerEndpoint)] = [
      (calls.orderBook(token: token), "/v2/orders", .data),
      (calls.order(id, token: token), "/v2/orders/112111182198", .data),
      (calls.order(tagged: BrokerSample.tag, token: token), "/v2/orders/external/\(BrokerSample.tag)", .data),
      (calls.tradeBook(token: token), "/v2/trades", .data),
      (calls.trades(of: id, token: token), "/v2/trades/112111182198", .data),
      (calls.positions(token: token), "/v2/positions", .data),
      (calls.holdings(token: token), "/v2/holdings", .data),
      (calls.funds(token: token), "/v2/fundlimit", .data),
      (calls.profile(token: token), "/v2/profile", .other),
      (calls.registeredAddresses(token: token), "/v2/ip/getIP", .other),
    ]
    for (call, target, endpoint) in table {
      #expect(call.text == "GET \(target)\n" + Self.headers)
      #expect(call.endpoint == endpoint)
      #expect(!call.isMutating)
    }
  }

  @Test("the margin call carries a price in any case")
  func margin() throws {
    let text = try calls.margin(for: BrokerSample.order(.market), token: token).text
    #expect(
      text == "POST /v2/margincalculator\n" + Self.bodyHeaders
        + #"{"dhanClientId":"1000000001","exchangeSegment":"NSE_FNO","transactionType":"BUY","quantity":65,"#
        + #""productType":"INTRADAY","securityId":"51234","price":0}"#)
  }

  @Test("quotes are asked by segment, with numbers")
  func quotes() throws {
    let call = try calls.quotes(for: [Sample.reliance, Sample.niftyCall, Sample.bankNiftyPut], token: token)
    #expect(
      call.text == "POST /v2/marketfeed/ltp\n" + Self.bodyHeaders + #"{"NSE_EQ":[2885],"NSE_FNO":[51234,61000]}"#)
    #expect(call.endpoint == .quote)
    let many = [Instrument](repeating: Sample.reliance, count: DhanCalls.quoteLimit + 1)
    #expect(throws: Refusal.self) { try calls.quotes(for: many, token: token) }
  }
}
