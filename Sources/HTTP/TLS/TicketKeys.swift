internal import Ring

/// The keys that session tickets are sealed with (RFC 5077 4): the newest seals, and the one before it still opens.
///
/// Nothing of a session is kept here: the ticket holds it, so a client may come back after a restart of its own and to as
/// many connections as it likes. The keys live in memory alone, and change: who steals one opens a few hours' TLS 1.2, not
/// a year's. (TLS 1.3 makes fresh keys for a resumed session too.)
struct TicketKeys {
  /// A ticket is taken for as long as its key can be there: at least this long.
  static let lifetime = Duration.seconds(4 * 3600)

  struct Key: Equatable {
    static let nameCount = 16
    static let partCount = 32
    /// Shows which key a ticket was sealed with.
    let name: [UInt8]
    let cipher: [UInt8]
    let mac: [UInt8]

    init(using generator: inout some RandomNumberGenerator) {
      func random(_ count: Int) -> [UInt8] { (0..<count).map { _ in .random(in: 0 ... .max, using: &generator) } }
      name = random(Key.nameCount)
      cipher = random(Key.partCount)
      mac = random(Key.partCount)
    }
  }

  private(set) var current: Key
  private(set) var previous: Key?
  private var madeAt: LoopClock.Instant

  init(at now: LoopClock.Instant, using generator: inout some RandomNumberGenerator) {
    current = Key(using: &generator)
    madeAt = now
  }

  /// Makes a new key when the current one is old enough. Asked for each new session.
  mutating func rotate(at now: LoopClock.Instant, using generator: inout some RandomNumberGenerator) {
    let age = madeAt.duration(to: now)
    if age < TicketKeys.lifetime { return }
    previous = age < TicketKeys.lifetime * 2 ? current : nil
    current = Key(using: &generator)
    madeAt = now
  }

  /// The key of that name, if it may still be used.
  func key(named name: Span<UInt8>) -> Key? {
    if isName(name, of: current) { return current }
    if let previous, isName(name, of: previous) { return previous }
    return nil
  }

  /// Names are shown to everybody; there is nothing to hide in the time that this takes.
  private func isName(_ name: Span<UInt8>, of key: Key) -> Bool {
    guard name.count == Key.nameCount else { return false }
    for index in name.indices where name[index] != key.name[index] { return false }
    return true
  }
}
