internal import Crypto
internal import CryptoExtras
internal import Glibc
package import OrderDomain

/// What the vault is locked with.
package enum VaultKey: Sendable {
  /// A person's words, stretched by scrypt (RFC 7914).
  case passphrase(Secret)
  /// The bytes of a key file, which are random already.
  case file(Secret)

  /// Fewer bytes of a passphrase are too easily guessed, whatever scrypt costs the guesser.
  static let passphraseByteCount = 12...1024
  static let fileByteCount = 32...4096

  var kind: VaultHeader.KeyKind {
    switch self {
    case .passphrase: .passphrase
    case .file: .file
    }
  }

  private var secret: Secret {
    switch self {
    case .passphrase(let secret), .file(let secret): secret
    }
  }

  /// Reads a key file; refuses one that other users of the machine can read or change.
  package static func reading(file path: String) throws(Refusal) -> VaultKey {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else {
      throw Refusal(
        code: "secret.keyFileUnusable",
        cause: "the key file \(path) cannot be read: \(unsafe String(cString: strerror(errno)))",
        fix: "set VAULT_KEY_FILE to the file that the vault was made with")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw Refusal(
        code: "secret.keyFileExposed",
        cause:
          "other users of this machine may use the key file \(path) (mode \(String(status.st_mode & 0o777, radix: 8)))",
        fix: "chmod 600 \(path); if others may have read it, make a new one and use order-engine vault rekey")
    }
    guard let bytes = try DataDirectory.read(path, limit: fileByteCount.upperBound),
      fileByteCount.contains(bytes.count)
    else {
      throw Refusal(
        code: "secret.keyFileUnusable",
        cause: "the key file \(path) has not \(fileByteCount.lowerBound) to \(fileByteCount.upperBound) bytes",
        fix: "make one by: head -c 32 /dev/urandom > \(path) && chmod 600 \(path)")
    }
    return .file(Secret(bytes))
  }

  /// Whether a new vault may be locked with it.
  func checkStrength() throws(Refusal) {
    guard case .passphrase(let passphrase) = self else { return }
    let count = passphrase.copiedBytes().count
    guard VaultKey.passphraseByteCount.contains(count) else {
      throw Refusal(
        code: "secret.passphraseLength",
        cause: "the passphrase has \(count) bytes; a vault takes \(VaultKey.passphraseByteCount.lowerBound) to "
          + "\(VaultKey.passphraseByteCount.upperBound)",
        fix: "choose a longer one: four random words are good")
    }
  }

  /// The keys under a vault's header. Takes as long as the header's scrypt parameters say, a tenth of a second and 32 MiB
  /// by default: never on the engine's thread.
  func derived(_ header: VaultHeader) throws(Refusal) -> DerivedKeys {
    let material: SymmetricKey
    switch self {
    case .passphrase(let passphrase):
      do {
        material = try KDF.Scrypt.deriveKey(
          from: passphrase.copiedBytes(), salt: header.salt, outputByteCount: 32,
          rounds: 1 << Int(header.scrypt.costLog2), blockSize: Int(header.scrypt.blockSize),
          parallelism: Int(header.scrypt.parallelism))
      } catch {
        throw Refusal(
          code: "secret.keyNotDerived", cause: "scrypt could not run: \(error)",
          fix: "see that the machine has \(header.scrypt.memoryByteCount >> 20) MiB of memory free")
      }
    case .file(let bytes): material = SymmetricKey(data: bytes.copiedBytes())
    }
    return DerivedKeys(material: material, salt: header.salt)
  }

  /// One key seals; of another some bytes stand in the header, so that a wrong key is told from damage.
  struct DerivedKeys: Sendable {
    let sealing: SymmetricKey
    let check: [UInt8]

    fileprivate init(material: SymmetricKey, salt: [UInt8]) {
      sealing = HKDF<SHA256>.deriveKey(
        inputKeyMaterial: material, salt: salt, info: Array("order-engine vault 1 seal".utf8), outputByteCount: 32)
      let check = HKDF<SHA256>.deriveKey(
        inputKeyMaterial: material, salt: salt, info: Array("order-engine vault 1 check".utf8),
        outputByteCount: VaultHeader.checkByteCount)
      // The key's bytes are read within the closure only.
      self.check = unsafe check.withUnsafeBytes { unsafe Array($0) }
    }
  }
}

extension Secret {
  /// For the one who must hash, seal or send them.
  func copiedBytes() -> [UInt8] { withBytes { $0.copied() } }
}
