package import Actors
package import Logging
package import OrderDomain

/// Knows the settings as they stand and where they came from, and reads them again while the engine runs: whole or not at
/// all. Never on the order path; the reading itself is done away from the engine's thread.
package actor ConfigurationKeeper {
  package enum Outcome: Sendable {
    /// Nothing is written differently.
    case unchanged
    /// These hold from now on.
    case changed([String])
    /// Nothing has changed, for these reasons.
    case refused([Refusal])
  }

  /// Puts other settings in force in a running engine.
  package typealias Apply = @Sendable (EngineConfiguration, ConfigurationChange) async throws(Refusal) -> Void

  private let sources: SettingsSources
  private let logger: Logger
  private var loaded: LoadedConfiguration
  private var apply: Apply?
  private var isReloading = false

  package init(sources: SettingsSources, loaded: LoadedConfiguration, logger: Logger) {
    self.sources = sources
    self.loaded = loaded
    self.logger = logger
  }

  /// From now on settings can be read again; `nil` ends that.
  package func setApply(_ apply: Apply?) { self.apply = apply }

  /// Reads all settings again.
  ///
  /// - Parameter name: who asked for it; the journal keeps it.
  package func reload(by name: String) async -> Outcome {
    guard let apply, !isReloading else {
      return .refused([
        Refusal(
          code: "config.notNow",
          cause: isReloading
            ? "the settings are being read at this moment" : "the engine takes no alerts yet, or no more",
          fix: "try again in a moment")
      ])
    }
    isReloading = true
    defer { isReloading = false }
    let outcome = await read(by: name, apply)
    switch outcome {
    case .unchanged: logger.info("config.unchanged", metadata: ["by": "\(name)"])
    case .changed(let keys):
      logger.notice("config.changed", metadata: ["by": "\(name)", "keys": "\(keys.joined(separator: ", "))"])
    case .refused(let refusals):
      for refusal in refusals {
        logger.error(
          "config.refused",
          metadata: ["by": "\(name)", "code": "\(refusal.code)", "cause": "\(refusal.cause)", "fix": "\(refusal.fix)"])
      }
    }
    return outcome
  }

  private func read(by name: String, _ apply: Apply) async -> Outcome {
    let sources = sources
    // Detached: a task that prefers the engine's thread would read files there.
    let reading = Task.detached { await Result { try await sources.load() } }
    let fresh: LoadedConfiguration
    switch await reading.value {
    case .failure(let error): return .refused(ConfigurationKeeper.refusals(error))
    case .success(let loaded): fresh = loaded
    }
    let changes = fresh.changes(from: loaded)
    let fixed = changes.filter { !$0.isLive }
    if !fixed.isEmpty {
      return .refused(
        fixed.map {
          Refusal(
            code: "config.needsRestart",
            cause: "\($0.name) is written differently, and cannot change while the engine runs",
            fix: "restart the engine, or write \($0.name) as it was; nothing else was changed either")
        })
    }
    let keys = changes.map(\.name)
    if !keys.isEmpty {
      do throws(Refusal) {
        try await apply(fresh.configuration, ConfigurationChange(by: name, keys: keys))
      } catch {
        return .refused([error])
      }
      LogThreshold.set(fresh.configuration.logLevel)
    }
    loaded = fresh
    return keys.isEmpty ? .unchanged : .changed(keys)
  }

  private static func refusals(_ error: any Error) -> [Refusal] {
    switch error {
    case let errors as ConfigurationErrors:
      errors.errors.map { Refusal(code: "config.bad", cause: "\($0.key) (\($0.source)): \($0.cause)", fix: $0.fix) }
    case let refusal as Refusal: [refusal]
    default: [Refusal(code: "config.notRead", cause: "\(error)", fix: "see that the files of settings can be read")]
    }
  }

  /// Every setting as it stands, secrets blanked out.
  package func json() -> [UInt8] {
    var json = JSONWriter(reserving: 16_384)
    json.object { json in
      json.array("items") { json in
        for setting in loaded.settings { json.object { setting.write(to: &$0) } }
      }
      json.null("next")
    }
    return json.bytes
  }
}

extension ConfigurationKeeper.Outcome {
  package var reply: EngineReply {
    switch self {
    case .refused(let refusals):
      .refused(refusals.contains { $0.code == "config.notNow" } ? 409 : 422, refusals)
    case .unchanged: answer("unchanged", [])
    case .changed(let keys): answer("changed", keys)
    }
  }

  private func answer(_ status: String, _ keys: [String]) -> EngineReply {
    var json = JSONWriter()
    json.object { json in
      json.string("status", status)
      json.array("keys") { json in for key in keys { json.string(nil, key) } }
    }
    return EngineReply(status: 200, body: json.bytes)
  }
}
