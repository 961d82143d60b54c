package import OrderDomain

/// Tokens in the vault. Neither call blocks its caller's thread.
package struct VaultTokenStore: TokenStore {
  private let vault: Vault

  package init(vault: Vault) { self.vault = vault }

  package var name: String { "vault" }

  package func load(_ account: AccountID) async throws(TokenStoreError) -> StoredTokens? {
    let vault = vault
    return try await away { () throws(Refusal) in try vault.tokens(of: account) }
  }

  package func save(_ tokens: StoredTokens, of account: AccountID) async throws(TokenStoreError) {
    let vault = vault
    try await away { () throws(Refusal) in try vault.setTokens(tokens, of: account) }
  }
}
