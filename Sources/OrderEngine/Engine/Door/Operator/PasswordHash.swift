import Crypto
import CryptoExtras
package import OrderDomain

/// A person's password as it is kept: scrypt (RFC 7914) with a salt of its own, and what it was computed with. Computing it
/// takes 32 MiB and a good part of a second: never on the engine's thread.
package struct PasswordHash: Equatable, Sendable {
  /// CPU and memory cost N, a power of two; block size r; parallelism p.
  struct Cost: Equatable, Sendable {
    let rounds: Int
    let blockSize: Int
    let parallelism: Int

    /// OWASP's password storage cheat sheet has N = 2^15, r = 8, p = 3 among its equals: the one that a small machine has
    /// memory for.
    static let standard = Cost(rounds: 1 << 15, blockSize: 8, parallelism: 3)

    /// What a damaged file may make this machine compute: 256 MiB at most.
    var isBearable: Bool {
      (1 << 10...1 << 18).contains(rounds) && rounds & (rounds - 1) == 0 && (1...16).contains(blockSize)
        && (1...16).contains(parallelism) && 128 * rounds * blockSize <= 1 << 28
    }
  }

  /// Shorter ones are guessed.
  package static let shortest = 10
  /// Longer ones are somebody's attempt to keep us busy.
  package static let longest = 256
  private static let saltByteCount = 16

  private let cost: Cost
  private let salt: [UInt8]
  private let digest: Digest256

  /// Computes it; blocks.
  package init(_ password: Secret) throws(Refusal) {
    var generator = SystemRandomNumberGenerator()
    let salt = (0..<PasswordHash.saltByteCount).map { _ in UInt8.random(in: 0...255, using: &generator) }
    try self.init(password, salt: salt, cost: .standard)
  }

  init(_ password: Secret, salt: [UInt8], cost: Cost) throws(Refusal) {
    guard let digest = PasswordHash.derive(password, salt, cost) else {
      throw Refusal(
        code: "auth.passwordNotHashed", cause: "scrypt could not be computed: it needs 32 MiB of memory",
        fix: "free some and try again")
    }
    self.cost = cost
    self.salt = salt
    self.digest = digest
  }

  /// Computes it; blocks.
  package func matches(_ password: Secret) -> Bool {
    PasswordHash.derive(password, salt, cost)?.matches(digest) ?? false
  }

  private static func derive(_ password: Secret, _ salt: [UInt8], _ cost: Cost) -> Digest256? {
    let passphrase = password.withBytes { $0.copied() }
    // An empty one has no bytes that scrypt could be given.
    guard !passphrase.isEmpty, cost.isBearable else { return nil }
    do {
      let key = try KDF.Scrypt.deriveKey(
        from: passphrase, salt: salt, outputByteCount: 32, rounds: cost.rounds, blockSize: cost.blockSize,
        parallelism: cost.parallelism)
      // The key's 32 bytes are read within the closure only.
      return unsafe key.withUnsafeBytes { unsafe Digest256($0) }
    } catch {
      return nil
    }
  }

  /// `scrypt N r p SALT HASH`, the last two in hexadecimal.
  package var text: String {
    let salt = salt.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    return "scrypt \(cost.rounds) \(cost.blockSize) \(cost.parallelism) \(salt) \(digest.hex)\n"
  }

  package init?(text: String) {
    let words = text.split { $0 == " " || $0 == "\n" }.map(String.init)
    guard words.count == 6, words[0] == "scrypt", let rounds = Int(words[1]), let blockSize = Int(words[2]),
      let parallelism = Int(words[3]), let digest = Digest256(hex: Array(words[5].utf8).span)
    else { return nil }
    cost = Cost(rounds: rounds, blockSize: blockSize, parallelism: parallelism)
    let digits = words[4].utf8.compactMap { HexDigit.value(of: $0) }
    guard cost.isBearable, digits.count == words[4].utf8.count, digits.count == 2 * PasswordHash.saltByteCount else {
      return nil
    }
    salt = (0..<PasswordHash.saltByteCount).map { digits[2 * $0] << 4 | digits[2 * $0 + 1] }
    self.digest = digest
  }
}
