import Brokers
import OrderDomain
import TestSupport
import Testing

struct DhanBooksTests {
  private let now = BrokerSample.now
  private let tag = BrokerSample.tag

  /// A row of the order book with every documented field, of which some may be replaced.
  static func row(_ changes: [String: String] = [:], without removed: String? = nil) -> String {
    let fields: [(String, String)] = [
      ("dhanClientId", #""1000000001""#), ("orderId", #""112111182198""#), ("exchangeOrderId", #""1100000001""#),
      ("correlationId", "\"\(BrokerSample.tag)\""), ("orderStatus", #""PENDING""#), ("transactionType", #""BUY""#),
      ("exchangeSegment", #""NSE_FNO""#), ("productType", #""INTRADAY""#), ("orderType", #""LIMIT""#),
      ("validity", #""DAY""#), ("tradingSymbol", #""NIFTY-Nov2026-26000-CE""#), ("securityId", #""51234""#),
      ("quantity", "130"), ("disclosedQuantity", "0"), ("price", "120.5"), ("triggerPrice", "0.0"),
      ("afterMarketOrder", "false"), ("boProfitValue", "0.0"), ("boStopLossValue", "0.0"), ("legName", #""""#),
      ("createTime", #""2026-11-24 09:15:00""#), ("updateTime", #""2026-11-24 09:15:01""#),
      ("exchangeTime", #""0001-01-01 00:00:00""#), ("drvExpiryDate", #""2026-11-26""#), ("drvOptionType", #""CALL""#),
      ("drvStrikePrice", "26000.0"), ("omsErrorCode", #""0""#), ("omsErrorDescription", #""CONFIRMED""#),
      ("algoId", "null"), ("remainingQuantity", "130"), ("averageTradedPrice", "0"), ("filledQty", "0"),
    ]
    let kept = fields.filter { $0.0 != removed }
    return "{" + kept.map { "\"\($0.0)\":\(changes[$0.0] ?? $0.1)" }.joined(separator: ",") + "}"
  }

  private func book(_ rows: String...) throws -> [BrokerOrder] {
    try DhanBooks.orders(BrokerAnswer(200, "[" + rows.joined(separator: ",") + "]"), now: now)
  }

  @Test("a row says all that the engine asks of it")
  func wholeRow() throws {
    let order = try #require(book(Self.row()).first)
    #expect(
      order
        == BrokerOrder(
          id: BrokerSample.id("112111182198"), tag: tag.description, status: .open, instrument: Sample.niftyCall.key,
          symbol: "NIFTY-Nov2026-26000-CE", side: .buy, quantity: quantityOf(130),
          fill: OrderReport.CumulativeFill(quantity: .zero, value: .zero), limitPrice: price("120.5"),
          triggerPrice: nil, product: .intraday, refusal: nil, exchangeOrderID: "1100000001",
          updatedAt: Timestamp(nanoseconds: Sample.opening.nanoseconds + 1_000_000_000)))
    #expect(order.correlationID == tag)
  }

  @Test(
    "a status word becomes a report's transition, and what filled is counted",
    arguments: [
      ("TRANSIT", "0", OrderTransition.accepted), ("PENDING", "0", .accepted), ("PENDING", "65", .partiallyFilled),
      ("PART_TRADED", "65", .partiallyFilled), ("Part Traded", "65", .partiallyFilled), ("TRADED", "130", .filled),
      ("CANCELLED", "0", .cancelled), ("CANCELLED", "65", .cancelled), ("REJECTED", "0", .rejected),
      ("REJECTED", "65", .cancelled), ("EXPIRED", "0", .expired), ("FROZEN", "0", .outcomeLost),
      ("FROZEN", "65", .partiallyFilled), ("CONFIRM", "0", .accepted),
    ])
  func statuses(_ word: String, _ filled: String, _ transition: OrderTransition) throws {
    let row = Self.row(["orderStatus": "\"\(word)\"", "filledQty": filled, "averageTradedPrice": "120.25"])
    let report = try #require(book(row).first?.report(at: now))
    #expect(report.transition == transition)
    #expect(report.brokerOrderID == BrokerSample.id("112111182198"))
    let expected: Money? = filled == "0" ? nil : Money(tenThousandths: 1_202_500 * Int128(filled)!)
    #expect(report.cumulativeFill?.value == expected)
    // The report fits an order that was lost, or says aloud that it does not.
    var order = Order(BrokerSample.order(quantity: 130), createdAt: now)
    _ = order.apply(OrderReport(correlationID: tag, transition: .submitted, at: now))
    _ = order.apply(OrderReport(correlationID: tag, transition: .outcomeLost, at: now))
    if case .contradiction = order.apply(report) { Issue.record("\(word) contradicts a lost order") }
  }

  @Test("words of a refusal are read where an order ended, and nowhere else")
  func words() throws {
    let said = #""RMS:112111182198:Order Price needs to be Circuit Limits of 1 to 2""#
    let rejected = try book(Self.row(["orderStatus": #""REJECTED""#, "omsErrorDescription": said]))
    #expect(rejected.first?.refusal?.code == "dhan.orderRefused")
    #expect(rejected.first?.refusal?.cause.contains("Circuit Limits") == true)
    let healthy = try book(Self.row(["omsErrorDescription": said]))
    #expect(healthy.first?.refusal == nil)
    let cancelled = try book(Self.row(["orderStatus": #""CANCELLED""#]))
    #expect(cancelled.first?.refusal == nil)
    let poor = try book(Self.row(["orderStatus": #""REJECTED""#, "omsErrorDescription": #""Insufficient Funds""#]))
    #expect(poor.first?.refusal?.code == "dhan.insufficientFunds")
  }

  @Test("numbers may come as strings, and nothing as null, empty or NA")
  func leniency() throws {
    let order = try #require(
      book(
        Self.row([
          "quantity": #""130""#, "filledQty": #""65.0""#, "averageTradedPrice": #""120.333333333333333333333""#,
          "price": #""""#, "triggerPrice": "null", "correlationId": #""NA""#, "orderId": "112111182198",
          "updateTime": #""0001-01-01 00:00:00""#, "createTime": "null", "securityId": "51234",
        ])
      ).first)
    #expect(order.fill?.quantity == quantityOf(65))
    #expect(order.fill?.value == Money(tenThousandths: 78_216_667))
    #expect(order.limitPrice == nil)
    #expect(order.tag == nil)
    #expect(order.updatedAt == nil)
    #expect(order.instrument == Sample.niftyCall.key)
  }

  @Test("a fully traded order without a figure has traded all of it")
  func tradedWithoutFigure() throws {
    let row = Self.row(["orderStatus": #""TRADED""#, "averageTradedPrice": "100"], without: "filledQty")
    let fill = try #require(book(row).first?.fill)
    #expect(fill == OrderReport.CumulativeFill(quantity: quantityOf(130), value: Money(rupees: 13_000)))
    let open = try #require(book(Self.row(without: "filledQty")).first)
    #expect(open.fill == nil)
  }

  @Test("a foreign order stays foreign: another's tag, the broker's own, none")
  func foreign() throws {
    let rows = try book(
      Self.row(["correlationId": #""1000000001-1732420000000""#]), Self.row(["correlationId": "null"]),
      Self.row(["exchangeSegment": #""MOON""#, "productType": #""CO""#, "transactionType": #""HOLD""#]))
    #expect(rows.map(\.correlationID) == [nil, nil, tag])
    #expect(rows[0].report(at: now) == nil)
    #expect(rows[2].instrument == nil)
    #expect(rows[2].product == nil)
    #expect(rows[2].side == nil)
  }

  @Test(
    "a book that is not whole is no book",
    arguments: [
      (200, ""), (200, "["), (200, "[]x"), (200, "null"), (200, "{}"), (200, #"[{"orderId":"1"}]"#), (200, "[1]"),
      (200, "[" + row(without: "orderId") + "]"), (200, "[" + row(without: "orderStatus") + "]"),
      (200, "[" + row() + "," + row(without: "quantity") + "]"), (200, "[" + row(["quantity": "-1"]) + "]"),
      (200, "[" + row(["filledQty": "-1"]) + "]"), (200, "[" + row(["filledQty": "999999999999"]) + "]"),
      (200, "<html>"), (500, "[]"), (502, ""), (204, ""), (302, "[]"),
      (200, #"{"status":"failed","data":{"800":"internal"}}"#),
    ])
  func unreadable(_ status: Int, _ body: String) {
    #expect {
      _ = try DhanBooks.orders(BrokerAnswer(status, body), now: now)
    } throws: { error in
      if case BrokerReadFailure.unreadable = error { true } else { false }
    }
  }

  @Test("a read fails for the reason that the broker gives")
  func reasons() {
    func failure(_ status: Int, _ body: String) -> BrokerReadFailure? {
      do throws(BrokerReadFailure) {
        _ = try DhanBooks.positions(BrokerAnswer(status, body, retryAfter: "2"), now: now)
        return nil
      } catch {
        return error
      }
    }
    let limited = #"{"errorType":"Rate_Limit","errorCode":"DH-904","errorMessage":"x"}"#
    #expect(failure(429, limited) == .rateLimited(retryAfter: .seconds(2)))
    #expect(failure(200, limited) == .rateLimited(retryAfter: .seconds(2)))
    #expect(failure(401, #"{"status":"failed","data":{"808":"x"}}"#)?.refusal.code == "dhan.authenticationFailed")
    #expect(
      failure(400, #"{"errorCode":"DH-906","errorMessage":"Invalid Token"}"#)?.refusal.code == "dhan.tokenRefused")
    #expect(failure(400, #"{"status":"failed","data":{"806":"x"}}"#)?.refusal.code == "dhan.dataPlanMissing")
    #expect(failure(500, #"{"errorCode":"DH-1111"}"#)?.refusal.code == "broker.strangeAnswer")
  }

  @Test("an empty day is an empty list, and an unknown number an empty list under 200")
  func empty() throws {
    #expect(try DhanBooks.orders(BrokerAnswer(200, " [ ] "), now: now).isEmpty)
    #expect(try DhanBooks.order(BrokerAnswer(200, "[]"), now: now) == nil)
    #expect(try DhanBooks.order(BrokerAnswer(200, Self.row()), now: now)?.id == BrokerSample.id("112111182198"))
    #expect(throws: BrokerReadFailure.self) {
      _ = try DhanBooks.order(BrokerAnswer(200, "[\(Self.row()),\(Self.row())]"), now: now)
    }
  }

  @Test("asked by tag, 404 shows nothing and proves nothing")
  func shown() throws {
    let transit =
      #"{"errorType":"Order_Error","errorCode":"DH-906","errorMessage":"Incorrect request for order and cannot be processed"}"#
    #expect(try DhanBooks.ordersShown(BrokerAnswer(404, transit), now: now).isEmpty)
    #expect(try DhanBooks.ordersShown(BrokerAnswer(200, Self.row()), now: now).count == 1)
    #expect(throws: BrokerReadFailure.self) { _ = try DhanBooks.ordersShown(BrokerAnswer(404, ""), now: now) }
    #expect(throws: BrokerReadFailure.self) { _ = try DhanBooks.ordersShown(BrokerAnswer(400, transit), now: now) }
  }

  @Test("trades come as a list and as one object")
  func trades() throws {
    let row =
      #"{"orderId":"112111182198","exchangeTradeId":"15112111182198","transactionType":"SELL","exchangeSegment":"NSE_EQ","#
      + #""productType":"CNC","tradingSymbol":"RELIANCE","securityId":"2885","tradedQuantity":40,"tradedPrice":3345.8,"#
      + #""exchangeTime":"2026-11-24 09:15:00","drvExpiryDate":"NA"}"#
    for body in ["[\(row)]", row] {
      let trade = try #require(DhanBooks.trades(BrokerAnswer(200, body), now: now).first)
      #expect(
        trade
          == BrokerTrade(
            id: certain(TradeID("15112111182198")), orderID: BrokerSample.id("112111182198"),
            instrument: Sample.reliance.key, symbol: "RELIANCE", side: .sell, quantity: quantityOf(40),
            price: price("3345.8"), product: .delivery, at: Sample.opening))
    }
    #expect(throws: BrokerReadFailure.self) {
      _ = try DhanBooks.trades(BrokerAnswer(200, #"[{"orderId":"1","tradedQuantity":1,"tradedPrice":1}]"#), now: now)
    }
  }

  @Test("positions are signed, and one without its net quantity is not flat")
  func positions() throws {
    let row =
      #"{"tradingSymbol":"TCS","securityId":"11536","positionType":"SHORT","exchangeSegment":"NSE_EQ","productType":"CNC","#
      + #""buyAvg":3345.8,"buyQty":40,"sellAvg":3350.05,"sellQty":50,"netQty":-10,"realizedProfit":170.0,"#
      + #""unrealizedProfit":-6122.5}"#
    let position = try #require(DhanBooks.positions(BrokerAnswer(200, "[\(row)]"), now: now).first)
    #expect(position.netUnits == -10)
    #expect(position.averageBought == price("3345.8"))
    #expect(position.unrealised == Money(tenThousandths: -61_225_000))
    #expect(throws: BrokerReadFailure.self) {
      _ = try DhanBooks.positions(BrokerAnswer(200, #"[{"securityId":"1","tradingSymbol":"A"}]"#), now: now)
    }
    #expect(throws: BrokerReadFailure.self) {
      let row = #"[{"securityId":"1","tradingSymbol":"A","netQty":999999999999999}]"#
      _ = try DhanBooks.positions(BrokerAnswer(200, row), now: now)
    }
  }

  @Test("an empty portfolio is a failure that is none, for holdings alone")
  func holdings() throws {
    let none = #"{"errorType":"HOLDING_ERROR","errorCode":"DH-1111","errorMessage":"No holdings available"}"#
    #expect(try DhanBooks.holdings(BrokerAnswer(500, none), now: now).isEmpty)
    #expect(throws: BrokerReadFailure.self) { _ = try DhanBooks.holdings(BrokerAnswer(500, ""), now: now) }
    #expect(throws: BrokerReadFailure.self) { _ = try DhanBooks.orders(BrokerAnswer(500, none), now: now) }
    let row =
      #"[{"exchange":"ALL","tradingSymbol":"HDFC","securityId":"1330","isin":"INE001A01036","totalQty":1000,"dpQty":1000,"#
      + #""t1Qty":0,"availableQty":900,"collateralQty":0,"avgCostPrice":2655.0}]"#
    #expect(
      try DhanBooks.holdings(BrokerAnswer(200, row), now: now) == [
        BrokerHolding(
          securityID: SecurityID(1330), symbol: "HDFC", isin: "INE001A01036", units: 1000, sellableUnits: 900,
          averageCost: price("2655"))
      ])
  }
}
