/// Why a body is not an alert: a stable code, the cause in words, what to do, and where.
public struct AlertError: Error, Sendable {
  public enum Kind: UInt8, Hashable, Sendable {
    /// The body is no JSON that the engine takes: HTTP 400.
    case notJSON
    /// The body is JSON, and says something that is not done: HTTP 422.
    case refused
  }

  public let kind: Kind
  public let code: String
  public let cause: String
  public let fix: String
  /// The leg's number, counted from 1.
  public let leg: Int?
  /// The byte of the body at which it shows, counted from 0.
  public let offset: Int?
  /// The secret that the body carried, as far as it could be read. Whoever answers compares it first: a sender without
  /// the secret learns nothing about what was wrong.
  public internal(set) var secret: Secret?

  init(_ code: String, _ cause: String, fix: String, leg: Int? = nil, offset: Int? = nil) {
    kind = .refused
    self.code = code
    self.cause = cause
    self.fix = fix
    self.leg = leg
    self.offset = offset
  }

  init(_ error: JSONError, hint: String? = nil) {
    kind = error.problem == .numberOutOfRange ? .refused : .notJSON
    code = error.code
    cause = "The body is not JSON that the engine takes: " + error.cause + "."
    fix = hint ?? error.fix
    leg = nil
    offset = error.offset
  }
}

extension Refusal {
  public convenience init(_ error: AlertError) {
    self.init(code: error.code, cause: error.cause, fix: error.fix, leg: error.leg)
  }
}

extension AlertError: CustomStringConvertible {
  public var description: String { "\(code): \(cause) \(fix)" }
}
