/// The stretches of an alert's way through the engine, one after the other. Each ends where the next begins.
package enum AlertStage: Int, CaseIterable, Sendable {
  /// From its whole request to its plan, approved: parsed, authenticated, known as new, looked up, judged.
  case planned
  /// Until its record is as durable as `DURABILITY` says.
  case journaled
  /// Until its turn: alerts of the same commit, and those before it in its lane.
  case started
  /// Of each order: until token, circuit and rate limit let it go.
  case permitted
  /// Of each order: from the broker's gateway to the broker's answer, the wire both ways and the broker's own time in it.
  case acknowledged

  package var code: String {
    switch self {
    case .planned: "planned"
    case .journaled: "journaled"
    case .started: "started"
    case .permitted: "permitted"
    case .acknowledged: "acknowledged"
    }
  }
}
