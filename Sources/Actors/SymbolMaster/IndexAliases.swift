/// Other names of indices and of their derivatives' underlyings: what TradingView, Fyers and the exchanges print beside
/// the mnemonic that masters list.
///
/// Data, not rules: written without spaces, hyphens and underscores, and asked only when a name is not listed itself.
enum IndexAliases {
  static let entries: [(alias: String, name: String)] = [
    ("NIFTY50", "NIFTY"), ("CNXNIFTY", "NIFTY"), ("NSENIFTY", "NIFTY"), ("NSENIFTY50", "NIFTY"),
    ("NIFTYBANK", "BANKNIFTY"), ("CNXBANK", "BANKNIFTY"), ("BANKNIFTY", "BANKNIFTY"),
    // TradingView's index symbols: NSE:CNXFINANCE, NSE:NIFTY_MID_SELECT, NSE:NIFTYJR.
    ("CNXFINANCE", "FINNIFTY"), ("NIFTYFINSERVICE", "FINNIFTY"), ("NIFTYFINANCIALSERVICES", "FINNIFTY"),
    ("FINNIFTY", "FINNIFTY"), ("NIFTYMIDSELECT", "MIDCPNIFTY"), ("NIFTYMIDCAPSELECT", "MIDCPNIFTY"),
    ("MIDCAPNIFTY", "MIDCPNIFTY"), ("MIDCPNIFTY", "MIDCPNIFTY"), ("NIFTYJR", "NIFTYNXT50"),
    ("NIFTYNEXT50", "NIFTYNXT50"), ("NIFTYNXT50", "NIFTYNXT50"), ("INDIAVIX", "INDIA VIX"), ("NIFTYVIX", "INDIA VIX"),
    // BSE's own mnemonics, which TradingView uses for its futures: BSE:BSX1!, BSE:BKX1!.
    ("BSX", "SENSEX"), ("BSXOPT", "SENSEX"), ("BSXFUT", "SENSEX"), ("BSESENSEX", "SENSEX"), ("S&PBSESENSEX", "SENSEX"),
    ("SENSEX30", "SENSEX"), ("BKX", "BANKEX"), ("BKXOPT", "BANKEX"), ("BKXFUT", "BANKEX"), ("BSEBANKEX", "BANKEX"),
  ]

  /// The listed name that an upper-case spelling stands for.
  static func name(of spelling: [UInt8]) -> [UInt8]? {
    let bare = spelling.filter { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
    guard let entry = entries.first(where: { $0.alias.utf8.elementsEqual(bare) }) else { return nil }
    return Array(entry.name.utf8)
  }
}
