import HTTP
import OrderDomain
import SimulatedExchange

/// Fyers' error envelope: `{"s":"error","code":-50,"message":"…"}`.
package struct FyersRefusal: Error, Hashable, Sendable {
  package let status: UInt16
  package let code: Int
  package let message: String

  package init(_ status: UInt16, _ code: Int, _ message: String) {
    self.status = status
    self.code = code
    self.message = message
  }

  static let invalidInput = bad("Invalid input")
  static let badSymbol = FyersRefusal(400, -300, "Please provide a valid symbol")
  static let unknownOrder = FyersRefusal(400, -51, "Please provide a valid order id")
  static let expiredToken = FyersRefusal(401, -8, "Your token has expired")
  static let malformedToken = FyersRefusal(401, -15, "Please provide a valid token")
  static let unknownToken = FyersRefusal(401, -17, "Could not authenticate the user")
  static let noPermission = FyersRefusal(403, -373, "You do not have permission to access this API")
  static let wrongAddress = FyersRefusal(403, -99, "Request is not from a whitelisted IP")
  static let nothingOpen = FyersRefusal(200, -352, "No position to exit")
  static let unknownPath = FyersRefusal(404, -99, "Not found")
  /// Since the rules of 1 April 2026.
  static let refreshDisabled = FyersRefusal(
    401, -16, "Refresh token API is currently disabled to comply with SEBI regulations.")

  static func bad(_ message: String) -> FyersRefusal { FyersRefusal(400, -50, message) }
  /// A refusal by risk comes under 200.
  static func risk(_ message: String) -> FyersRefusal { FyersRefusal(200, -99, message) }

  var response: HTTPResponse {
    var writer = JSONWriter(reserving: 128)
    write(nil, &writer)
    return HTTPResponse(HTTPStatus(status), fields: Answers.json, body: writer.bytes)
  }

  func write(_ name: StaticString?, _ json: inout JSONWriter) {
    json.object(name) { json in
      json.string("s", "error")
      json.integer("code", code)
      json.string("message", message)
    }
  }

  /// With the wait in the header on order calls, without on the others.
  static func tooManyCalls(isOrder: Bool, wait: Int64) -> HTTPResponse {
    var response = FyersRefusal(429, -429, "request limit reached").response
    if isOrder {
      let milliseconds = max(1, (wait + 999_999) / 1_000_000)
      response.fields.add("Retry-After", String((milliseconds + 999) / 1_000))
      response.fields.add("X-Retry-After-Ms", String(milliseconds))
    }
    return response
  }
}

extension FyersRefusal {
  /// A refusal before the acknowledgement: by form under 400, by risk under 200.
  init(_ rejection: ExchangeRejection, _ order: NewOrder) {
    switch rejection {
    case .unknownAccount: self = .unknownToken
    case .notTradable, .contractExpired: self = .badSymbol
    case .notLotMultiple: self = .bad("Quantity should be multiples of the lot size.")
    case .zeroQuantity: self = .bad("qty should be greater than 0")
    case .zeroPrice: self = .bad("limitPrice should be greater than 0")
    case .notOnTick(let price, let tick):
      let name = price == order.type.triggerPrice ? "StopPrice" : "LimitPrice"
      self = .bad("\(name) not a multiple of tick size \(tick.price)")
    case .productNotAllowed, .immediateOrCancelNotAllowed, .limitShortOfTrigger: self = .bad(rejection.words)
    case .marketClosed, .marketOpen, .stopMarketNotAllowed, .aboveFreeze, .outsideBand, .triggerOnWrongSide,
      .notEnoughHoldings, .insufficientFunds, .inWords:
      self = .risk("RED:\(rejection.words)")
    }
  }

  init(_ refusal: RequestRefusal, _ order: NewOrder? = nil) {
    switch refusal {
    case .unknownOrder: self = .unknownOrder
    case .inTransit: self = .bad("Order is in transit")
    case .alreadyFinal(.filled): self = FyersRefusal(400, -162, "Order is already traded")
    case .alreadyFinal(.cancelled): self = FyersRefusal(400, -161, "Order is already cancelled")
    case .alreadyFinal(.rejected): self = FyersRefusal(400, -164, "Order is already rejected")
    case .alreadyFinal, .tooManyModifications, .quantityNotAboveFilled, .alreadyTriggered:
      self = FyersRefusal(400, -163, refusal.words)
    case .rejected(let rejection):
      if let order { self = FyersRefusal(rejection, order) } else { self = .bad(rejection.words) }
    }
  }
}
