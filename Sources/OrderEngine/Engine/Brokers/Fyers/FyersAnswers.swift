package import OrderDomain

/// Reads Fyers' answers to calls that change something. Pure, and total: any bytes under any status have an outcome.
package enum FyersAnswers {
  /// To ``FyersCalls/place(_:token:)``.
  package static func placement(_ answer: BrokerAnswer, now: Timestamp) -> PlacementOutcome {
    placement(FyersVerdict(answer, now: now))
  }

  /// To ``FyersCalls/placeSliced(_:token:)``: one outcome a slice, or one for the whole when Fyers answers like to a
  /// single order. The list has no `s` and no number of its own.
  package static func slices(_ answer: BrokerAnswer, now: Timestamp) -> [PlacementOutcome] {
    guard let items = FyersItems(answer.body)?.items else { return [placement(answer, now: now)] }
    guard (200..<300).contains(answer.status), !items.isEmpty else { return [.unknown(mismatch)] }
    return items.map { placement($0.verdict(now: now)) }
  }

  /// To ``FyersCalls/placeBatch(_:token:)`` with `count` orders: an outcome for each, in their order. The list says ok
  /// even when its items do not, so each is judged by itself; a list of another length says nothing about any order.
  package static func batch(_ answer: BrokerAnswer, count: Int, now: Timestamp) -> [PlacementOutcome] {
    guard let items = FyersItems(answer.body)?.items else {
      let whole: PlacementOutcome
      switch placement(answer, now: now) {
      // One acceptance, or one number, cannot be several orders'.
      case .accepted: whole = .unknown(mismatch)
      case .rejected(let refusal, let id): whole = id == nil ? .rejected(refusal, nil) : .unknown(mismatch)
      case let other: whole = other
      }
      return Array(repeating: whole, count: count)
    }
    guard (200..<300).contains(answer.status), items.count == count else {
      return Array(repeating: .unknown(mismatch), count: count)
    }
    return items.map { placement($0.verdict(now: now)) }
  }

  /// To ``FyersCalls/modify(_:token:)`` and ``FyersCalls/cancel(_:token:)`` of the order `id`.
  package static func change(_ answer: BrokerAnswer, of id: BrokerOrderID, now: Timestamp) -> CancelOutcome {
    change(FyersVerdict(answer, now: now), of: id)
  }

  /// To ``FyersCalls/modifyBatch(_:token:)`` and ``FyersCalls/cancelBatch(_:token:)`` of `ids`: an outcome for each, in their order.
  package static func changes(_ answer: BrokerAnswer, of ids: [BrokerOrderID], now: Timestamp) -> [CancelOutcome] {
    guard let items = FyersItems(answer.body)?.items else { return ids.map { change(answer, of: $0, now: now) } }
    guard (200..<300).contains(answer.status), items.count == ids.count else {
      return ids.map { _ in .unknown(mismatch) }
    }
    return zip(items, ids).map { change($0.verdict(now: now), of: $1) }
  }

  // MARK: -

  private static let mismatch = BrokerFault.strangeAnswer.refusal("not one answer for each order")

  private static func placement(_ verdict: FyersVerdict) -> PlacementOutcome {
    switch verdict {
    case .taken(let envelope):
      // 1101 is a placing; in lists it may be 200. 1102 and 1103 are answers to other questions.
      guard envelope.code == 1101 || envelope.code == 200 else {
        return .unknown(
          BrokerFault.contradictoryAnswer.refusal("code " + (envelope.code.map { String($0) } ?? "missing")))
      }
      guard let id = envelope.orderID.flatMap(orderID) else {
        return .unknown(BrokerFault.strangeAnswer.refusal("no order number"))
      }
      return .accepted(id)
    case .refused(let refusal, let id): return .rejected(refusal, id)
    case .tokenDead(let refusal): return .tokenRefused(refusal)
    case .rateLimited(let retryAfter): return .rateLimited(retryAfter: retryAfter)
    case .unproven(let refusal): return .unknown(refusal)
    }
  }

  private static func change(_ verdict: FyersVerdict, of id: BrokerOrderID) -> CancelOutcome {
    switch verdict {
    case .taken(let envelope):
      // A change is answered by 1102 and in one sample by 1101, a cancel by 1103; in lists it may be 200.
      switch envelope.code {
      case 1101, 1102, 1103, 200: break
      default: return .unknown(BrokerFault.contradictoryAnswer.refusal())
      }
      guard let number = envelope.orderID else { return .unknown(BrokerFault.strangeAnswer.refusal("no order number")) }
      guard number == id.text else {
        return .unknown(BrokerFault.contradictoryAnswer.refusal("it speaks of order " + BrokerWords.clean(number)))
      }
      return .requested
    case .refused(let refusal, _): return .refused(refusal)
    case .tokenDead(let refusal): return .tokenRefused(refusal)
    case .rateLimited(let retryAfter): return .rateLimited(retryAfter: retryAfter)
    case .unproven(let refusal): return .unknown(refusal)
    }
  }

  /// Decimal digits, 12 or 14 seen. Anything else under that name is not believed to be a number of a new order.
  static func orderID(_ text: String) -> BrokerOrderID? {
    guard (1...25).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return BrokerOrderID(text)
  }
}
