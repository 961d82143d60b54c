internal import OrderDomain

/// What an object says about how a call ended, in any of the shapes that Dhan was seen to use.
struct DhanEnvelope {
  private(set) var orderID: String?
  private(set) var orderStatus: String?
  /// `errorCode`, or the first name in `data` under a failed `status` (`{"status":"failed","data":{"808":"…"}}`).
  private(set) var errorCode: String?
  private(set) var words: String?
  /// Whether the object says itself that the call failed.
  private(set) var isFailure = false

  /// The body as one object; throws when it is not whole, not an object, or says one thing twice.
  init(_ body: [UInt8]) throws(JSONError) {
    var reader = WireReader(body.span)
    try self.init(&reader)
    try reader.scanner.finish()
  }

  /// Past one object.
  init(_ reader: inout WireReader) throws(JSONError) {
    var seen: [String] = []
    var errorType: String?
    var status: String?
    var message: String?
    var data: (code: String, text: String?)?
    try reader.scanner.beginObject()
    while let key = try reader.nextKey() {
      switch key {
      case "orderId", "orderStatus", "errorCode", "errorMessage", "errorType", "status", "message", "error", "data":
        // Which of two is meant nobody can say.
        if seen.contains(key) { throw JSONError(.duplicateKey, at: reader.scanner.position) }
        seen.append(key)
      default:
        try reader.scanner.skipValue()
        continue
      }
      if key == "data" {
        guard try reader.beginsObject() else { continue }
        while let code = try reader.nextKey() {
          let text = try reader.text()
          if data == nil { data = (code, text) }
        }
        continue
      }
      let text = try reader.meaningfulText()
      switch key {
      case "orderId": orderID = text
      case "orderStatus": orderStatus = text
      case "errorCode": errorCode = text
      case "errorMessage": words = text
      case "errorType": errorType = text
      case "status": status = text
      default: message = message ?? text
      }
    }
    words = words ?? message ?? errorType
    isFailure = errorCode != nil || errorType != nil || DhanEnvelope.isFailure(status)
    if errorCode == nil, isFailure, let data, Int(data.code) != nil {
      errorCode = data.code
      words = data.text ?? words
    }
  }

  /// A word (`failed`, `failure`, `ERROR`), or a number as on the gateway's own page
  /// (`{"timestamp":…,"status":404,"error":"Not Found","path":…}`).
  private static func isFailure(_ status: String?) -> Bool {
    switch status?.lowercased() {
    case nil: false
    case "failed", "failure", "error": true
    case .some(let text): Int(text).map { $0 >= 400 } ?? false
    }
  }
}
