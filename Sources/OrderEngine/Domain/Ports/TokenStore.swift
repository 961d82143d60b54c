/// Where an account's tokens outlive the process: a file, the vault, a cloud's store. A token is kept in every configured
/// store, and read back from them at the start.
public protocol TokenStore: Sendable {
  /// For people, such as `vault` or `Secret Manager`: no address that holds a secret.
  var name: String { get }

  /// What was kept last; `nil` if nothing was. Never called by the order path.
  func load(_ account: AccountID) async throws(TokenStoreError) -> StoredTokens?

  /// Keeps them in place of what was kept, whole or not at all.
  func save(_ tokens: StoredTokens, of account: AccountID) async throws(TokenStoreError)
}

/// The tokens of one account, as they are kept.
public struct StoredTokens: Sendable {
  public let access: IssuedToken
  /// What a new access token can be had for without a person's login (Fyers); `nil` where there is no such thing.
  public let refresh: IssuedToken?
  public let issuedAt: Timestamp

  public init(access: IssuedToken, refresh: IssuedToken?, issuedAt: Timestamp) {
    self.access = access
    self.refresh = refresh
    self.issuedAt = issuedAt
  }
}

/// Why a store could not be read or written. Holds words that are fit for logs.
public struct TokenStoreError: Error, Hashable, Sendable {
  public let store: String
  public let refusal: Refusal

  public init(store: String, refusal: Refusal) {
    self.store = store
    self.refusal = refusal
  }
}
