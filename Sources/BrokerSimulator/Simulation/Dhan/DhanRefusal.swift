import HTTP
import OrderDomain

/// Dhan's error envelope: `{"errorType","errorCode","errorMessage"}`.
package struct DhanRefusal: Error, Hashable, Sendable {
  package let status: UInt16
  package let type: String
  package let code: String
  package let message: String

  package init(_ status: UInt16, _ type: String, _ code: String, _ message: String) {
    self.status = status
    self.type = type
    self.code = code
    self.message = message
  }

  /// The text that Dhan has for most of what is wrong with a body.
  static let badFields = input("Missing required fields, bad values for parameters etc.")
  static let badAccess = DhanRefusal(
    401, "Invalid_Authentication", "DH-901", "Client ID or user generated access token is invalid or expired.")
  /// A token that was live once and was replaced.
  static let deadToken = order("Invalid Token")
  static let tooManyCalls = DhanRefusal(
    429, "Rate_Limit", "DH-904",
    "Too many requests on server from single user breaching rate limits. Try throttling API calls.")
  static let wrongAddress = input("Invalid IP")
  static let noHoldings = DhanRefusal(500, "HOLDING_ERROR", "DH-1111", "No holdings available")
  static let unknownOrder = order("Incorrect request for order and cannot be processed")
  static let inTransit = order("Order is in Transit state")

  static func input(_ message: String) -> DhanRefusal { DhanRefusal(400, "Input_Exception", "DH-905", message) }
  static func order(_ message: String, status: UInt16 = 400) -> DhanRefusal {
    DhanRefusal(status, "Order_Error", "DH-906", message)
  }

  var response: HTTPResponse {
    Answers.object(status) { json in
      json.string("errorType", type)
      json.string("errorCode", code)
      json.string("errorMessage", message)
    }
  }

  /// The shape of the data endpoints: `{"status":"failed","data":{"808":"…"}}`.
  static func data(_ number: Int, _ words: String, status: UInt16 = 401) -> HTTPResponse {
    Answers.object(status) { json in
      json.object("data") { $0.string(named: String(number), words) }
      json.string("status", "failed")
    }
  }
}
