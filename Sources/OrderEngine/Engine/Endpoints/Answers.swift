import HTTP
import OrderDomain

/// Ready-made headers of the engine's answers.
struct AnswerFields: Sendable {
  let json: HTTPFields
  let html: HTTPFields
  let script: HTTPFields
  let style: HTTPFields
  let text: HTTPFields
  let events: HTTPFields

  init() {
    let common: [(String, String)] = [
      ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
    ]
    let page: [(String, String)] =
      common + [
        (
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'"
        )
      ]
    json = AnswerFields.fields(common + [("Content-Type", "application/json")])
    html = AnswerFields.fields(page + [("Content-Type", "text/html; charset=utf-8")])
    script = AnswerFields.fields(common + [("Content-Type", "text/javascript; charset=utf-8")])
    style = AnswerFields.fields(common + [("Content-Type", "text/css; charset=utf-8")])
    text = AnswerFields.fields(common + [("Content-Type", "text/plain; version=0.0.4; charset=utf-8")])
    events = AnswerFields.fields(common + [("Content-Type", "text/event-stream")])
  }

  private static func fields(_ pairs: [(String, String)]) -> HTTPFields {
    var fields = HTTPFields()
    for (name, value) in pairs { fields.add(name, value) }
    return fields
  }
}

extension HTTPFields {
  /// Adds a field that this program wrote itself, so that it cannot be malformed.
  mutating func add(_ name: String, _ value: String) {
    do throws(HTTPFields.Refusal) {
      try append(name, value)
    } catch {
      preconditionFailure("\(name) is a field of our own: \(error)")
    }
  }
}
