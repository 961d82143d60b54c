import Foundation
import HTTP

/// PEM files of a certificate that signs itself and of its key, made by the openssl command and gone with this object.
final class CertificateFiles: Sendable {
  enum Key { case p256, rsa(Int) }

  let folder: URL
  let certificate: String
  let key: String

  init(_ kind: Key = .p256, names: String = "DNS:localhost,IP:127.0.0.1", days: Int = 30) throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("pair-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    certificate = folder.appendingPathComponent("certificate.pem").path
    key = folder.appendingPathComponent("key.pem").path
    switch kind {
    case .p256: try CertificateFiles.openssl(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key])
    case .rsa(let bits): try CertificateFiles.openssl(["genrsa", "-out", key, "\(bits)"])
    }
    let extensions = certificate + ".extensions"
    try "subjectAltName=\(names)\n".write(toFile: extensions, atomically: false, encoding: .utf8)
    try CertificateFiles.openssl([
      "x509", "-new", "-key", key, "-subj", "/CN=test", "-days", "\(days)", "-extfile", extensions, "-out", certificate,
    ])
  }

  // Of no use to anyone; the system empties the folder.
  deinit { _ = try? FileManager.default.removeItem(at: folder) }

  func load() throws -> TLSCertificate { try TLSCertificate(certificatePath: certificate, keyPath: key) }

  func file(_ name: String, _ text: String) throws -> String {
    let path = folder.appendingPathComponent(name).path
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  static func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw RawClient.Failure("openssl \(arguments[0]) failed") }
  }

  /// One for all tests that need nothing special of it.
  static let shared = Result { try CertificateFiles() }
}
