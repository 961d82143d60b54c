internal import Glibc
import OrderDomain

/// All places that settings come from. Read at the start, and again when the configuration is.
package struct SettingsSources: Sendable {
  /// Names with values, as the command line's options stand for them.
  package var commandLine: [String: String]
  package var envFile: String
  /// `nil`: ``configFileName``, if there is one.
  package var configFile: String?

  package static let configFileName = "order-engine.json"
  private static let fileLimit = 1 << 20

  package init(commandLine: [String: String], envFile: String, configFile: String? = nil) {
    self.commandLine = commandLine
    self.envFile = envFile
    self.configFile = configFile
  }

  /// Reads all places, the first of which wins: command line, environment, secret store, `.env`, configuration file.
  /// Blocks, for files and for the key of the vault: never called on the engine's thread.
  package func load() async throws -> LoadedConfiguration {
    let files = try readFiles()
    let stores = try files.stores()
    var layers = files.high
    layers += try await stores.layers(files.secretNames)
    layers += files.low
    return try LoadedConfiguration(
      layers: SettingsSources.withoutKeptTokens(layers, files: files.low), warnings: files.warnings)
  }

  /// In a file that the engine keeps tokens in, a token is no setting: it is read as those of the other stores are, with
  /// its time. As a setting, the engine's own line would refuse the next reading of all settings, since a token of a
  /// setting cannot change while the engine runs.
  private static func withoutKeptTokens(_ layers: [SettingsLayer], files: [SettingsLayer]) -> [SettingsLayer] {
    var reader = SettingsReader(layers: layers)
    let kept = reader.list(SettingsReader.tokenEnvFilesName)
    let names = Set(files.map(\.name).filter { name in kept.contains { EnvFile.isSame($0, name) } })
    return layers.map { layer in
      guard names.contains(layer.name) else { return layer }
      var rest = layer
      rest.values = layer.values.filter { SettingsSchema.setting($0.key)?.traits.contains(.accessToken) != true }
      return rest
    }
  }

  /// What the secret stores are, by all that is said outside of them.
  package func stores() throws -> SecretStores { try readFiles().stores() }

  private struct Files {
    var high: [SettingsLayer]
    var low: [SettingsLayer] = []
    var warnings: [Refusal] = []

    /// The secret settings that a store may hold: by their own names, and in the sections that are known.
    var secretNames: [String] {
      var reader = SettingsReader(layers: high + low)
      let strategies = reader.list("STRATEGIES").map { SettingsSection.prefix(.strategy, $0) }
      let accounts = reader.namedAccounts("BROKER").compactMap(\.section)
      func names(_ settings: [Setting], _ prefix: String = "") -> [String] {
        settings.filter { $0.isSecret && !$0.traits.contains(.environmentOnly) }.map { prefix + $0.name }
      }
      return names(SettingsSchema.groups.flatMap(\.settings))
        + strategies.flatMap { names(SettingsSchema.strategy, $0) }
        + accounts.flatMap { names(SettingsSchema.accountSettings.values.sorted { $0.name < $1.name }, $0) }
    }

    func stores() throws(ConfigurationErrors) -> SecretStores {
      var reader = SettingsReader(layers: high + low)
      let stores = SecretStores(reading: &reader)
      if !reader.errors.isEmpty { throw ConfigurationErrors(errors: reader.errors) }
      return stores
    }
  }

  private func readFiles() throws -> Files {
    var files = Files(high: [
      SettingsLayer(name: "command line", values: commandLine, mayHoldOthers: false), .processEnvironment(),
    ])
    if let text = try DataDirectory.readText(envFile, limit: SettingsSources.fileLimit) {
      files.low.append(try SettingsLayer.dotEnv(text, name: envFile))
    }
    let path = configFile ?? SettingsSources.configFileName
    if let bytes = try DataDirectory.read(path, limit: SettingsSources.fileLimit) {
      files.low.append(try SettingsLayer.json(bytes, name: path))
    } else if configFile != nil {
      throw Refusal(
        code: "config.fileMissing", cause: "there is no file \(path)", fix: "give --config a file that is there")
    }
    files.warnings = files.low.compactMap { SettingsSources.exposure(of: $0) }
    return files
  }

  /// A file with secrets that others can read.
  private static func exposure(of layer: SettingsLayer) -> Refusal? {
    let secrets = layer.values.filter { !$0.value.isEmpty && SettingsSchema.setting($0.key)?.isSecret == true }
    var status = stat()
    guard !secrets.isEmpty, unsafe stat(layer.name, &status) == 0, status.st_mode & 0o044 != 0 else { return nil }
    return Refusal(
      code: "config.fileExposed",
      cause:
        "other users of this machine may read \(layer.name), which holds \(secrets.keys.sorted().joined(separator: ", "))",
      fix: "chmod 600 \(layer.name), or keep secrets in the vault: order-engine vault set NAME")
  }
}
