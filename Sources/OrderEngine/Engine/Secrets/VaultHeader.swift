internal import Crypto
import OrderDomain

/// The first bytes of a vault: how its key is made, and what tells a wrong key from damage. Not secret, and authenticated
/// with what follows.
///
/// | offset | bytes | meaning |
/// |---|---|---|
/// | 0 | 8 | `OEVAULT` and a line feed |
/// | 8 | 1 | version, 1 |
/// | 9 | 1 | 1: key from a passphrase by scrypt; 2: from a key file |
/// | 10 | 3 | scrypt: binary logarithm of the cost N, block size r, parallelism p; zeros for a key file |
/// | 13 | 3 | zeros |
/// | 16 | 32 | salt of scrypt and HKDF, new with each key |
/// | 48 | 8 | key check: HKDF-SHA256 of the key with the info `order-engine vault 1 check` |
/// | 56 | 12 | nonce of AES-256-GCM, new with each write |
/// | 68 | 4 | bytes of the ciphertext, without its tag, most significant first |
/// | 72 | 8 | the first bytes of SHA-256 over all before: damage here is told from a wrong key |
///
/// Ciphertext (``VaultContents``) and a tag of 16 bytes follow; the 80 bytes of the header are the associated data. The
/// sealing key is HKDF-SHA256 with the info `order-engine vault 1 seal`.
struct VaultHeader: Equatable, Sendable {
  enum KeyKind: UInt8, Sendable { case passphrase = 1, file = 2 }

  let keyKind: KeyKind
  let scrypt: ScryptCost
  let salt: [UInt8]
  var keyCheck: [UInt8]
  var nonce: [UInt8]
  var cipherByteCount: Int

  static let version: UInt8 = 1
  static let byteCount = 80
  static let saltByteCount = 32
  static let checkByteCount = 8
  static let nonceByteCount = 12
  static let tagByteCount = 16
  /// Some hundred names with values of a few kilobytes.
  static let cipherByteLimit = 1 << 20
  private static let magic = Array("OEVAULT\n".utf8)
  private static let digestByteCount = 8

  /// What an attempt to guess the passphrase costs.
  struct ScryptCost: Equatable, Sendable {
    let costLog2: UInt8
    let blockSize: UInt8
    let parallelism: UInt8

    /// 32 MiB and a tenth of a second: RFC 7914's own example for interactive use, and twice its cost.
    static let standard = ScryptCost(costLog2: 15, blockSize: 8, parallelism: 1)
    static let none = ScryptCost(costLog2: 0, blockSize: 0, parallelism: 0)

    var memoryByteCount: Int { (128 * Int(blockSize)) << Int(costLog2) }

    /// A header that was tampered with must not take all memory, nor an hour.
    var isBounded: Bool {
      (10...20).contains(costLog2) && (1...32).contains(blockSize) && (1...16).contains(parallelism)
        && memoryByteCount <= 256 << 20
    }
  }

  var bytes: [UInt8] {
    var bytes = VaultHeader.magic
    bytes.reserveCapacity(VaultHeader.byteCount)
    bytes += [
      VaultHeader.version, keyKind.rawValue, scrypt.costLog2, scrypt.blockSize, scrypt.parallelism, 0, 0, 0,
    ]
    bytes += salt
    bytes += keyCheck
    bytes += nonce
    for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: cipherByteCount >> shift)) }
    bytes += VaultHeader.digest(bytes)
    return bytes
  }

  init(keyKind: KeyKind, scrypt: ScryptCost, salt: [UInt8]) {
    precondition(salt.count == VaultHeader.saltByteCount, "a salt of another length cannot be read back")
    self.keyKind = keyKind
    self.scrypt = keyKind == .passphrase ? scrypt : .none
    self.salt = salt
    keyCheck = [UInt8](repeating: 0, count: VaultHeader.checkByteCount)
    nonce = [UInt8](repeating: 0, count: VaultHeader.nonceByteCount)
    cipherByteCount = 0
  }

  /// Reads the header of a whole file.
  init(of file: [UInt8]) throws(Refusal) {
    guard file.count >= VaultHeader.byteCount, file.starts(with: VaultHeader.magic) else {
      throw VaultHeader.damaged("it does not begin as a vault does")
    }
    guard file[8] == VaultHeader.version else {
      throw Refusal(
        code: "secret.vaultVersion",
        cause: "the vault has version \(file[8]); this program reads \(VaultHeader.version)",
        fix: "use the program that wrote it, or a newer one")
    }
    let body = VaultHeader.byteCount - VaultHeader.digestByteCount
    guard Array(file[body..<VaultHeader.byteCount]) == VaultHeader.digest(Array(file[..<body])) else {
      throw VaultHeader.damaged("its header has changed")
    }
    scrypt = ScryptCost(costLog2: file[10], blockSize: file[11], parallelism: file[12])
    guard let kind = KeyKind(rawValue: file[9]), kind == .passphrase ? scrypt.isBounded : scrypt == .none,
      file[13..<16].allSatisfy({ $0 == 0 })
    else {
      throw VaultHeader.damaged("its header asks for what no vault of this program does")
    }
    keyKind = kind
    salt = Array(file[16..<48])
    keyCheck = Array(file[48..<56])
    nonce = Array(file[56..<68])
    cipherByteCount = file[68..<72].reduce(0) { $0 << 8 | Int($1) }
    guard cipherByteCount <= VaultHeader.cipherByteLimit,
      file.count == VaultHeader.byteCount + cipherByteCount + VaultHeader.tagByteCount
    else {
      throw VaultHeader.damaged("it has \(file.count) bytes, which is not what it says of itself")
    }
  }

  private static func digest(_ bytes: [UInt8]) -> [UInt8] {
    Array(Array(SHA256.hash(data: bytes)).prefix(digestByteCount))
  }

  static func damaged(_ how: String) -> Refusal {
    Refusal(
      code: "secret.vaultDamaged", cause: "the vault is damaged: \(how)",
      fix: "put back a copy of the file, or move it away and set its secrets anew with order-engine vault set")
  }
}
