package import OrderDomain

/// Reads Dhan's answers to calls that change something. Pure, and total: any bytes under any status have an outcome.
package enum DhanAnswers {
  /// To ``DhanCalls/place(_:token:)``.
  package static func placement(_ answer: BrokerAnswer, now: Timestamp) -> PlacementOutcome {
    switch DhanVerdict(answer, now: now) {
    case .taken(let envelope): placement(envelope)
    case .refused(let refusal): .rejected(refusal, nil)
    case .tokenDead(let refusal): .tokenRefused(refusal)
    case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
    case .unproven(let refusal): .unknown(refusal)
    case .nothingToList: .unknown(BrokerFault.strangeAnswer.refusal())
    }
  }

  /// To ``DhanCalls/placeSliced(_:token:)``: one outcome a slice, or one for the whole when Dhan answers like to a single
  /// order. All slices carry the order's tag.
  package static func slices(_ answer: BrokerAnswer, now: Timestamp) -> [PlacementOutcome] {
    guard (200..<300).contains(answer.status), let envelopes = list(answer.body) else {
      return [placement(answer, now: now)]
    }
    // No slice at all proves nothing.
    if envelopes.isEmpty { return [.unknown(BrokerFault.strangeAnswer.refusal("an empty list of slices"))] }
    return envelopes.map { envelope in
      switch DhanVerdict(answer, envelope, now: now) {
      case .taken(let envelope): placement(envelope)
      case .refused(let refusal): .rejected(refusal, nil)
      case .tokenDead(let refusal): .tokenRefused(refusal)
      case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
      case .unproven(let refusal): .unknown(refusal)
      case .nothingToList: .unknown(BrokerFault.strangeAnswer.refusal())
      }
    }
  }

  /// To ``DhanCalls/modify(_:token:)`` and ``DhanCalls/cancel(_:token:)`` of the order `id`.
  package static func change(_ answer: BrokerAnswer, of id: BrokerOrderID, now: Timestamp) -> CancelOutcome {
    switch DhanVerdict(answer, now: now) {
    case .taken(let envelope):
      guard let number = envelope.orderID else { return .unknown(BrokerFault.strangeAnswer.refusal("no order number")) }
      guard number == id.text else {
        return .unknown(BrokerFault.contradictoryAnswer.refusal("it speaks of order " + BrokerWords.clean(number)))
      }
      // A cancel is answered by CANCELLED or TRANSIT; neither proves more than that it was taken.
      if envelope.orderStatus.map(DhanWords.status) == .rejected { return .refused(rejection(envelope)) }
      return .requested
    case .refused(let refusal): return .refused(refusal)
    case .tokenDead(let refusal): return .tokenRefused(refusal)
    case .rateLimited(let retryAfter): return .rateLimited(retryAfter: retryAfter)
    case .unproven(let refusal): return .unknown(refusal)
    case .nothingToList: return .unknown(BrokerFault.strangeAnswer.refusal())
    }
  }

  /// An acknowledgement: documents print PENDING, the wire says TRANSIT, and a fast order may be anywhere by then.
  private static func placement(_ envelope: DhanEnvelope) -> PlacementOutcome {
    guard let id = envelope.orderID.flatMap(orderID) else {
      return .unknown(BrokerFault.strangeAnswer.refusal("no order number"))
    }
    if envelope.orderStatus.map(DhanWords.status) == .rejected { return .rejected(rejection(envelope), id) }
    return .accepted(id)
  }

  private static func rejection(_ envelope: DhanEnvelope) -> Refusal {
    DhanErrors.table.entry(code: "DH-906", message: envelope.words)?.refusal(words: envelope.words)
      ?? BrokerFault.unlistedRefusal.refusal(envelope.words.map(BrokerWords.clean))
  }

  /// Decimal digits, 12 to 14 seen. Anything else under that name is not believed to be a number of an order.
  static func orderID(_ text: String) -> BrokerOrderID? {
    guard (1...25).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return BrokerOrderID(text)
  }

  private static func list(_ body: [UInt8]) -> [DhanEnvelope]? {
    do throws(JSONError) {
      var reader = WireReader(body.span)
      var envelopes: [DhanEnvelope] = []
      try reader.scanner.beginArray()
      while try reader.scanner.nextElement() { envelopes.append(try DhanEnvelope(&reader)) }
      try reader.scanner.finish()
      return envelopes
    } catch {
      return nil
    }
  }
}
