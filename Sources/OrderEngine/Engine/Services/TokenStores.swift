import OrderDomain
import Ring

/// Where the tokens of this engine's accounts are kept.
enum TokenStores {
  /// The file of its own first, then every store that the settings name; those last that keep the token alone.
  ///
  /// - Parameter loop: where calls to a cloud run; as long as it does, the stores can be used.
  static func make(_ configuration: EngineConfiguration, on loop: EventLoop) async throws -> [any TokenStore] {
    let names = Dictionary(
      uniqueKeysWithValues: configuration.accounts.compactMap { account in
        account.accessTokenName.map { (account.id, $0) }
      })
    return [FileTokenStore(path: path(configuration))]
      + (try await configuration.secretStores.tokenStores(on: loop))
      + configuration.tokenEnvFiles.map { EnvFileTokenStore(path: $0, names: names) }
  }

  /// What the engines that share the directory ask for new tokens by, one after the other.
  static func turn(_ configuration: EngineConfiguration) -> any TokenTurn {
    FileTokenTurn(path: path(configuration))
  }

  private static func path(_ configuration: EngineConfiguration) -> String {
    configuration.tokenDirectory ?? configuration.dataDirectory + "/tokens"
  }
}
