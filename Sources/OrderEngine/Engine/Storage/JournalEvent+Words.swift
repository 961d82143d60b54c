import Actors
import OrderDomain

/// A journal's record as people read it, and as programs do.
extension JournalEvent {
  /// Whether it is about that alert or one of its orders.
  func concerns(_ alert: AlertIdentity) -> Bool {
    switch self {
    case .alertAccepted(let accepted): accepted.identity == alert
    case .orderIntended(let intended): intended.alert == alert
    case .orderReported(let report): report.correlationID.alertDigest == CorrelationID.alertDigest(of: alert)
    case .cancelSent(let cancel): cancel.correlationID.alertDigest == CorrelationID.alertDigest(of: alert)
    case .engineStarted, .engineStopped, .writingResumed, .configurationChanged: false
    }
  }

  /// What happened, in a line.
  var words: String {
    switch self {
    case .engineStarted(let start): "engine \(start.version) started"
    case .engineStopped: "engine stopped; everything before is on the disk"
    case .writingResumed: "the disk had been full, and takes records again"
    case .configurationChanged(let change):
      "settings changed by \(change.by): \(change.keys.joined(separator: ", "))"
    case .alertAccepted(let accepted):
      "alert \(accepted.identity) accepted: \(accepted.plan.legs.map(\.words).joined(separator: ", "))"
    case .orderIntended(let intended):
      "order \(intended.correlationID) of alert \(intended.alert) about to be sent: "
        + "\(intended.quantity) at \(intended.type.words)"
    case .orderReported(let report): "order \(report.correlationID) \(report.words)"
    case .cancelSent(let cancel): "order \(cancel.correlationID): the broker is asked to cancel it"
    }
  }

  /// The same as one JSON object, without a line's end.
  func json(_ entry: JournalEntry) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.integer("sequence", entry.sequence)
      json.string("time", entry.time.description)
      switch self {
      case .engineStarted(let start):
        json.string("type", "engine_started")
        json.string("version", start.version)
      case .engineStopped: json.string("type", "engine_stopped")
      case .writingResumed: json.string("type", "writing_resumed")
      case .configurationChanged(let change):
        json.string("type", "configuration_changed")
        json.string("by", change.by)
        json.array("keys") { json in for key in change.keys { json.string(nil, key) } }
      case .alertAccepted(let accepted):
        json.string("type", "alert_accepted")
        accepted.writeFields(to: &json)
      case .orderIntended(let intended):
        json.string("type", "order_intended")
        json.string("correlation_id", intended.correlationID.description)
        json.string("alert_id", intended.alert.description)
        json.integer("quantity", intended.quantity.units)
        intended.type.writeFields(to: &json)
      case .orderReported(let report):
        json.string("type", "order_reported")
        report.writeFields(to: &json)
      case .cancelSent(let cancel):
        json.string("type", "cancel_sent")
        json.string("correlation_id", cancel.correlationID.description)
        json.string("at", cancel.at.description)
      }
    }
    return json.bytes
  }
}

extension AcceptedAlert {
  fileprivate func writeFields(to json: inout JSONWriter) {
    json.string("alert_id", identity.description)
    json.string("received_at", receivedAt.description)
    json.string("remembered_until", rememberedUntil.description)
    json.string("format", format.code)
    // The secret was blanked out before it was written.
    json.string("body", String(decoding: body, as: UTF8.self))
    json.optionalString("strategy", plan.strategy)
    json.string("execution", plan.style.code)
    json.string("deadline", plan.deadline.description)
    json.array("legs") { json in
      for leg in plan.legs { json.object { leg.writeFields(to: &$0) } }
    }
  }
}

extension Leg {
  fileprivate var words: String {
    let price =
      switch pricing {
      case .fixed(let type): type.words
      case .stop(let distance): "stop \(distance) away"
      case .target(let distance): "target \(distance) away"
      }
    return "\(side.code) \(quantity) \(instrument.tradingSymbol) at \(price) on \(account)"
  }

  fileprivate func writeFields(to json: inout JSONWriter) {
    json.integer("leg", number)
    json.string("account", account)
    json.string("symbol", instrument.tradingSymbol)
    json.string("broker_symbol", instrument.brokerSymbol)
    json.string("segment", instrument.key.segment.code)
    json.string("security_id", instrument.key.securityID.description)
    json.string("side", side.code)
    json.integer("quantity", quantity.units)
    json.string("product", product.code)
    json.string("validity", validity.code)
    json.boolean("after_market", isAfterMarket)
    json.integer("rank", rank)
    switch pricing {
    case .fixed(let type): type.writeFields(to: &json)
    case .stop(let distance):
      json.string("order_type", "stop_market")
      json.number("distance", decimalText: distance.description)
    case .target(let distance):
      json.string("order_type", "limit")
      json.number("distance", decimalText: distance.description)
    }
    json.array("orders") { json in
      for slice in slices {
        json.object { json in
          json.string("correlation_id", slice.correlationID.description)
          json.integer("quantity", slice.quantity.units)
        }
      }
    }
  }
}

extension OrderType {
  fileprivate var words: String {
    switch self {
    case .market: "market"
    case .limit(let price): "limit \(price)"
    case .stopLimit(let trigger, let limit): "stop \(trigger) limit \(limit)"
    case .stopMarket(let trigger): "stop \(trigger)"
    }
  }
}

extension OrderReport {
  fileprivate var words: String {
    var words = transition.code.split(separator: "_").joined(separator: " ")
    if let id = brokerOrderID { words += ", broker's number \(id)" }
    if let fill = cumulativeFill { words += ", \(fill.quantity) filled for ₹\(fill.value)" }
    if let refusal { words += ", \(refusal.code): \(refusal.cause)" }
    return words
  }

  fileprivate func writeFields(to json: inout JSONWriter) {
    json.string("correlation_id", correlationID.description)
    json.string("report", transition.code)
    json.string("at", at.description)
    json.optionalString("order_id", id: brokerOrderID)
    if let fill = cumulativeFill {
      json.integer("filled_quantity", fill.quantity.units)
      json.number("filled_value", decimalText: fill.value.description)
    }
    if let refusal { refusal.writeFields(to: &json) }
  }
}

extension OrderTransition {
  fileprivate var code: String {
    switch self {
    case .denied: "denied"
    case .submitted: "submitted"
    case .notSent: "not_sent"
    case .outcomeLost: "outcome_lost"
    case .provenAbsent: "proven_absent"
    case .accepted: "accepted"
    case .rejected: "rejected"
    case .partiallyFilled: "partially_filled"
    case .filled: "filled"
    case .cancelled: "cancelled"
    case .expired: "expired"
    }
  }
}
