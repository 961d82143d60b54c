/// Why something is not done, in the three things that every refusal of the engine says: a stable code for programs, the
/// cause in words, and what to do about it. `docs/errors.md` lists the codes.
public struct Refusal: Error, Hashable, Sendable {
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
