import HTTP
import OrderDomain

/// Ready-made headers of the engine's answers.
struct AnswerFields: Sendable {
  let json: HTTPFields
  let html: HTTPFields
  /// Of the page to sign in, which may send its form here.
  let login: HTTPFields
  let script: HTTPFields
  let style: HTTPFields
  let text: HTTPFields
  let events: HTTPFields

  init() {
    let common: [(String, String)] = [
      ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
    ]
    func page(sending target: String) -> [(String, String)] {
      common + [
        (
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
            + "form-action \(target); frame-ancestors 'none'"
        ), ("X-Frame-Options", "DENY"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"), ("Content-Type", "text/html; charset=utf-8"),
      ]
    }
    json = AnswerFields.fields(common + [("Content-Type", "application/json")])
    html = AnswerFields.fields(page(sending: "'none'"))
    login = AnswerFields.fields(page(sending: "'self'"))
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
