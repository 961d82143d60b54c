import OrderDomain

/// Why somebody was turned away at a door. A closed list: the metrics count each.
enum DoorFailure: String, CaseIterable, Sendable {
  case wrongSecret = "wrong_secret"
  case wrongSignature = "wrong_signature"
  case signatureExpired = "signature_expired"
  case replayed = "replayed"
  case addressNotAllowed = "address_not_allowed"
  case lockedOut = "locked_out"
  case forwardingMalformed = "forwarding_malformed"
  case wrongCredential = "wrong_credential"
  case wrongPassword = "wrong_password"
  case crossSite = "cross_site"
  case scopeMissing = "scope_missing"
}

/// Counts who is turned away at one door, and says so once in a while rather than each time: a guesser shall not fill the
/// log.
struct DoorTally: Sendable {
  /// From one message to the next.
  static let pause = Duration.seconds(60)

  private let door: String
  private var counts: [DoorFailure: UInt64] = [:]
  /// Since the last message.
  private var untold: UInt64 = 0
  private var quietUntil: Uptime?

  init(door: String) { self.door = door }

  func count(_ failure: DoorFailure) -> UInt64 { counts[failure] ?? 0 }

  /// - Returns: what a person should read, if it is time: who came last and how many were not told of. Never what he
  ///   offered.
  mutating func count(_ failure: DoorFailure, from caller: Caller, at now: Uptime) -> Refusal? {
    counts[failure, default: 0] += 1
    untold += 1
    if let quietUntil, now < quietUntil { return nil }
    quietUntil = now.advanced(by: DoorTally.pause)
    let number = untold
    untold = 0
    return Refusal(
      code: "auth.turnedAway",
      cause:
        "\(number) \(number == 1 ? "request was" : "requests were") turned away at the \(door) since the last time "
        + "this was said; the latest, from \(caller.address), for \(failure.rawValue)",
      fix: "correct the sender if it is yours; docs/security.md says what keeps strangers out")
  }

  /// Lines of ``name``, without its heading.
  func metrics() -> String {
    var text = ""
    for failure in DoorFailure.allCases {
      text += "\(DoorTally.name){door=\"\(door)\",reason=\"\(failure.rawValue)\"} \(count(failure))\n"
    }
    return text
  }

  static let name = "order_engine_turned_away_total"
  static let heading =
    "# HELP \(name) Requests that were turned away at a door, by why.\n# TYPE \(name) counter\n"
}
