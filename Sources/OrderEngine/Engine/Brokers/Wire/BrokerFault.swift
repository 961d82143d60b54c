internal import OrderDomain

/// What is wrong with an answer, or with the lack of one, whichever broker it is: the family `broker.` of codes.
package enum BrokerFault: String, Hashable, Sendable, CaseIterable {
  case notSent, noAnswer
  case serverError, requestTimeout, redirected
  case emptyAnswer, notJSON, strangeAnswer, contradictoryAnswer
  case unprovenRefusal, unlistedRefusal
  case rateLimited, tokenMissing, tokenRefused
  case notOffered, tooManyInstruments

  package var code: String { "broker." + rawValue }

  package var cause: String {
    switch self {
    case .notSent: "nothing was sent to the broker"
    case .noAnswer: "the broker was asked and no whole answer came"
    case .serverError: "the broker failed while it answered"
    case .requestTimeout: "the broker gave up waiting for the request"
    case .redirected: "the broker sent us elsewhere, where no order is sent"
    case .emptyAnswer: "the broker's answer is empty"
    case .notJSON: "the broker's answer is not JSON, or is cut"
    case .strangeAnswer: "the broker's answer lacks what would prove anything"
    case .contradictoryAnswer: "the broker's answer contradicts itself"
    case .unprovenRefusal: "the broker turned the call away without saying why"
    case .unlistedRefusal: "the broker refuses, with a code that no document lists"
    case .rateLimited: "the broker takes no more calls for now"
    case .tokenMissing: "there is no access token"
    case .tokenRefused: "the broker refuses the access token"
    case .notOffered: "the broker has no such order"
    case .tooManyInstruments: "more instruments than one call may name"
    }
  }

  package var fix: String {
    switch self {
    case .notSent: "look at the network, the proxy and the broker's address"
    case .noAnswer, .serverError, .requestTimeout, .redirected, .emptyAnswer, .notJSON, .strangeAnswer,
      .contradictoryAnswer, .unprovenRefusal:
      "nothing to do at once: the engine asks the broker's books; if it lasts, look at the broker's status page"
    case .unlistedRefusal: "read the broker's words; correct the order and send it as a new alert"
    case .rateLimited: "nothing to do: the call is made again when its limit allows"
    case .tokenMissing, .tokenRefused: "log in at the broker again"
    case .notOffered: "send an order that the broker takes"
    case .tooManyInstruments: "ask in several calls"
    }
  }

  /// With what was seen: a status, the broker's own words.
  func refusal(_ seen: String? = nil) -> Refusal {
    Refusal(code: code, cause: seen.map { "\(cause): \($0)" } ?? cause, fix: fix)
  }

  /// What makes a mutating call's outcome unknown and a read worthless, judged by the status alone; `nil` if the body
  /// decides.
  ///
  /// A 5xx or a 408 may come after the order was taken, from whatever stands in front of it (RFC 9110 section 15.6 says
  /// nothing of what was done before). A redirect is not followed.
  init?(unprovenStatus status: Int) {
    switch status {
    case 408: self = .requestTimeout
    case 500...: self = .serverError
    case 300..<400: self = .redirected
    case 200..<300, 400..<500: return nil
    default: self = .strangeAnswer
    }
  }
}
