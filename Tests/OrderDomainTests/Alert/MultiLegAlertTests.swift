import OrderDomain
import Testing

@Suite("multi_leg_order alerts")
struct MultiLegAlertTests {
  /// A body with one leg of these fields beside the usual ones; a field named here replaces the usual one.
  private func body(_ fields: String) -> String {
    let usual = [
      ("transactionType", "\"B\""), ("orderType", "\"MKT\""), ("quantity", "\"1\""), ("symbol", "\"INFY\""),
      ("productType", "\"C\""),
    ]
    let rest = usual.filter { !fields.contains("\"\($0.0)\"") }.map { "\"\($0.0)\":\($0.1)" }
    return "{\"order_legs\":[{\((rest + [fields]).filter { !$0.isEmpty }.joined(separator: ","))}]}"
  }

  @Test(
    "Sides in every spelling",
    arguments: [("B", Side.buy), ("buy", .buy), ("Buy", .buy), ("S", .sell), ("SELL", .sell), ("s", .sell)])
  func sides(_ word: String, _ side: Side) throws {
    #expect(try parsed(body("\"transactionType\":\"\(word)\"")).legs[0].side == side)
  }

  @Test(
    "Order types in every spelling",
    arguments: [
      ("MKT", OrderType.market), ("market", .market), ("LMT", .limit(rupees("5"))), ("Limit", .limit(rupees("5"))),
      ("SL", .stopLimit(trigger: rupees("4"), limit: rupees("5"))),
      ("STOP_LIMIT", .stopLimit(trigger: rupees("4"), limit: rupees("5"))), ("SL-M", .stopMarket(trigger: rupees("4"))),
      ("slm", .stopMarket(trigger: rupees("4"))), ("STOP_LOSS_MARKET", .stopMarket(trigger: rupees("4"))),
    ])
  func orderTypes(_ word: String, _ type: OrderType) throws {
    let price = type.limitPrice.map { "\($0)" } ?? "0"
    let trigger = type.triggerPrice.map { "\($0)" } ?? "0"
    for quote in ["", "\""] {
      let fields =
        "\"orderType\":\"\(word)\",\"price\":\(quote)\(price)\(quote),\"triggerPrice\":\(quote)\(trigger)\(quote)"
      #expect(try parsed(body(fields)).legs[0].orderType == type)
    }
  }

  @Test(
    "Products in every spelling",
    arguments: [
      ("C", RequestedProduct.product(.delivery)), ("CNC", .product(.delivery)), ("Delivery", .product(.delivery)),
      ("I", .product(.intraday)), ("INTRADAY", .product(.intraday)), ("MIS", .product(.intraday)),
      ("M", .product(.margin)), ("margin", .product(.margin)), ("NRML", .product(.margin)), ("BO", .bracketOrder),
      ("CO", .coverOrder),
    ])
  func products(_ word: String, _ product: RequestedProduct) throws {
    #expect(try parsed(body("\"productType\":\"\(word)\"")).legs[0].product == product)
  }

  @Test(
    "Exchanges in every spelling, with the kind of instrument that the spelling says",
    arguments: [
      ("NSE", Exchange.nse, nil), ("nse", .nse, nil), ("NSE_DLY", .nse, nil), ("NSE_EQ", .nse, .equity),
      ("NFO", .nse, nil), ("NSE_FNO", .nse, nil), ("BSE", .bse, nil), ("BSE_EQ", .bse, .equity), ("BFO", .bse, nil),
      ("BSE_FNO", .bse, nil), ("MCX", .mcx, nil), ("MCX_COMM", .mcx, nil),
    ] as [(String, Exchange, InstrumentHint?)])
  func exchanges(_ word: String, _ exchange: Exchange, _ hint: InstrumentHint?) throws {
    let leg = try parsed(body("\"exchange\":\"\(word)\"")).legs[0]
    #expect(leg.instrument == .symbol("INFY", exchange: exchange, hint: hint))
  }

  @Test(
    "Instruments in every spelling",
    arguments: [
      ("EQ", InstrumentHint.equity), ("EQUITY", .equity), ("IDX", .index), ("INDEX", .index), ("FUT", .future),
      ("FUTSTK", .future), ("FUTIDX", .future), ("FUTCOM", .future), ("OPT", .option), ("OPTIDX", .option),
      ("optstk", .option),
    ])
  func instruments(_ word: String, _ hint: InstrumentHint) throws {
    #expect(
      try parsed(body("\"instrument\":\"\(word)\"")).legs[0].instrument == .symbol("INFY", exchange: nil, hint: hint))
  }

  @Test(
    "What is not done is refused by name, with the leg",
    arguments: [
      (#""quantity":0"#, "alert.quantityNotPositive"), (#""quantity":"0""#, "alert.quantityNotPositive"),
      (#""quantity":-5"#, "alert.quantityNotPositive"), (#""quantity":"1.5""#, "alert.quantityFractional"),
      (#""quantity":100000001"#, "alert.quantityTooLarge"), (#""quantity":"ten""#, "alert.badNumber"),
      (#""quantity":"1,000""#, "alert.badNumber"), (#""quantity":true"#, "alert.badType"),
      (#""quantity":1e40"#, "json.numberOutOfRange"), (#""quantity":{}"#, "alert.badType"),
      (#""orderType":"LMT""#, "alert.limitWithoutPrice"),
      (#""orderType":"LMT","price":"0""#, "alert.limitWithoutPrice"),
      (#""orderType":"LMT","price":"-5""#, "alert.priceNegative"),
      (#""orderType":"LMT","price":"5.00005""#, "alert.priceTooFine"),
      (#""orderType":"LMT","price":9000001"#, "alert.priceTooLarge"),
      (#""orderType":"SL","price":5"#, "alert.stopWithoutTrigger"),
      (#""orderType":"SL-M","triggerPrice":"0""#, "alert.stopWithoutTrigger"),
      (#""orderType":"SL","triggerPrice":5"#, "alert.limitWithoutPrice"),
      (#""orderType":"MKT","price":5"#, "alert.unexpectedPrice"),
      (#""orderType":"SL-M","triggerPrice":5,"price":5"#, "alert.unexpectedPrice"),
      (#""orderType":"MKT","triggerPrice":5"#, "alert.unexpectedTrigger"),
      (#""orderType":"LMT","price":5,"triggerPrice":5"#, "alert.unexpectedTrigger"),
      (#""orderType":"FOK""#, "alert.badValue"), (#""orderType":7"#, "alert.badType"),
      (#""transactionType":"HOLD""#, "alert.badValue"), (#""productType":"MTF""#, "alert.productUnsupported"),
      (#""productType":"X""#, "alert.badValue"), (#""exchange":"NYSE""#, "alert.badValue"),
      (#""instrument":"BOND""#, "alert.badValue"), (#""validity":"GTC""#, "alert.badValue"),
      (#""sort_order":"first""#, "alert.badNumber"), (#""sort_order":-1"#, "alert.badSortOrder"),
      (#""sort_order":1.5"#, "alert.badSortOrder"), (#""symbol":"{{ticker}}""#, "alert.unfilledTemplate"),
      (#""quantity":"{{strategy.order.contracts}}""#, "alert.unfilledTemplate"),
      (#""transactionType":"{{strategy.order.action}}""#, "alert.unfilledTemplate"),
      (#""exchange":"{{exchange}}""#, "alert.unfilledTemplate"),
      (#""orderType":"LMT","price":"{{close}}""#, "alert.unfilledTemplate"),
      (#""account":"{{plot_0}}""#, "alert.unfilledTemplate"),
      (#""symbol":"\u007b\u007bticker}}""#, "alert.unfilledTemplate"),
    ])
  func refused(_ fields: String, _ code: String) throws {
    let error = try refusal(of: body(fields))
    #expect(error.code == code)
    #expect(error.leg == 1)
    #expect(error.kind == .refused)
    #expect(!error.cause.isEmpty && !error.fix.isEmpty)
    #expect(error.offset != nil)
  }

  @Test("The largest quantity and the finest price are taken")
  func atTheLimit() throws {
    let leg = try parsed(body(#""quantity":100000000,"orderType":"LMT","price":"9000000.0000""#)).legs[0]
    #expect(leg.quantity == requestedUnits(100_000_000))
    #expect(leg.orderType == .limit(.limit))
    #expect(try parsed(body(#""orderType":"LMT","price":0.0001"#)).legs[0].orderType == .limit(rupees("0.0001")))
  }

  @Test("Every missing field of every leg is named in one error")
  func missing() throws {
    let error = try refusal(of: #"{"order_legs":[{"symbol":"INFY","orderType":""},{"quantity":1,"price":null}]}"#)
    #expect(error.code == "alert.missingFields")
    #expect(error.leg == nil)
    for part in [
      "quantity of leg 1", "transactionType of leg 1", "orderType of leg 1", "productType of leg 1",
      "transactionType of leg 2", "orderType of leg 2", "productType of leg 2",
    ] { #expect(error.cause.contains(part), "\(part)") }
    #expect(!error.cause.contains("symbol"))
    #expect(try refusal(of: #"{"order_legs":[{}]}"#).leg == 1)
  }

  @Test("A leg inherits exchange, product, instrument and symbol; price, trigger, quantity, side and type never")
  func inheritance() throws {
    let first =
      #"{"transactionType":"B","orderType":"LMT","quantity":9,"price":5,"symbol":"INFY","exchange":"BSE","instrument":"EQ","productType":"I","validity":"IOC","account":"second"}"#
    let alert = try parsed(#"{"order_legs":[\#(first),{"transactionType":"S","orderType":"MKT","quantity":3}]}"#)
    let leg = alert.legs[1]
    #expect(leg.instrument == .symbol("INFY", exchange: .bse, hint: .equity))
    #expect(leg.product == .product(.intraday))
    #expect(leg.orderType == .market)
    #expect(leg.validity == .day)
    #expect(leg.account == nil)
    let error = try refusal(of: #"{"order_legs":[\#(first),{"symbol":"TCS"}]}"#)
    #expect(error.cause == "Missing: quantity of leg 2, orderType of leg 2, transactionType of leg 2.")
    #expect(
      try refusal(of: #"{"order_legs":[\#(first),{"transactionType":"S","orderType":"LMT","quantity":3}]}"#).code
        == "alert.limitWithoutPrice")
  }

  private func legs(_ orders: [String?]) -> String {
    let legs = orders.enumerated().map { index, order in
      #"{"transactionType":"B","orderType":"MKT","quantity":\#(index + 1),"symbol":"S\#(index + 1)","productType":"C""#
        + (order.map { ",\"sort_order\":\($0)" } ?? "") + "}"
    }
    return "{\"order_legs\":[\(legs.joined(separator: ","))]}"
  }

  @Test(
    "Legs stand in sort_order, as text or number; one without it stands where it was written",
    arguments: [
      (["\"3\"", "\"1\"", "\"2\""], ["S2", "S3", "S1"]), (["10", "9", "\"11\""], ["S2", "S1", "S3"]),
      ([nil, nil, nil], ["S1", "S2", "S3"]), (["3", nil, "1"], ["S3", "S2", "S1"]),
      (["0", "5", "\"\""], ["S1", "S3", "S2"]),
      (["\"02\"", "1e0", "3.0"], ["S2", "S1", "S3"]),
    ] as [([String?], [String])])
  func sortOrder(_ orders: [String?], _ symbols: [String]) throws {
    let alert = try parsed(legs(orders))
    #expect(alert.legs.map(\.symbol) == symbols)
    #expect(alert.legs.map(\.number) == [1, 2, 3])
  }

  @Test("The leg that is first by sort_order is the one that others inherit from")
  func sortedInheritance() throws {
    let alert = try parsed(
      #"{"order_legs":[{"sort_order":2,"transactionType":"S","orderType":"MKT","quantity":1,"symbol":"TCS"},{"sort_order":1,"transactionType":"B","orderType":"MKT","quantity":1,"symbol":"INFY","productType":"I"}]}"#
    )
    #expect(alert.legs.map(\.symbol) == ["INFY", "TCS"])
    #expect(alert.legs[1].product == .product(.intraday))
  }

  @Test(
    "Two legs with one sort_order are refused",
    arguments: [["1", "1"], ["\"1\"", "1"], ["2", nil], ["1", "01"]] as [[String?]])
  func duplicateSortOrder(_ orders: [String?]) throws {
    let error = try refusal(of: legs(orders.map { $0 == "01" ? "\"01\"" : $0 }))
    #expect(error.code == "alert.duplicateSortOrder")
    #expect(error.leg == 2)
  }

  @Test("Twenty legs are taken, twenty-one refused, none refused")
  func legCount() throws {
    #expect(try parsed(legs(Array(repeating: nil, count: 20))).legs.count == 20)
    #expect(try refusal(of: legs(Array(repeating: nil, count: 21))).code == "alert.tooManyLegs")
    #expect(try refusal(of: legs([])).code == "alert.noLegs")
    #expect(
      try refusal(of: "{\"order_legs\":[\(Array(repeating: "0", count: 9_000).joined(separator: ","))]}").code
        == "alert.tooManyLegs")
  }

  @Test(
    "Legs that are no legs are refused",
    arguments: [
      (#"{"order_legs":[7]}"#, "alert.badType", 1), (#"{"order_legs":[{},[]]}"#, "alert.badType", 2),
      (#"{"order_legs":{}}"#, "alert.badType", nil), (#"{"order_legs":"x"}"#, "alert.badType", nil),
      (#"{"order_legs":null}"#, "alert.missingFields", nil),
      (#"{"alertType":"multi_leg_order"}"#, "alert.missingFields", nil),
      (#"{"alertType":"single","order_legs":[]}"#, "alert.badValue", nil),
    ] as [(String, String, Int?)])
  func strayLegs(_ text: String, _ code: String, _ leg: Int?) throws {
    let error = try refusal(of: text)
    #expect(error.code == code)
    #expect(error.leg == leg)
  }

  @Test("Optional fields at the top are read")
  func top() throws {
    let alert = try parsed(
      #"{"alert_id":"a-1","strategy":"trend","account":"second","timenow":"2026-11-24T03:45:00Z","execution":"parallel","order_legs":[{"transactionType":"B","orderType":"MKT","quantity":1,"symbol":"INFY","productType":"C","role":"exit","validity":"IOC","account":"third"}],"secret":"last"}"#
    )
    #expect(alert.alertID == "a-1")
    #expect(alert.strategy == "trend")
    #expect(alert.account == AccountID("second"))
    #expect(alert.firedAt == Timestamp(seconds: 1_795_491_900))
    #expect(alert.execution == .parallel)
    #expect(alert.secret?.matches(Secret("last")) == true)
    #expect(alert.legs[0].role == .exit)
    #expect(alert.legs[0].validity == .immediateOrCancel)
    #expect(alert.legs[0].account == AccountID("third"))
  }
}
