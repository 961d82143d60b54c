internal import HTTP
package import OrderDomain
package import Ring

/// The stores of secrets that the settings name.
package struct SecretStores: Sendable {
  package let dataDirectory: String
  private let passphrase: Secret?
  private let keyFile: String?
  private let google: GoogleSettings

  /// Where Google's services are, and as whom they are asked.
  struct GoogleSettings: Sendable {
    var project: String?
    var bucket: String?
    var object: String
    var credentials: String?
    var secretManager: BrokerAddress
    var storage: BrokerAddress
    var token: BrokerAddress?
    var metadata: String

    var isUsed: Bool { project != nil || bucket != nil }
  }

  init(reading reader: inout SettingsReader) {
    dataDirectory = reader.text("DATA_DIR") ?? "data"
    passphrase = reader.secret("VAULT_PASSPHRASE")
    keyFile = reader.text("VAULT_KEY_FILE")
    if passphrase != nil, let keyFile {
      reader.refuse(
        "VAULT_KEY_FILE", keyFile, "is one key of the vault, and VAULT_PASSPHRASE is another",
        "set one of them alone")
    }
    google = GoogleSettings(
      project: reader.text("SECRET_MANAGER_PROJECT"), bucket: reader.text("GCS_BUCKET_NAME"),
      object: reader.text("GCS_TOKENS_FILE") ?? "tokens/tokens.json",
      credentials: reader.text("GOOGLE_APPLICATION_CREDENTIALS"),
      secretManager: reader.address("SECRET_MANAGER_URL", standard: "https://secretmanager.googleapis.com"),
      storage: reader.address("GCS_URL", standard: "https://storage.googleapis.com"),
      token: reader.text("GOOGLE_TOKEN_URL") == nil
        ? nil : reader.address("GOOGLE_TOKEN_URL", standard: "https://oauth2.googleapis.com"),
      metadata: reader.metadataAddress("GOOGLE_METADATA_URL"))
    if let project = google.project, !GoogleSecretManager.isProject(project) {
      reader.refuse(
        "SECRET_MANAGER_PROJECT", project, "is no project of Google's", "write its id, such as trading-47111")
    }
  }

  // MARK: Settings

  /// One layer for each store that there is, the first of which wins. A store that is there and cannot be read is an
  /// error: without its secrets the engine would be another one than was meant.
  ///
  /// - Parameter names: the secret settings that are asked for where they cannot be listed.
  func layers(_ names: [String]) async throws -> [SettingsLayer] {
    var layers: [SettingsLayer] = []
    if let vault = try vault() {
      let settings = try await BlockingWork.run { () -> Result<[String: Secret], Refusal> in
        do throws(Refusal) { return .success(try vault.settings()) } catch { return .failure(error) }
      }.get()
      layers.append(SecretStores.layer("vault", settings))
    }
    if google.project != nil {
      let settings = try await SecretStores.onLoopOfItsOwn { loop in
        try await googleParts(loop).manager?.settings(names) ?? [:]
      }
      layers.append(SecretStores.layer("Secret Manager", settings))
    }
    return layers
  }

  private static func layer(_ name: String, _ settings: [String: Secret]) -> SettingsLayer {
    SettingsLayer(name: name, values: settings.mapValues(\.text), mayHoldOthers: false)
  }

  /// Before the engine's thread is there, and beside it later.
  private static func onLoopOfItsOwn<Value: Sendable>(
    _ body: (EventLoop) async throws -> Value
  ) async throws -> Value {
    let thread = try EventLoop.start(name: "secrets")
    let result = await Result { try await body(thread.loop) }
    await thread.stopAndWait()
    return try result.get()
  }

  /// The vault that the settings give a key for; `nil` where there is neither key nor vault.
  package func vault() throws(Refusal) -> Vault? {
    guard let key = try key() else {
      guard Vault.exists(in: dataDirectory) else { return nil }
      throw Refusal(
        code: "secret.vaultKeyMissing", cause: "\(dataDirectory)/vault is there, and no setting opens it",
        fix: "set VAULT_PASSPHRASE or VAULT_KEY_FILE; if it is not needed any more, move it away")
    }
    return Vault(directory: try DataDirectory(path: dataDirectory), key: key)
  }

  private func key() throws(Refusal) -> VaultKey? {
    if let passphrase { return .passphrase(passphrase) }
    return try keyFile.map { path throws(Refusal) in try VaultKey.reading(file: path) }
  }

  // MARK: Tokens

  /// Every store that tokens are kept in, the first of which is asked first. Blocks for files; the stores do not.
  ///
  /// - Parameter loop: where calls to Google run; as long as it does, the stores can be used.
  package func tokenStores(on loop: EventLoop) async throws -> [any TokenStore] {
    var stores: [any TokenStore] = []
    if let vault = try vault() { stores.append(VaultTokenStore(vault: vault)) }
    guard google.isUsed else { return stores }
    let parts = try await googleParts(loop)
    if let manager = parts.manager { stores.append(manager) }
    if let storage = parts.storage { stores.append(storage) }
    return stores
  }

  private func googleParts(_ loop: EventLoop) async throws -> (manager: GoogleSecretManager?, storage: GoogleStorage?) {
    let (access, transport) = try await googleAccess(on: loop)
    return (
      google.project.map {
        GoogleSecretManager(base: google.secretManager, project: $0, access: access, transport: transport)
      },
      google.bucket.map {
        GoogleStorage(
          base: google.storage, bucket: $0, object: google.object, access: access, transport: transport)
      }
    )
  }

  /// The service account that the settings name, or the machine's own.
  ///
  /// - Parameter loop: where calls run; as long as it does, they can be made.
  package func googleAccess(
    on loop: EventLoop
  ) async throws -> (access: GoogleAccess, transport: any CloudTransport) {
    let source: GoogleAccess.Source
    if let path = google.credentials {
      source = .key(try ServiceAccountKey(file: path, tokenURL: google.token.map { $0.text + "/token" }))
    } else {
      source = .metadata(google.metadata)
    }
    let client: Result<HTTPClient, HTTPClientError> = await loop.run {
      do throws(HTTPClientError) {
        return .success(try HTTPClient(loop: loop, configuration: HTTPCloudTransport.configuration))
      } catch {
        return .failure(error)
      }
    }
    let transport: HTTPCloudTransport
    do throws(HTTPClientError) { transport = HTTPCloudTransport(client: try client.get()) } catch {
      throw Refusal(code: error.code, cause: error.cause, fix: error.fix)
    }
    return (GoogleAccess(source: source, transport: transport, wallClock: SystemWallClock()), transport)
  }
}

extension SettingsReader {
  /// The metadata server has no certificate: it is reached by its one name, over the machine's own link.
  fileprivate mutating func metadataAddress(_ name: String) -> String {
    let standard = "http://metadata.google.internal"
    guard let value = text(name), value != standard else { return standard }
    if let address = BrokerAddress(value) { return address.text }
    refuse(name, value, "is no metadata server", "leave it out, or write an address on this machine")
    return standard
  }
}
