/// A rule that an order may break.
package enum ExchangeRule: UInt8, Hashable, Sendable, CaseIterable {
  case tradable, expiry, hours, afterMarket, product, validity, stopMarketOnOptions, lot, freeze, tick, band
  case trigger, limitBesideTrigger, holdings, funds
}

/// When a rule is applied.
package enum RuleTiming: Hashable, Sendable {
  /// Before the acknowledgement: the order never gets an id.
  case immediate
  /// When the order reaches the exchange: it was acknowledged, has an id, and ends rejected. This is how real brokers
  /// refuse for funds, bands and freeze quantities.
  case afterAcknowledgement
  case off
}

/// When each rule is applied. At first all are immediate but ``ExchangeRule/stopMarketOnOptions``, which is off:
/// exchanges have refused such orders since September 2021 (reason 16052), a paper book need not.
package struct RuleTimings: Hashable, Sendable {
  private var late: UInt32 = 0
  private var off: UInt32 = 1 << UInt32(ExchangeRule.stopMarketOnOptions.rawValue)

  package init() {}

  /// As real brokers behave: form is judged before the acknowledgement, risk and market after it.
  package static var likeBrokers: RuleTimings {
    var timings = RuleTimings()
    for rule: ExchangeRule in [.expiry, .freeze, .band, .trigger, .holdings, .funds, .stopMarketOnOptions] {
      timings[rule] = .afterAcknowledgement
    }
    return timings
  }

  package subscript(rule: ExchangeRule) -> RuleTiming {
    get {
      let bit: UInt32 = 1 << UInt32(rule.rawValue)
      return off & bit != 0 ? .off : late & bit != 0 ? .afterAcknowledgement : .immediate
    }
    set {
      let bit: UInt32 = 1 << UInt32(rule.rawValue)
      off = newValue == .off ? off | bit : off & ~bit
      late = newValue == .afterAcknowledgement ? late | bit : late & ~bit
    }
  }

  var hasLate: Bool { late & ~off != 0 }
}
