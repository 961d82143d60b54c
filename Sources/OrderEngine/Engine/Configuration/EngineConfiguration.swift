package import Actors
package import OrderDomain

/// Everything that a person can set, checked whole before anything starts.
package struct EngineConfiguration: Sendable {
  package var host: String
  /// 0 lets the kernel choose; the log says which.
  package var port: UInt16
  package var dataDirectory: String
  /// The door speaks TLS with it; nil for plain HTTP.
  package var certificate: CertificatePaths?
  /// Where access tokens are kept; `nil` for a folder of the data directory.
  package var tokenDirectory: String?
  /// `.env` files that tokens are kept in besides.
  package var tokenEnvFiles: [String]
  /// When tokens are looked at each day, after midnight in India.
  package var tokenCheckTime: Duration
  package var journal: JournalSettings
  /// A segment goes when a snapshot covers it and all its records are older.
  package var journalRetentionDays: Int64
  /// At least one; the first is the default of alerts that name none.
  package var accounts: [AccountConfiguration]
  /// A file of further certificate authorities that brokers' certificates may be signed by; PEM.
  package var brokerAuthorities: String?
  /// Real orders leave only when true; paper and loopback brokers are exempt.
  package var isLive: Bool
  package var webhookSecret: RotatingSecret
  /// Those with settings of their own.
  package var strategies: [StrategyConfiguration]
  package var secretStores: SecretStores
  package var operatorToken: Secret?
  package var eventLoop: EventLoopChoice
  package var isSpinning: Bool
  package var logLevel: LogLevel
  package var riskLimits: RiskLimits
  /// Requests of one address in a window of seconds; `nil` is off.
  package var webhookRateLimit: WebhookRateLimit?
  /// What alerts must bring with them, and where they may come from.
  package var door: WebhookDoorSettings
  package var operatorDoor: OperatorDoorSettings
  package var alertValidityMilliseconds: Int64
  /// How long an alert that carries an id or the time it was fired is a duplicate.
  package var keyedWindowSeconds: Int64
  /// How long an alert that carries neither is one.
  package var unkeyedWindowSeconds: Int64
  package var shutdownGraceSeconds: Int64
  package var notifications: NotificationSettings
  /// The list of the exchanges' holidays; `nil` looks in the data directory.
  package var holidaysFile: String?
  package var symbolFiles: [String]
  package var paper: PaperSettings

  package enum EventLoopChoice: String, Sendable, CaseIterable { case automatic, uring, epoll }
  package enum LogLevel: String, Sendable, CaseIterable { case trace, debug, info, notice, warning, error, critical }

  package struct WebhookRateLimit: Equatable, Sendable {
    package let count: Int
    package let seconds: Int64
  }

  /// The market that the paper broker imitates.
  package struct PaperSettings: Equatable, Sendable {
    /// The same seed and the same orders make the same prices and fills.
    package var seed: UInt64
    package var funds: Money
    /// From the order's arrival to its first fill.
    package var latencyMilliseconds: Int64
    /// Most units that one fill takes; 0 fills whole.
    package var fillUnits: Int64
  }
}

/// A setting that cannot be used: what it is, where it came from, and what to write instead.
package struct ConfigurationError: Error, Equatable, CustomStringConvertible {
  package let key: String
  package let source: String
  package let cause: String
  package let fix: String

  package var description: String { "\(key) (\(source)): \(cause). \(fix)." }
}

/// All that is wrong with a configuration, so that it is corrected in one go.
package struct ConfigurationErrors: Error, CustomStringConvertible {
  package let errors: [ConfigurationError]
  package var description: String { errors.map(\.description).joined(separator: "\n") }
}
