import ServiceLifecycle
import UnixSignals

/// Tells of each SIGHUP, by which an operator asks for files to be read again, for as long as the program runs.
struct HangUps: Service {
  let told: @Sendable () async -> Void

  func run() async throws {
    for await _ in await UnixSignalsSequence(trapping: .sighup).cancelOnGracefulShutdown() { await told() }
  }
}
