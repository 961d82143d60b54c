import Brokers
import OrderDomain
import TestSupport
import Testing

struct OrderPushTests {
  private let tag = BrokerSample.tag

  private func dhan(_ data: String, type: String = "order_alert") -> OrderPush {
    DhanUpdates.read(Array(#"{"Data":{\#(data)},"Type":"\#(type)"}"#.utf8))
  }

  private func report(_ push: OrderPush) -> OrderReport? {
    if case .order(let order) = push { order.report(at: BrokerSample.now) } else { nil }
  }

  @Test("Dhan's keys are read in any case, and its status words with either separator")
  func dhanCases() throws {
    let pascal =
      #""Exchange":"NSE","Segment":"D","OrderNo":"7","SecurityId":"51234","Product":"I","TxnType":"B","Quantity":130,"#
      + #""TradedQty":65,"AvgTradedPrice":120.5,"Status":"Part Traded","Price":121,"LastUpdatedTime":"2026-11-24 09:15:00","#
      + "\"CorrelationId\":\"\(tag)\""
    let camel =
      #""exchange":"NSE","segment":"D","orderNo":"7","securityId":"51234","product":"I","txnType":"B","quantity":130,"#
      + #""tradedQty":65,"avgTradedPrice":120.5,"status":"Part_Traded","price":121,"lastUpdatedTime":"2026-11-24 09:15:00","#
      + "\"correlationId\":\"\(tag)\""
    let pushes = [dhan(pascal), dhan(camel)]
    #expect(pushes[0] == pushes[1])
    guard case .order(let order) = pushes[0] else { throw CancellationError() }
    #expect(order.instrument == Sample.niftyCall.key)
    #expect(order.product == .intraday)
    #expect(order.side == .buy)
    #expect(order.updatedAt == Sample.opening)
    let report = try #require(order.report(at: BrokerSample.now))
    #expect(report.transition == .partiallyFilled)
    #expect(report.cumulativeFill?.value == price("120.5") * 65)
  }

  @Test("Dhan's refusals speak, and its CONFIRMED does not")
  func dhanWords() {
    let row = "\"OrderNo\":\"7\",\"Quantity\":10,\"CorrelationId\":\"\(tag)\","
    let rejected = report(dhan(row + #""Status":"Rejected","ReasonDescription":"Insufficient Funds""#))
    #expect(rejected?.transition == .rejected)
    #expect(rejected?.refusal?.code == "dhan.insufficientFunds")
    #expect(report(dhan(row + #""Status":"Pending","ReasonDescription":"CONFIRMED""#))?.refusal == nil)
    #expect(report(dhan(row + #""Status":"Traded","TradedQty":10,"AvgTradedPrice":5"#))?.transition == .filled)
  }

  @Test("what is no order is none", arguments: ["", "{", "[]", "{}", #"{"Type":"order_alert"}"#, "ping"])
  func unreadable(_ message: String) {
    #expect(DhanUpdates.read(Array(message.utf8)) == .unreadable)
    #expect(dhan("", type: "order_alert") == .unreadable)
    #expect(dhan("", type: "news") == .other)
  }

  @Test("the login is this message, and prints as none")
  func login() {
    let message = DhanUpdates.login(clientID: "1000000001", token: Secret("JWT\"x"))
    let text = message.withBytes { bytes in String(decoding: bytes.indices.map { bytes[$0] }, as: UTF8.self) }
    #expect(
      text == #"{"LoginReq":{"MsgCode":42,"ClientId":"1000000001","Token":"JWT\"x"},"UserType":"SELF"}"#)
    #expect("\(message)" == "<redacted>")
  }

  private func fyers(_ changes: String) -> OrderPush {
    FyersUpdates.read(
      Array(
        (#"{"orders":{"client_id":"X","exchange":10,"fy_token":"101126112651234","id":"23121800000001","id_exchange":"9","#
          + #""ord_status":90,"ord_type":2,"ordertag":"1:\#(tag)","product_type":"MARGIN","qty":130,"symbol":"NSE:X","#
          + #""time_oms":"24-Nov-2026 09:15:00","tran_side":-1\#(changes)},"s":"ok"}"#).utf8))
  }

  @Test("Fyers' public status is read, never its internal one, and zeros are left out")
  func fyersOrders() {
    let transit = report(fyers(#","org_ord_status":4,"qty_remaining":130"#))
    #expect(transit?.transition == .accepted)
    #expect(transit?.cumulativeFill == nil)
    let part = report(fyers(#","org_ord_status":6,"qty_filled":65,"price_traded":120.5"#))
    #expect(part?.transition == .partiallyFilled)
    #expect(part?.cumulativeFill?.value == price("120.5") * 65)
    let rejected = report(fyers(#","org_ord_status":5,"oms_msg":"RED:Margin Shortfall:INR 1""#))
    #expect(rejected?.refusal?.code == "fyers.insufficientFunds")
    #expect(report(fyers(#","orderNumStatus":"23121800000001:2""#))?.transition == .filled)
    #expect(fyers("") == .unreadable)
  }

  @Test("Fyers' trades, pongs and confirmations are told apart")
  func fyersOthers() {
    let trade =
      #"{"trades":{"id_fill":"77","id":"23121800000001","qty_traded":65,"price_traded":120.5,"fill_time":"24-Nov-2026 09:15:00","#
      + #""fy_token":"101126112651234","tran_side":1,"product_type":"INTRADAY","symbol":"NSE:X"},"s":"ok"}"#
    #expect(
      FyersUpdates.read(Array(trade.utf8))
        == .trade(
          BrokerTrade(
            id: certain(TradeID("77")), orderID: BrokerSample.id("23121800000001"), instrument: Sample.niftyCall.key,
            symbol: "NSE:X", side: .buy, quantity: quantityOf(65), price: price("120.5"), product: .intraday,
            at: Sample.opening)))
    let table: [(String, OrderPush)] = [
      ("pong", .other), (#"{"code":1605,"message":"Successfully subscribed","s":"ok"}"#, .subscribed),
      (#"{"positions":{"symbol":"X"},"s":"ok"}"#, .other), (#"{"orders":{},"s":"ok"}"#, .unreadable),
      (#"{"s":"error","code":-17}"#, .unreadable), ("", .unreadable), ("pon", .unreadable),
    ]
    for (text, push) in table { #expect(FyersUpdates.read(Array(text.utf8)) == push, "\(text)") }
  }
}
