import OrderDomain
import Ring

/// Where the tokens of this engine's accounts are kept.
enum TokenStores {
  /// The file of its own first, then every store that the settings name.
  ///
  /// - Parameter loop: where calls to a cloud run; as long as it does, the stores can be used.
  static func make(_ configuration: EngineConfiguration, on loop: EventLoop) async throws -> [any TokenStore] {
    [FileTokenStore(path: path(configuration))] + (try await configuration.secretStores.tokenStores(on: loop))
  }

  /// What the engines that share the directory ask for new tokens by, one after the other.
  static func turn(_ configuration: EngineConfiguration) -> any TokenTurn {
    FileTokenTurn(path: path(configuration))
  }

  private static func path(_ configuration: EngineConfiguration) -> String {
    configuration.tokenDirectory ?? configuration.dataDirectory + "/tokens"
  }
}
