internal import OrderDomain

/// What one of Fyers' answers proves, whatever was asked. `s` first, then `code`, and neither without the status: risk
/// refuses under HTTP 200, and an ok may say that nobody has acknowledged.
enum FyersVerdict {
  /// Under 2xx, whole, and ok.
  case taken(FyersEnvelope)
  /// With a number where risk refused an order that had one.
  case refused(Refusal, BrokerOrderID?)
  case tokenDead(Refusal)
  case rateLimited(retryAfter: Duration?)
  case unproven(Refusal)

  init(_ answer: BrokerAnswer, now: Timestamp) {
    let envelope: FyersEnvelope?
    do throws(JSONError) {
      envelope = try FyersEnvelope(answer.body)
    } catch {
      envelope = nil
    }
    self.init(answer, envelope, now: now)
  }

  init(_ answer: BrokerAnswer, _ envelope: FyersEnvelope?, now: Timestamp) {
    func seen(_ fault: BrokerFault) -> Refusal { FyersVerdict.refusal(fault, answer, envelope) }
    if let fault = BrokerFault(unprovenStatus: answer.status) {
      self = .unproven(seen(fault))
      return
    }
    let retryAfter = RetryAfter.duration(answer, now: now)
    guard let envelope else {
      switch answer.status {
      case 401: self = .tokenDead(seen(.tokenRefused))
      case 429: self = .rateLimited(retryAfter: retryAfter)
      case 200..<300: self = .unproven(seen(answer.body.isEmpty ? .emptyAnswer : .notJSON))
      // The edge answers 403 with a page. It was most likely not taken; a page does not prove it.
      default: self = .unproven(seen(.unprovenRefusal))
      }
      return
    }
    let isSuccess = (200..<300).contains(answer.status)
    let entry = envelope.code.flatMap { FyersErrors.table.entry(code: String($0), message: envelope.words) }
    // An ok under a refusing status, an ok with a refusing code, an error with a success's code.
    if envelope.isOK, !isSuccess || envelope.isFailure {
      self = .unproven(seen(.contradictoryAnswer))
    } else if envelope.isOK {
      // 201 is said with an ok: sent on, not acknowledged.
      self = entry?.verdict == .unproven ? .unproven(FyersVerdict.said(entry, envelope)) : .taken(envelope)
    } else if answer.status == 429 {
      self = .rateLimited(retryAfter: retryAfter)
    } else if envelope.isFailure, let entry {
      self = FyersVerdict.failure(entry, envelope, answer, retryAfter)
    } else if answer.status == 401 {
      self = .tokenDead(seen(.tokenRefused))
    } else if envelope.isFailure, envelope.orderID == nil, FyersVerdict.isRefusal(envelope.code, isSuccess) {
      // No document lists the number, but a completed exchange with an error in it was not taken.
      self = .refused(seen(.unlistedRefusal), nil)
    } else {
      self = .unproven(seen(isSuccess ? .strangeAnswer : .unprovenRefusal))
    }
  }

  /// Whether a number that no document lists is a refusal: a negative one is, another one under a refusing status alone,
  /// and a success's number never.
  private static func isRefusal(_ code: Int64?, _ isSuccess: Bool) -> Bool {
    guard let code else { return !isSuccess }
    return code < 0 || (!isSuccess && !(1_000..<2_000).contains(code))
  }

  private static func failure(
    _ entry: BrokerErrorEntry, _ envelope: FyersEnvelope, _ answer: BrokerAnswer, _ retryAfter: Duration?
  ) -> FyersVerdict {
    let refusal = said(entry, envelope)
    let id = envelope.orderID.flatMap(FyersAnswers.orderID)
    switch entry.verdict {
    case .refused:
      if answer.status == 401, entry.fragment.isEmpty { return .tokenDead(refusal) }
      // Only risk refuses what has a number already.
      if envelope.orderID != nil, entry.wire != "-99" || id == nil {
        return .unproven(self.refusal(.contradictoryAnswer, answer, envelope))
      }
      return .refused(refusal, id)
    case .tokenDead, .rateLimited:
      if envelope.orderID != nil { return .unproven(self.refusal(.contradictoryAnswer, answer, envelope)) }
      return entry.verdict == .tokenDead ? .tokenDead(refusal) : .rateLimited(retryAfter: retryAfter)
    case .unproven, .nothingToList: return .unproven(refusal)
    }
  }

  private static func said(_ entry: BrokerErrorEntry?, _ envelope: FyersEnvelope) -> Refusal {
    entry?.refusal(words: envelope.words) ?? BrokerFault.unlistedRefusal.refusal()
  }

  private static func refusal(_ fault: BrokerFault, _ answer: BrokerAnswer, _ envelope: FyersEnvelope?) -> Refusal {
    let parts = ["HTTP \(answer.status)", envelope?.code.map { "code \($0)" }, envelope?.words]
    return fault.refusal(parts.compactMap { $0 }.map { BrokerWords.clean($0) }.joined(separator: ", "))
  }

  /// For a read.
  var failure: BrokerReadFailure {
    switch self {
    case .taken: .unreadable(BrokerFault.strangeAnswer.refusal())
    case .refused(let refusal, _): .refused(refusal)
    case .tokenDead(let refusal): .tokenRefused(refusal)
    case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
    case .unproven(let refusal): .unreadable(refusal)
    }
  }
}
