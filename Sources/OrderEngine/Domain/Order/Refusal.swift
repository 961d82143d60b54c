/// Why something is not done, in the three things that every refusal of the engine says: a stable code for programs, the
/// cause in words, and what to do about it. `docs/errors.md` lists the codes.
///
/// One object, so that what may hold a refusal and nearly never does is no larger for it.
public final class Refusal: Error, Sendable {
  /// `family.camelCase`, never renamed: `symbol.notFound`, `risk.quantityAboveLimit`.
  public let code: String
  public let cause: String
  public let fix: String
  /// The number of the leg that it concerns, counted from 1; `nil` for the whole alert.
  public let leg: Int?

  public init(code: String, cause: String, fix: String, leg: Int? = nil) {
    self.code = code
    self.cause = cause
    self.fix = fix
    self.leg = leg
  }

  public func onLeg(_ number: Int) -> Refusal { Refusal(code: code, cause: cause, fix: fix, leg: number) }
}

extension Refusal: Hashable {
  public static func == (left: Refusal, right: Refusal) -> Bool {
    left === right
      || left.code == right.code && left.cause == right.cause && left.fix == right.fix && left.leg == right.leg
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(code)
    hasher.combine(cause)
    hasher.combine(fix)
    hasher.combine(leg)
  }
}

extension Refusal: CustomStringConvertible {
  public var description: String { "\(code): \(cause) (\(fix))" }
}
