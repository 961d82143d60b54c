internal import Crypto
internal import Glibc
package import OrderDomain

/// The engine's own store of secrets: one file, sealed with AES-256-GCM (``VaultHeader`` has the format).
///
/// Everything here blocks, for the disk and for scrypt: it is called at the start, by commands, and through
/// ``BlockingWork``. Two processes may write at once: a lock beside the file makes one wait for the other, and each
/// changes what the other has left.
package struct Vault: Sendable {
  package static let fileName = "vault"
  private static let lockName = "vault.lock"
  /// A writer holds the lock while it reads, derives a key and writes: far below a second.
  private static let lockPatience = Duration.seconds(10)

  private let directory: DataDirectory
  private let key: VaultKey
  private let scrypt: VaultHeader.ScryptCost

  package init(directory: DataDirectory, key: VaultKey) {
    self.init(directory: directory, key: key, scrypt: .standard)
  }

  init(directory: DataDirectory, key: VaultKey, scrypt: VaultHeader.ScryptCost) {
    self.directory = directory
    self.key = key
    self.scrypt = scrypt
  }

  /// Whether there is one, whatever its key.
  package static func exists(in path: String) -> Bool { unsafe access(path + "/" + fileName, F_OK) == 0 }

  // MARK: Settings

  /// By name; empty when there is no vault yet.
  package func settings() throws(Refusal) -> [String: Secret] { try contents().settings }

  /// Sets a secret, or removes it.
  ///
  /// - Returns: whether there was one of this name.
  package func set(_ name: String, to value: Secret?) throws(Refusal) -> Bool {
    if let value {
      let count = value.copiedBytes().count
      guard (1...VaultContents.valueByteLimit).contains(count) else {
        throw Refusal(
          code: "secret.valueLength",
          cause: "the value has \(count) bytes; 1 to \(VaultContents.valueByteLimit) are taken",
          fix: "give the value alone, on standard input")
      }
    }
    var wasThere = false
    try change { contents in
      wasThere = contents.settings[name] != nil
      contents.settings[name] = value
    }
    return wasThere
  }

  // MARK: Tokens

  func tokens(of account: AccountID) throws(Refusal) -> StoredTokens? { try contents().tokens[account] }

  func setTokens(_ tokens: StoredTokens, of account: AccountID) throws(Refusal) {
    try change { $0.tokens[account] = tokens }
  }

  // MARK: Reading and writing

  private func contents() throws(Refusal) -> VaultContents {
    guard let file = try read() else { return VaultContents() }
    return try open(file).contents
  }

  private func change(_ body: (inout VaultContents) -> Void) throws(Refusal) {
    let lock = try lock()
    defer { close(lock) }
    var header: VaultHeader
    var contents: VaultContents
    let keys: VaultKey.DerivedKeys
    if let file = try read() {
      (header, keys, contents) = try open(file)
    } else {
      try key.checkStrength()
      header = VaultHeader(keyKind: key.kind, scrypt: scrypt, salt: Vault.random(VaultHeader.saltByteCount))
      keys = try key.derived(header)
      contents = VaultContents()
    }
    body(&contents)
    try write(contents, &header, keys)
  }

  /// Seals the same contents under another key.
  package func rekey(to newKey: VaultKey) throws(Refusal) {
    try newKey.checkStrength()
    let lock = try lock()
    defer { close(lock) }
    guard let file = try read() else {
      throw Refusal(
        code: "secret.vaultMissing", cause: "there is no vault in \(directory.path)",
        fix: "order-engine vault set NAME makes one, under the key that is set")
    }
    let contents = try open(file).contents
    var header = VaultHeader(keyKind: newKey.kind, scrypt: scrypt, salt: Vault.random(VaultHeader.saltByteCount))
    try write(contents, &header, try newKey.derived(header))
  }

  private func read() throws(Refusal) -> [UInt8]? {
    try DataDirectory.read(
      directory.file(Vault.fileName),
      limit: VaultHeader.byteCount + VaultHeader.cipherByteLimit + VaultHeader.tagByteCount)
  }

  private func open(
    _ file: [UInt8]
  ) throws(Refusal) -> (header: VaultHeader, keys: VaultKey.DerivedKeys, contents: VaultContents) {
    let header = try VaultHeader(of: file)
    guard header.keyKind == key.kind else {
      throw Refusal(
        code: "secret.vaultKeyKind",
        cause: "the vault is locked by \(header.keyKind.words), and \(key.kind.words) was given",
        fix: "set \(header.keyKind.setting) and not \(key.kind.setting), or order-engine vault rekey with the right one"
      )
    }
    let keys = try key.derived(header)
    guard Secret(keys.check).matches(Secret(header.keyCheck)) else {
      throw Refusal(
        code: "secret.vaultWrongKey", cause: "\(key.kind.setting) does not open the vault in \(directory.path)",
        fix: "set \(key.kind.setting) to what the vault was made or rekeyed with last")
    }
    let sealed = file[VaultHeader.byteCount...]
    do {
      let box = try AES.GCM.SealedBox(
        nonce: AES.GCM.Nonce(data: header.nonce), ciphertext: Array(sealed.dropLast(VaultHeader.tagByteCount)),
        tag: Array(sealed.suffix(VaultHeader.tagByteCount)))
      let plain = try AES.GCM.open(box, using: keys.sealing, authenticating: header.bytes)
      return (header, keys, try VaultContents(Array(plain)))
    } catch let refusal as Refusal {
      throw refusal
    } catch {
      // The key is right by its check, so it is not that.
      throw VaultHeader.damaged("what it seals has changed")
    }
  }

  private func write(
    _ contents: VaultContents, _ header: inout VaultHeader, _ keys: VaultKey.DerivedKeys
  ) throws(Refusal) {
    let plain = contents.bytes
    guard plain.count <= VaultHeader.cipherByteLimit,
      contents.settings.count + contents.tokens.count <= VaultContents.entryLimit
    else {
      throw Refusal(
        code: "secret.vaultFull",
        cause: "the vault would have \(plain.count) bytes; it takes \(VaultHeader.cipherByteLimit)",
        fix: "remove what is not needed any more: order-engine vault list")
    }
    header.keyCheck = keys.check
    header.nonce = Vault.random(VaultHeader.nonceByteCount)
    header.cipherByteCount = plain.count
    let sealed: [UInt8]
    do {
      let box = try AES.GCM.seal(
        plain, using: keys.sealing, nonce: AES.GCM.Nonce(data: header.nonce), authenticating: header.bytes)
      sealed = Array(box.ciphertext) + Array(box.tag)
    } catch {
      preconditionFailure("a key of 32 bytes and a nonce of 12 seal: \(error)")
    }
    try directory.write(header.bytes + sealed, to: Vault.fileName)
    try directory.sync()
  }

  /// Held until its descriptor is closed. On a file of its own, since the vault's is replaced at each write.
  private func lock() throws(Refusal) -> Int32 {
    let path = directory.file(Vault.lockName)
    let descriptor = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw Refusal(
        code: "secret.vaultNotLocked", cause: "\(path) cannot be opened: \(unsafe String(cString: strerror(errno)))",
        fix: "see that this user may write to the data directory")
    }
    let deadline = ContinuousClock.now.advanced(by: Vault.lockPatience)
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR, ContinuousClock.now < deadline else {
        close(descriptor)
        throw Refusal(
          code: "secret.vaultNotLocked", cause: "another process has held the vault's lock for \(Vault.lockPatience)",
          fix: "end the order-engine vault command that still runs, then try again")
      }
      usleep(5_000)
    }
    return descriptor
  }

  private static func random(_ count: Int) -> [UInt8] {
    // The system's generator, which is what nonces and salts need.
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }
}

extension VaultHeader.KeyKind {
  fileprivate var words: String {
    switch self {
    case .passphrase: "a passphrase"
    case .file: "a key file"
    }
  }

  fileprivate var setting: String {
    switch self {
    case .passphrase: "VAULT_PASSPHRASE"
    case .file: "VAULT_KEY_FILE"
    }
  }
}
