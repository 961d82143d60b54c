import OrderDomain

/// An enumeration with a number on disk for each case. The numbers below are the format: none is ever used again for
/// something else, and moving a case in its declaration changes nothing.
protocol WireCoded {
  var wire: UInt8 { get }
  init?(wire: UInt8)
}

extension AlertFormat: WireCoded {
  var wire: UInt8 {
    switch self {
    case .optionOrder: 0
    case .multiLegOrder: 1
    case .native: 2
    }
  }

  init?(wire: UInt8) {
    switch wire {
    case 0: self = .optionOrder
    case 1: self = .multiLegOrder
    case 2: self = .native
    default: return nil
    }
  }
}

extension ExecutionStyle: WireCoded {
  var wire: UInt8 {
    switch self {
    case .parallel: 0
    case .sequential: 1
    case .bracket: 2
    }
  }

  init?(wire: UInt8) {
    switch wire {
    case 0: self = .parallel
    case 1: self = .sequential
    case 2: self = .bracket
    default: return nil
    }
  }
}

extension EndPolicy: WireCoded {
  var wire: UInt8 {
    switch self {
    case .unwind: 0
    case .complete: 1
    case .holdAndAlert: 2
    }
  }

  init?(wire: UInt8) {
    switch wire {
    case 0: self = .unwind
    case 1: self = .complete
    case 2: self = .holdAndAlert
    default: return nil
    }
  }
}

extension Side: WireCoded {
  var wire: UInt8 {
    switch self {
    case .buy: 0
    case .sell: 1
    }
  }

  init?(wire: UInt8) {
    switch wire {
    case 0: self = .buy
    case 1: self = .sell
    default: return nil
    }
  }
}

extension ProductType: WireCoded {
  var wire: UInt8 {
    switch self {
    case .intraday: 0
    case .delivery: 1
    case .margin: 2
    }
  }

  init?(wire: UInt8) {
    switch wire {
    case 0: self = .intraday
    case 1: self = .delivery
    case 2: self = .margin
    default: return nil
    }
  }
}

extension Validity: WireCoded {
  var wire: UInt8 {
    switch self {
    case .day: 0
    case .immediateOrCancel: 1
    }
  }

  init?(wire: UInt8) {
    switch wire {
    case 0: self = .day
    case 1: self = .immediateOrCancel
    default: return nil
    }
  }
}

extension LegRole: WireCoded {
  var wire: UInt8 {
    switch self {
    case .entry: 0
    case .stop: 1
    case .target: 2
    case .exit: 3
    }
  }

  init?(wire: UInt8) {
    switch wire {
    case 0: self = .entry
    case 1: self = .stop
    case 2: self = .target
    case 3: self = .exit
    default: return nil
    }
  }
}

extension OrderTransition: WireCoded {
  var wire: UInt8 {
    switch self {
    case .denied: 0
    case .submitted: 1
    case .notSent: 2
    case .outcomeLost: 3
    case .provenAbsent: 4
    case .accepted: 5
    case .rejected: 6
    case .partiallyFilled: 7
    case .filled: 8
    case .cancelled: 9
    case .expired: 10
    }
  }

  init?(wire: UInt8) {
    switch wire {
    case 0: self = .denied
    case 1: self = .submitted
    case 2: self = .notSent
    case 3: self = .outcomeLost
    case 4: self = .provenAbsent
    case 5: self = .accepted
    case 6: self = .rejected
    case 7: self = .partiallyFilled
    case 8: self = .filled
    case 9: self = .cancelled
    case 10: self = .expired
    default: return nil
    }
  }
}

extension ExchangeSegment: WireCoded {
  var wire: UInt8 {
    switch self {
    case .nseEquity: 0
    case .nseDerivatives: 1
    case .nseCurrency: 2
    case .nseCommodity: 3
    case .nseIndex: 4
    case .bseEquity: 5
    case .bseDerivatives: 6
    case .bseCurrency: 7
    case .bseIndex: 8
    case .mcxCommodity: 9
    case .mcxIndex: 10
    }
  }

  init?(wire: UInt8) {
    switch wire {
    case 0: self = .nseEquity
    case 1: self = .nseDerivatives
    case 2: self = .nseCurrency
    case 3: self = .nseCommodity
    case 4: self = .nseIndex
    case 5: self = .bseEquity
    case 6: self = .bseDerivatives
    case 7: self = .bseCurrency
    case 8: self = .bseIndex
    case 9: self = .mcxCommodity
    case 10: self = .mcxIndex
    default: return nil
    }
  }
}
