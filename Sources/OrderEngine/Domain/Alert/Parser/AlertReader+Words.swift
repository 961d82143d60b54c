/// The legal words of each field that has a closed set of them.
extension AlertReader {
  func side(_ value: FieldValue) throws(AlertError) -> Side? {
    try choice(value, legal: "BUY (B) and SELL (S)") { word in
      switch word {
      case .buy: .buy
      case .sell: .sell
      default: nil
      }
    }
  }

  /// One of the four order types.
  func orderTypeWord(_ value: FieldValue) throws(AlertError) -> AlertWord? {
    try choice(value, legal: "MARKET (MKT), LIMIT (LMT), STOP_LIMIT (SL) and STOP_MARKET (SL-M)") { word in
      switch word {
      case .market, .limit, .stopLimit, .stopMarket: word
      default: nil
      }
    }
  }

  func product(_ value: FieldValue) throws(AlertError) -> RequestedProduct? {
    let legal: StaticString = "INTRADAY (I), DELIVERY (CNC, C) and MARGIN (M)"
    let product = try choice(value, legal: legal) { word -> RequestedProduct?? in
      switch word {
      case .intraday: .product(.intraday)
      case .delivery: .product(.delivery)
      case .margin: .product(.margin)
      case .bracket: .bracketOrder
      case .cover: .coverOrder
      case .marginTrading: .some(nil)
      default: nil
      }
    }
    guard case .some(nil) = product else { return product.flatMap { $0 } }
    throw AlertError(
      "alert.productUnsupported",
      "\(name(value)) is \(shown(value)), margin trading funding, which is not traded here.",
      fix: "Legal are \(legal).", leg: value.leg, offset: value.raw.start)
  }

  /// The exchange, and whether its spelling says derivatives (`NFO`) or shares (`NSE_EQ`).
  func exchange(_ value: FieldValue) throws(AlertError) -> (exchange: Exchange, isDerivative: Bool?)? {
    try choice(value, legal: "NSE, BSE and MCX; also NSE_EQ, NSE_FNO (NFO), BSE_EQ, BSE_FNO (BFO) and MCX_COMM") {
      word in
      switch word {
      case .nse: (.nse, nil)
      case .nseEquity: (.nse, false)
      case .nseDerivatives: (.nse, true)
      case .bse: (.bse, nil)
      case .bseEquity: (.bse, false)
      case .bseDerivatives: (.bse, true)
      case .mcx: (.mcx, nil)
      default: nil
      }
    }
  }

  func hint(_ value: FieldValue) throws(AlertError) -> InstrumentHint? {
    try choice(value, legal: "EQ (EQUITY), IDX (INDEX), FUT (FUTSTK, FUTIDX, FUTCOM) and OPT (OPTSTK, OPTIDX)") {
      word in
      switch word {
      case .equity: .equity
      case .index: .index
      case .future: .future
      case .option: .option
      default: nil
      }
    }
  }

  func optionType(_ value: FieldValue) throws(AlertError) -> OptionType? {
    try choice(value, legal: "CE (CALL) and PE (PUT)") { word in
      switch word {
      case .call: .call
      case .put: .put
      default: nil
      }
    }
  }

  func validity(_ value: FieldValue) throws(AlertError) -> Validity? {
    try choice(value, legal: "DAY and IOC") { word in
      switch word {
      case .day: .day
      case .immediateOrCancel: .immediateOrCancel
      default: nil
      }
    }
  }

  func role(_ value: FieldValue) throws(AlertError) -> LegRole? {
    try choice(value, legal: "entry, stop, target and exit") { word in
      switch word {
      case .entry: .entry
      case .stop: .stop
      case .target: .target
      case .exit: .exit
      default: nil
      }
    }
  }

  func execution(_ value: FieldValue) throws(AlertError) -> ExecutionStyle? {
    try choice(value, legal: "parallel, sequential and bracket") { word in
      switch word {
      case .parallel: .parallel
      case .sequential: .sequential
      case .bracket: .bracket
      default: nil
      }
    }
  }

  func endPolicy(_ value: FieldValue) throws(AlertError) -> EndPolicy? {
    try choice(value, legal: "unwind, complete and hold_and_alert") { word in
      switch word {
      case .unwind: .unwind
      case .complete: .complete
      case .holdAndAlert: .holdAndAlert
      default: nil
      }
    }
  }

  func marketPosition(_ value: FieldValue) throws(AlertError) -> MarketPosition? {
    try choice(value, legal: "long, short and flat") { word in
      switch word {
      case .long: .long
      case .short: .short
      case .flat: .flat
      default: nil
      }
    }
  }

  func account(_ value: FieldValue) throws(AlertError) -> AccountID? {
    guard let text = try text(value, limit: AlertParser.identifierLimit) else { return nil }
    if let account = AccountID(text) { return account }
    throw badValue(value, legal: "1 to 32 letters, digits, - and _, as the account is named in the configuration")
  }
}
