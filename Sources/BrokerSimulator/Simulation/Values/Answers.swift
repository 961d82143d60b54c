package import HTTP
package import OrderDomain

/// Ready-made parts of answers.
package enum Answers {
  static let json = fields([("Content-Type", "application/json")])
  static let html = fields([("Content-Type", "text/html; charset=UTF-8")])
  static let csv = fields([("Content-Type", "text/csv")])
  static let text = fields([("Content-Type", "text/plain; charset=utf-8")])

  package static func object(_ status: UInt16 = 200, _ content: (inout JSONWriter) -> Void) -> HTTPResponse {
    var writer = JSONWriter()
    writer.object(nil, content)
    return HTTPResponse(HTTPStatus(status), fields: json, body: writer.bytes)
  }

  package static func array(_ status: UInt16 = 200, _ content: (inout JSONWriter) -> Void) -> HTTPResponse {
    var writer = JSONWriter(reserving: 4_096)
    writer.array(nil, content)
    return HTTPResponse(HTTPStatus(status), fields: json, body: writer.bytes)
  }

  static func page(_ status: UInt16, _ words: String) -> HTTPResponse {
    let body =
      "<!DOCTYPE html>\n<html><head><title>\(words)</title></head><body><h1>\(words)</h1><hr>cloudflare</body></html>\n"
    return HTTPResponse(HTTPStatus(status), fields: html, body: Array(body.utf8))
  }

  static func fields(_ pairs: [(String, String)]) -> HTTPFields {
    var fields = HTTPFields()
    for (name, value) in pairs { fields.add(name, value) }
    return fields
  }
}

extension HTTPFields {
  /// Adds a field; a value that would break its line is left out, because only a script can have brought it.
  mutating func add(_ name: String, _ value: String) {
    do throws(HTTPFields.Refusal) {
      try append(name, value)
    } catch {
      return
    }
  }
}

extension JSONWriter {
  mutating func price(_ name: StaticString, _ price: Price?) {
    number(name, decimalText: (price ?? .zero).description)
  }

  mutating func money(_ name: StaticString, _ money: Money) {
    number(name, decimalText: money.description)
  }
}
