/// The meanings that words in alerts can have. One spelling means the same in every field that takes it.
enum AlertWord: UInt8, CaseIterable {
  case buy, sell
  case market, limit, stopLimit, stopMarket
  case delivery, intraday, margin, marginTrading, bracket, cover
  case nse, nseEquity, nseDerivatives, bse, bseEquity, bseDerivatives, mcx
  case equity, index, future, option
  case day, immediateOrCancel
  case call, put
  case weekly, monthly
  case parallel, sequential
  case entry, stop, target, exit
  case unwind, complete, holdAndAlert
  case long, short, flat
  case yes, no
  case multiLegOrder

  /// In capitals; letters of any case are taken. The first is the one that error messages name.
  var spellings: [String] {
    switch self {
    case .buy: ["BUY", "B"]
    case .sell: ["SELL", "S"]
    case .market: ["MARKET", "MKT"]
    case .limit: ["LIMIT", "LMT"]
    case .stopLimit: ["STOP_LIMIT", "SL", "SL-L", "STOP_LOSS", "STOP-LIMIT", "STOPLIMIT"]
    case .stopMarket: ["STOP_MARKET", "SL-M", "SLM", "SL_M", "STOP_LOSS_MARKET", "STOP-MARKET", "STOPMARKET"]
    case .delivery: ["DELIVERY", "CNC", "C"]
    case .intraday: ["INTRADAY", "MIS", "I"]
    case .margin: ["MARGIN", "NRML", "M"]
    case .marginTrading: ["MTF"]
    case .bracket: ["BRACKET", "BO"]
    case .cover: ["COVER", "CO"]
    case .nse: ["NSE", "NSE_DLY", "NSE_CURRENCY", "CDS"]
    case .nseEquity: ["NSE_EQ", "NSE_EQUITY", "NSE_CM"]
    case .nseDerivatives: ["NFO", "NSE_FNO", "NSE_FO"]
    case .bse: ["BSE", "BSE_DLY", "BSE_CURRENCY", "BCD"]
    case .bseEquity: ["BSE_EQ", "BSE_EQUITY", "BSE_CM"]
    case .bseDerivatives: ["BFO", "BSE_FNO", "BSE_FO"]
    case .mcx: ["MCX", "MCX_DLY", "MCX_COMM", "MCX_COM"]
    case .equity: ["EQ", "EQUITY", "ES"]
    case .index: ["IDX", "INDEX"]
    case .future: ["FUT", "FUTURE", "FUTSTK", "FUTIDX", "FUTCOM", "FUTCUR"]
    case .option: ["OPT", "OPTION", "OPTSTK", "OPTIDX", "OPTFUT", "OPTCUR"]
    case .day: ["DAY"]
    case .immediateOrCancel: ["IOC"]
    case .call: ["CE", "CALL"]
    case .put: ["PE", "PUT"]
    case .weekly: ["WEEKLY"]
    case .monthly: ["MONTHLY"]
    case .parallel: ["PARALLEL"]
    case .sequential: ["SEQUENTIAL"]
    case .entry: ["ENTRY"]
    case .stop: ["STOP"]
    case .target: ["TARGET"]
    case .exit: ["EXIT"]
    case .unwind: ["UNWIND"]
    case .complete: ["COMPLETE"]
    case .holdAndAlert: ["HOLD_AND_ALERT"]
    case .long: ["LONG"]
    case .short: ["SHORT"]
    case .flat: ["FLAT"]
    case .yes: ["TRUE"]
    case .no: ["FALSE"]
    case .multiLegOrder: ["MULTI_LEG_ORDER"]
    }
  }

  private static let table = NameTable(allCases.flatMap { word in word.spellings.map { ($0, word.rawValue) } })

  /// - Parameter name: packed with its case folded.
  init?(_ name: PackedName) {
    guard let number = AlertWord.table[name], let word = AlertWord(rawValue: number) else { return nil }
    self = word
  }
}
