import OrderDomain

/// How much one channel is burdened with. Durations are of the steady clock.
package struct NotifierSettings: Hashable, Sendable {
  /// Notices that may wait. A morning's worst case is a handful; what comes beyond is a storm, of which the log has all.
  package var capacity = 100
  /// Equal notices within it are told once and counted.
  package var likenessWindow = Duration.seconds(60)
  /// Different ones whose repeats are counted at a time.
  package var likenessCapacity = 256
  /// Telegram asks bots for no more than one message a second in a chat and 20 a minute in a group.
  package var leastPause = Duration.seconds(1)
  package var rateLimit = 20
  package var rateWindow = Duration.seconds(60)
  /// After the first failed attempt; doubled after each further one.
  package var firstRetryPause = Duration.seconds(2)
  package var longestRetryPause = Duration.seconds(300)
  /// A channel that asks for more is not believed.
  package var longestRetryAfter = Duration.seconds(3_600)
  /// What could not be delivered for so long is given up: news of yesterday help nobody.
  package var lifetime = Duration.seconds(3_600)
  package var criticalLifetime = Duration.seconds(86_400)

  package init() {}

  func lifetime(of severity: Notice.Severity) -> Duration {
    severity == .critical ? criticalLifetime : lifetime
  }

  /// Relations that the machine stands on.
  func check() {
    precondition(capacity > 0 && rateLimit > 0 && likenessCapacity > 0, "a channel that takes nothing is none")
    precondition(firstRetryPause > .zero && longestRetryPause >= firstRetryPause, "pauses grow")
    precondition(leastPause >= .zero && rateWindow > .zero && likenessWindow > .zero, "windows have a length")
  }
}
