package import OrderDomain

/// Keeps tokens in files of one directory, one for each account, readable by their owner alone. Two engines on one machine
/// may share the directory: a file is replaced whole.
package struct FileTokenStore: TokenStore {
  private let path: String

  package var name: String { "file" }

  /// - Parameter path: a directory; made when the first token is kept.
  package init(path: String) { self.path = path }

  private static let byteLimit = 64 * 1_024

  package func load(_ account: AccountID) async throws(TokenStoreError) -> StoredTokens? {
    try await away { () throws(Refusal) in
      guard let bytes = try DataDirectory.read("\(path)/\(account).json", limit: FileTokenStore.byteLimit) else {
        return nil
      }
      guard let tokens = StoredTokens(json: bytes) else {
        throw Refusal(
          code: "secret.tokenFileDamaged", cause: "\(path)/\(account).json holds no tokens",
          fix: "nothing to do: it is written anew with the next token")
      }
      return tokens
    }
  }

  package func save(_ tokens: StoredTokens, of account: AccountID) async throws(TokenStoreError) {
    try await away { () throws(Refusal) in
      let directory = try DataDirectory(path: path)
      try directory.write(tokens.json, to: "\(account).json")
      try directory.sync()
    }
  }
}
