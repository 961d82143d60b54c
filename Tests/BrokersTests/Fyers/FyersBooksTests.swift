import Brokers
import OrderDomain
import TestSupport
import Testing

struct FyersBooksTests {
  private let now = BrokerSample.now
  private let tag = BrokerSample.tag

  /// The row of the documentation, of which some fields may be replaced.
  static func row(_ changes: [String: String] = [:], without removed: String? = nil) -> String {
    let fields: [(String, String)] = [
      ("clientId", #""X1""#), ("id", #""23030900015105""#), ("id_fyers", #""uuid""#),
      ("exchOrdId", #""1100000001089341""#),
      ("qty", "10"), ("remainingQuantity", "10"), ("filledQty", "0"), ("discloseQty", "0"), ("disclosedQty", "0"),
      ("dqQtyRem", "0"), ("limitPrice", "6.95"), ("stopPrice", "0"), ("tradedPrice", "0"), ("type", "1"),
      ("fyToken", #""101000000014366""#), ("exchange", "10"), ("segment", "10"), ("symbol", #""NSE:IDEA-EQ""#),
      ("instrument", "0"), ("message", #""""#), ("offlineOrder", "false"),
      ("orderDateTime", #""24-Nov-2026 09:15:00""#),
      ("orderValidity", #""DAY""#), ("pan", #""""#), ("productType", #""CNC""#), ("side", "-1"), ("status", "6"),
      ("source", #""ITS""#), ("ex_sym", #""IDEA""#), ("description", #""VODAFONE IDEA LIMITED""#), ("ch", "-0.1"),
      ("chp", "-1.44"), ("lp", "6.85"), ("slNo", "1"), ("orderNumStatus", #""23030900015105:6""#),
      ("orderTag", "\"1:\(BrokerSample.tag)\""), ("takeProfit", "0"), ("stopLoss", "0"),
    ]
    let kept = fields.filter { $0.0 != removed }
    return "{" + kept.map { "\"\($0.0)\":\(changes[$0.0] ?? $0.1)" }.joined(separator: ",") + "}"
  }

  private static func list(_ name: String, _ rows: String...) -> String {
    #"{"s":"ok","code":200,"message":"","\#(name)":[\#(rows.joined(separator: ","))]}"#
  }

  private func book(_ rows: String...) throws -> [BrokerOrder] {
    let body = #"{"s":"ok","code":200,"message":"","orderBook":[\#(rows.joined(separator: ","))]}"#
    return try FyersBooks.orders(BrokerAnswer(200, body), now: now)
  }

  @Test("a row says all that the engine asks of it")
  func wholeRow() throws {
    let order = try #require(book(Self.row()).first)
    #expect(
      order
        == BrokerOrder(
          id: BrokerSample.id("23030900015105"), tag: tag.description, status: .open,
          instrument: InstrumentKey(segment: .nseEquity, securityID: SecurityID(14366)), symbol: "NSE:IDEA-EQ",
          side: .sell, quantity: quantityOf(10), fill: OrderReport.CumulativeFill(quantity: .zero, value: .zero),
          limitPrice: price("6.95"), triggerPrice: nil, product: .delivery, refusal: nil,
          exchangeOrderID: "1100000001089341", updatedAt: Sample.opening))
    #expect(order.correlationID == tag)
  }

  @Test(
    "a status number becomes a report's transition, and what filled is counted",
    arguments: [
      ("1", "0", OrderTransition.cancelled), ("1", "4", .cancelled), ("2", "10", .filled), ("3", "0", .outcomeLost),
      ("4", "0", .accepted), ("5", "0", .rejected), ("6", "0", .accepted), ("6", "4", .partiallyFilled),
      ("7", "0", .expired), ("90", "0", .outcomeLost), ("\"2\"", "\"10\"", .filled),
    ])
  func statuses(_ status: String, _ filled: String, _ transition: OrderTransition) throws {
    let row = Self.row(["status": status, "filledQty": filled, "tradedPrice": "6.9512345"])
    let report = try #require(book(row).first?.report(at: now))
    #expect(report.transition == transition)
    let units = Int64(filled.filter(\.isNumber)) ?? 0
    #expect(report.cumulativeFill?.quantity.units == (units == 0 ? nil : units))
    // 10 × 6.9512345 = 69.512345, 4 × 6.9512345 = 27.804938
    #expect(report.cumulativeFill?.value.tenThousandths == (units == 0 ? nil : units == 10 ? 695_123 : 278_049))
  }

  @Test("a tag is ours with 1: before it, and nobody's otherwise")
  func tags() throws {
    let rows = try book(
      Self.row(["orderTag": "\"2:\(tag)\""]), Self.row(["orderTag": #""1:Untagged""#]),
      Self.row(["orderTag": #""2:Untagged""#]), Self.row(["orderTag": "\"\(tag)\""]), Self.row(without: "orderTag"),
      Self.row(["orderTag": #""1:somebody""#]))
    #expect(rows.map(\.correlationID) == [nil, nil, nil, tag, nil, nil])
    #expect(rows[5].tag == "somebody")
  }

  @Test("words of a refusal are read where an order ended")
  func words() throws {
    let said = #""RED:Margin Shortfall:INR 5,25,690.20 Available:INR 0.00 for C-X [FYERS_RISK_CUG]""#
    let rejected = try book(Self.row(["status": "5", "message": said]))
    #expect(rejected.first?.refusal?.code == "fyers.insufficientFunds")
    #expect(rejected.first?.refusal?.cause.contains("5,25,690.20") == true)
    #expect(try book(Self.row(["message": said])).first?.refusal == nil)
    #expect(try book(Self.row(["status": "5"])).first?.refusal?.code == "fyers.riskRefused")
    #expect(try book(Self.row(["status": "1", "message": said])).first?.refusal?.code == "fyers.orderEnded")
  }

  @Test(
    "a book that is not whole and ok is no book",
    arguments: [
      (200, ""), (200, "[]"), (200, "{}"), (200, #"{"s":"ok","code":200}"#), (200, #"{"s":"ok","orderBook":null}"#),
      (200, #"{"s":"ok","orderBook":{}}"#), (200, #"{"s":"ok","orderBook":[1]}"#), (200, #"{"orderBook":[]}"#),
      (200, #"{"s":"no_data","code":200,"orderBook":[]}"#), (200, #"{"s":"ok","code":201,"orderBook":[]}"#),
      (200, #"{"s":"ok","orderBook":[],"orderBook":[]}"#), (200, list("orderBook") + "x"), (500, list("orderBook")),
      (400, list("orderBook")), (200, list("orderBook", row(without: "id"))),
      (200, list("orderBook", row(), row(without: "status"))), (200, list("orderBook", row(["qty": "1.5"]))),
      (200, list("orderBook", row(["filledQty": "-1"]))), (200, list("orderBook", row(["filledQty": "999999999999"]))),
      (200, "<html>"), (502, ""), (200, #"{"s":"error","code":-96,"message":"x"}"#),
    ])
  func unreadable(_ status: Int, _ body: String) {
    #expect {
      _ = try FyersBooks.orders(BrokerAnswer(status, body), now: now)
    } throws: { error in
      if case BrokerReadFailure.unreadable = error { true } else { false }
    }
  }

  @Test("a read fails for the reason that the broker gives")
  func reasons() {
    func failure(_ status: Int, _ code: Int) -> BrokerReadFailure? {
      do throws(BrokerReadFailure) {
        let body = #"{"s":"error","code":\#(code),"message":"x"}"#
        _ = try FyersBooks.positions(BrokerAnswer(status, body, retryAfter: "2"), now: now)
        return nil
      } catch {
        return error
      }
    }
    #expect(failure(429, -429) == .rateLimited(retryAfter: .seconds(2)))
    #expect(failure(200, -17)?.refusal.code == "fyers.tokenInvalid")
    #expect(failure(401, -8)?.refusal.code == "fyers.tokenExpired")
    #expect(failure(403, -373)?.refusal.code == "fyers.noPermission")
  }

  @Test("an empty day is an empty list, in whatever order the fields come")
  func empty() throws {
    #expect(try FyersBooks.orders(BrokerAnswer(200, #"{"orderBook":[],"s":"ok"}"#), now: now).isEmpty)
    #expect(try FyersBooks.order(BrokerAnswer(200, Self.list("orderBook")), now: now) == nil)
    #expect(
      try FyersBooks.order(BrokerAnswer(200, Self.list("orderBook", Self.row())), now: now)?.id
        == BrokerSample.id("23030900015105"))
  }

  @Test("a trade is this row")
  func trades() throws {
    let row =
      #"{"clientId":"X","orderDateTime":"24-Nov-2026 09:15:00","orderNumber":"23030900015105","exchangeOrderNo":"11","#
      + #""exchange":10,"side":1,"segment":11,"orderType":2,"fyToken":"101126112651234","productType":"MARGIN","#
      + #""tradedQty":65,"tradePrice":120.5,"tradeValue":7832.5,"tradeNumber":"77","row":1,"symbol":"NSE:X","#
      + #""orderTag":"1:abc"}"#
    #expect(
      try FyersBooks.trades(BrokerAnswer(200, Self.list("tradeBook", row)), now: now) == [
        BrokerTrade(
          id: certain(TradeID("77")), orderID: BrokerSample.id("23030900015105"), instrument: Sample.niftyCall.key,
          symbol: "NSE:X", side: .buy, quantity: quantityOf(65), price: price("120.5"), product: .margin,
          at: Sample.opening)
      ])
  }

  @Test("positions closed today stay, and one without its net quantity is not flat")
  func positions() throws {
    let row =
      #"{"symbol":"MCX:GOLD26DECFUT","netQty":-2,"buyQty":1,"buyAvg":100.5,"sellQty":3,"sellAvg":101,"productType":"MARGIN","#
      + #""realized_profit":0.5,"unrealized_profit":-1.25,"fyToken":"1120261204440000","side":-1}"#
    let closed = #"{"symbol":"NSE:SBIN-EQ","netQty":0,"productType":"CO","fyToken":"10100000003045","side":0}"#
    let positions = try FyersBooks.positions(
      BrokerAnswer(200, #"{"s":"ok","netPositions":[\#(row),\#(closed)],"overall":{"count_total":2}}"#), now: now)
    #expect(positions.map(\.netUnits) == [-2, 0])
    #expect(positions[0].instrument == Sample.goldFuture.key)
    #expect(positions[1].product == nil)
    #expect(throws: BrokerReadFailure.self) {
      _ = try FyersBooks.positions(BrokerAnswer(200, #"{"s":"ok","netPositions":[{"symbol":"A"}]}"#), now: now)
    }
  }

  @Test("holdings carry their token as a number")
  func holdings() throws {
    let row =
      #"{"holdingType":"HLD","quantity":10,"costPrice":500.5,"fyToken":10100000003045,"symbol":"NSE:SBIN-EQ","#
      + #""isin":"INE062A01020","remainingQuantity":8,"remainingPledgeQuantity":-1}"#
    #expect(
      try FyersBooks.holdings(BrokerAnswer(200, Self.list("holdings", row)), now: now) == [
        BrokerHolding(
          securityID: SecurityID(3045), symbol: "NSE:SBIN-EQ", isin: "INE062A01020", units: 10, sellableUnits: 8,
          averageCost: price("500.5"))
      ])
  }
}
