import Foundation
import Glibc
import HTTP
import Testing

@Suite struct TLSCertificateTests {
  private func failure(_ certificate: String, _ key: String) -> TLSFailure? {
    do throws(TLSFailure) {
      _ = try TLSCertificate(certificatePath: certificate, keyPath: key)
      return nil
    } catch {
      return error
    }
  }

  @Test func `a pair says for whom it is and how long`() throws {
    let files = try CertificateFiles(names: "DNS:alerts.example,DNS:*.example,IP:127.0.0.1", days: 10)
    let certificate = try files.load()
    #expect(certificate.names == ["alerts.example", "*.example"])
    let now = Int64(Date().timeIntervalSince1970)
    #expect(abs(certificate.validUntil - now - 10 * 86_400) < 60)
    #expect(certificate.isValid(at: now + 60))
    #expect(!certificate.isValid(at: now + 11 * 86_400))
    #expect(!certificate.isValid(at: now - 86_400))
    chmod(files.key, 0o644)
    #expect(try files.load().isKeyOpenToAll)
    chmod(files.key, 0o640)
    #expect(try !files.load().isKeyOpenToAll)
  }

  @Test func `a chain and keys of both kinds are taken, also both in one file`() throws {
    let files = try CertificateFiles(.rsa(2048))
    let one = try String(contentsOfFile: files.certificate, encoding: .utf8)
    let second = try CertificateFiles()
    let other = try String(contentsOfFile: second.certificate, encoding: .utf8)
    let key = try String(contentsOfFile: files.key, encoding: .utf8)
    let all = try files.file("all.pem", "A chain:\n" + one + other + key)
    #expect(failure(all, files.key) == nil)
    #expect(failure(all, all) == nil)
    #expect(failure(try files.file("turned.pem", other + one), files.key)?.code == "tls.keyDoesNotMatch")
  }

  @Test func `each fault of the files has its code, and the path in its cause`() throws {
    let files = try CertificateFiles()
    let (certificate, key) = (files.certificate, files.key)
    let second = try CertificateFiles()
    let text = try String(contentsOfFile: certificate, encoding: .utf8)
    let encrypted = files.folder.appendingPathComponent("locked.pem").path
    try CertificateFiles.openssl(["ec", "-in", key, "-aes256", "-passout", "pass:x", "-out", encrypted])
    let locked = files.folder.appendingPathComponent("locked8.pem").path
    try CertificateFiles.openssl(["pkcs8", "-topk8", "-in", key, "-passout", "pass:x", "-out", locked])
    let empty = try files.file("empty.pem", "")
    let nothing = files.folder.appendingPathComponent("nothing.pem").path
    let cut = try files.file("cut.pem", String(text.prefix(text.count / 2)))
    let secondCut = try files.file("second.pem", text + String(text.prefix(text.count / 2)))
    let damaged = try files.file("damaged.pem", text.replacingOccurrences(of: "M", with: "N"))
    let huge = try files.file("huge.pem", String(repeating: "x", count: 1 << 21))
    let cases: [(String, String, String, String)] = [
      (nothing, key, "tls.certificateUnreadable", nothing),
      (files.folder.path, key, "tls.certificateUnreadable", "it is not a file"),
      (huge, key, "tls.certificateUnreadable", "more than a megabyte"),
      (empty, key, "tls.certificateMalformed", empty),
      (key, key, "tls.certificateMalformed", "no start line"),
      (cut, key, "tls.certificateMalformed", cut),
      (secondCut, key, "tls.certificateMalformed", secondCut),
      (damaged, key, "tls.certificateMalformed", damaged),
      (certificate, nothing, "tls.keyUnreadable", nothing),
      (certificate, certificate, "tls.keyMalformed", certificate),
      (certificate, empty, "tls.keyMalformed", empty),
      (certificate, encrypted, "tls.keyEncrypted", encrypted),
      (certificate, locked, "tls.keyEncrypted", locked),
      (certificate, second.key, "tls.keyDoesNotMatch", certificate),
    ]
    for (one, other, code, word) in cases {
      let found = failure(one, other)
      #expect(found?.code == code, "\(one) \(other)")
      #expect(found?.mentions(word) == true, "\(found?.cause ?? "nothing")")
      #expect(found?.fix.isEmpty == false)
    }
  }

  @Test func `a certificate that is too weak is refused, and the one before stays`() throws {
    let files = try CertificateFiles()
    let context = try TLSContext(serving: files.load(), at: start)
    let weak = try CertificateFiles(.rsa(1024)).load()
    #expect(throws: TLSFailure.self) { try context.adopt(weak) }
    #expect(throws: TLSFailure.self) { try TLSContext(serving: weak, at: start) }
    let pair = try TLSPair(TLSContext(trusting: files.certificate), context)
    pair.pump()
    #expect(pair.client.isEstablished)
  }
}
