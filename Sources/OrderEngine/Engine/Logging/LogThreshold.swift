package import Logging
internal import Synchronization

/// From which level on the program logs. It may change while loggers are in use.
package enum LogThreshold {
  private static let index = Atomic<Int>(2)

  package static var level: Logger.Level { Logger.Level.allCases[index.load(ordering: .relaxed)] }

  package static func set(_ level: EngineConfiguration.LogLevel) {
    let chosen = Logger.Level.allCases.firstIndex { $0.rawValue == level.rawValue } ?? 2
    index.store(chosen, ordering: .relaxed)
  }
}
