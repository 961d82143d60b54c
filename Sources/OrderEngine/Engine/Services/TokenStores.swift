import OrderDomain

/// Where the tokens of this engine's accounts are kept.
enum TokenStores {
  static func make(_ configuration: EngineConfiguration) -> [any TokenStore] {
    [FileTokenStore(path: configuration.tokenDirectory ?? configuration.dataDirectory + "/tokens")]
  }
}
