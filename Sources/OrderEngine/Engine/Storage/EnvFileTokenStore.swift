internal import Brokers
package import OrderDomain

/// Access tokens in a `.env` file, each under the name by which a token stands in the settings, for programs that read them
/// there. Neither call blocks its caller's thread.
///
/// Nothing but the token itself has room in such a line: when it was issued and when it ends is what it says of itself, and
/// a refresh token is not kept.
package struct EnvFileTokenStore: TokenStore {
  private let file: EnvFile
  private let names: [AccountID: String]

  /// - Parameter names: of the lines, such as `DHAN_ACCESS_TOKEN`, by account. Other accounts have none.
  package init(path: String, names: [AccountID: String]) {
    file = EnvFile(path: path)
    self.names = names
  }

  package var name: String { file.path }

  package func load(_ account: AccountID) async throws(TokenStoreError) -> StoredTokens? {
    guard let name = names[account] else { return nil }
    let file = file
    return try await away { () throws(Refusal) in
      guard let (text, writtenAt) = try file.read(), let value = text.value(of: name), !value.isEmpty else {
        return nil
      }
      let tokens = StoredTokens(pasted: Secret(value), at: writtenAt)
      // It would count as alive for ever, and as issued whenever the file was changed.
      guard tokens.access.expiresAt != nil else {
        throw Refusal(
          code: "secret.envTokenUndated", cause: "\(name) in \(file.path) does not say when it ends",
          fix: "empty the line; a token that is none of the broker's usual ones goes to /generate-token")
      }
      return tokens
    }
  }

  package func save(_ tokens: StoredTokens, of account: AccountID) async throws(TokenStoreError) {
    guard let name = names[account], let token = tokens.access.secret else { return }
    let file = file
    try await away { () throws(Refusal) in try file.set(name, to: token) }
  }
}
