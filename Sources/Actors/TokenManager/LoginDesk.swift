internal import OrderDomain

/// The logins that were handed out and have not come back. A browser that comes back is believed only if it was sent out:
/// else anybody could log the account in to another.
struct LoginDesk: Sendable {
  private struct Login: Sendable {
    /// `nil` where the broker does not give it back.
    let state: String?
    let endsAt: Uptime
    /// What may still be tried under it.
    var attempts: Int
  }

  /// A person has to look for his phone.
  static let life = Duration.seconds(900)
  /// More than a person would open; the oldest goes.
  static let limit = 8
  /// Of a login without a state a stranger may use one up, and the person's own is to find one left.
  static let attemptsWithoutState = 5

  private var logins: [Login] = []

  mutating func handOut(_ state: String?, at now: Uptime) {
    drop(at: now)
    // Without a state the last one counts for all.
    if state == nil { logins.removeAll { $0.state == nil } }
    logins =
      logins.suffix(LoginDesk.limit - 1) + [
        Login(
          state: state, endsAt: now.advanced(by: LoginDesk.life),
          attempts: state == nil ? LoginDesk.attemptsWithoutState : 1)
      ]
  }

  func expects(_ state: String?, at now: Uptime) -> Bool { index(of: state, at: now) != nil }

  /// Uses an attempt of the login up.
  mutating func claim(_ state: String?, at now: Uptime) -> Bool {
    guard let index = index(of: state, at: now) else { return false }
    logins[index].attempts -= 1
    if logins[index].attempts == 0 { logins.remove(at: index) }
    return true
  }

  /// A token has come: no other login is expected.
  mutating func end() { logins = [] }

  private func index(of state: String?, at now: Uptime) -> Int? {
    logins.firstIndex { login in
      guard now < login.endsAt else { return false }
      guard let own = login.state else { return state == nil }
      // In a time that tells nothing of how much of it was right.
      return state.map { Secret(own).matches(Secret($0)) } ?? false
    }
  }

  private mutating func drop(at now: Uptime) { logins.removeAll { $0.endsAt <= now } }
}
