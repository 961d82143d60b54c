internal import OrderDomain

/// What one of Dhan's answers proves, whatever was asked. Status and body are believed only together: a refusal may come
/// under 200, and a failure that proves nothing under any status.
enum DhanVerdict {
  /// Under 2xx, whole, and without a word of failure.
  case taken(DhanEnvelope)
  case refused(Refusal)
  case tokenDead(Refusal)
  case rateLimited(retryAfter: Duration?)
  case unproven(Refusal)
  case nothingToList

  init(_ answer: BrokerAnswer, now: Timestamp) {
    let envelope: DhanEnvelope?
    do throws(JSONError) {
      envelope = try DhanEnvelope(answer.body)
    } catch {
      envelope = nil
    }
    self.init(answer, envelope, now: now)
  }

  init(_ answer: BrokerAnswer, _ envelope: DhanEnvelope?, now: Timestamp) {
    let retryAfter = RetryAfter.duration(answer, now: now)
    let entry = envelope?.errorCode.flatMap { DhanErrors.table.entry(code: $0, message: envelope?.words) }
    // Asked before the status: an empty portfolio is told as HTTP 500.
    if entry?.verdict == .nothingToList, envelope?.orderID == nil {
      self = .nothingToList
      return
    }
    func seen(_ fault: BrokerFault) -> Refusal { DhanVerdict.refusal(fault, answer, envelope) }
    if let fault = BrokerFault(unprovenStatus: answer.status) {
      self = .unproven(seen(fault))
      return
    }
    guard let envelope else {
      switch answer.status {
      case 401: self = .tokenDead(seen(.tokenRefused))
      case 429: self = .rateLimited(retryAfter: retryAfter)
      case 200..<300: self = .unproven(seen(answer.body.isEmpty ? .emptyAnswer : .notJSON))
      default: self = .unproven(seen(.unprovenRefusal))
      }
      return
    }
    let isSuccess = (200..<300).contains(answer.status)
    // An order's number in a refusal: one of the two is not true.
    if envelope.orderID != nil, envelope.isFailure || !isSuccess {
      self = .unproven(seen(.contradictoryAnswer))
      return
    }
    if answer.status == 429 {
      self = .rateLimited(retryAfter: retryAfter)
    } else if answer.status == 401, entry.map({ $0.fragment.isEmpty || $0.verdict == .tokenDead }) ?? true {
      self = .tokenDead(entry?.verdict == .tokenDead ? DhanVerdict.said(entry, envelope) : seen(.tokenRefused))
    } else if let entry {
      let refusal = DhanVerdict.said(entry, envelope)
      switch entry.verdict {
      case .refused: self = .refused(refusal)
      case .tokenDead: self = .tokenDead(refusal)
      case .rateLimited: self = .rateLimited(retryAfter: retryAfter)
      case .unproven, .nothingToList: self = .unproven(refusal)
      }
    } else if envelope.isFailure {
      // A well-formed refusal under 4xx was not taken, whatever its words; under 2xx nobody has said what it would mean.
      self = isSuccess ? .unproven(seen(.unlistedRefusal)) : .refused(seen(.unlistedRefusal))
    } else if isSuccess {
      self = .taken(envelope)
    } else {
      self = .unproven(seen(.unprovenRefusal))
    }
  }

  private static func said(_ entry: BrokerErrorEntry?, _ envelope: DhanEnvelope) -> Refusal {
    entry?.refusal(words: envelope.words) ?? BrokerFault.unlistedRefusal.refusal()
  }

  private static func refusal(_ fault: BrokerFault, _ answer: BrokerAnswer, _ envelope: DhanEnvelope?) -> Refusal {
    let parts = ["HTTP \(answer.status)", envelope?.errorCode, envelope?.words]
    return fault.refusal(parts.compactMap { $0 }.map { BrokerWords.clean($0) }.joined(separator: ", "))
  }

  /// For a read.
  var failure: BrokerReadFailure {
    switch self {
    case .taken, .nothingToList: .unreadable(BrokerFault.strangeAnswer.refusal())
    case .refused(let refusal): .refused(refusal)
    case .tokenDead(let refusal): .tokenRefused(refusal)
    case .rateLimited(let retryAfter): .rateLimited(retryAfter: retryAfter)
    case .unproven(let refusal): .unreadable(refusal)
    }
  }
}
