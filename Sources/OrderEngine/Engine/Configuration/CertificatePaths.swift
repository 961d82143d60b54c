internal import Glibc
internal import HTTP
package import OrderDomain

/// Where the door's certificate and its private key lie, as PEM files.
package struct CertificatePaths: Equatable, Sendable {
  package let certificate: String
  package let key: String

  package init(certificate: String, key: String) {
    self.certificate = certificate
    self.key = key
  }

  /// Reads the pair. Blocks.
  func load() throws(Refusal) -> TLSCertificate {
    do throws(TLSFailure) {
      return try TLSCertificate(certificatePath: certificate, keyPath: key)
    } catch {
      throw Refusal(error)
    }
  }

  /// What a person should know of the pair before it is used, line by line. Blocks.
  package func inspect() throws(Refusal) -> [String] {
    let certificate = try load()
    var lines = ["HTTPS for \(certificate.names.joined(separator: ", ")) until \(certificate.term.untilText)"]
    if let concern = certificate.term.concern(at: SystemWallClock().now()) {
      lines.append("\(concern.code): \(concern.cause). \(concern.fix).")
    }
    return lines
  }

  /// Tells whether the files are others than at an earlier look, without reading them. Blocks.
  struct Stamp: Equatable, Sendable {
    private struct File: Equatable, Sendable {
      var inode: UInt = 0
      var size = 0
      var seconds = 0
      var nanoseconds = 0

      /// Of what the path leads to in the end: renewals often turn a link. All 0 if there is nothing.
      init(_ path: String) {
        var status = Glibc.stat()
        guard unsafe stat(path, &status) == 0 else { return }
        inode = status.st_ino
        size = status.st_size
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
      }
    }

    private let certificate: File
    private let key: File

    init(_ paths: CertificatePaths) {
      certificate = File(paths.certificate)
      key = File(paths.key)
    }
  }
}

extension Refusal {
  convenience init(_ failure: TLSFailure) { self.init(code: failure.code, cause: failure.cause, fix: failure.fix) }
}

extension SettingsReader {
  /// Both or neither: one alone is a mistake, and plain HTTP would be a dangerous guess at what was meant.
  mutating func certificatePaths() -> CertificatePaths? {
    switch (text("TLS_CERT"), text("TLS_KEY")) {
    case (let certificate?, let key?): return CertificatePaths(certificate: certificate, key: key)
    case (nil, nil): return nil
    case (.some, nil):
      refuseMissing(
        "TLS_KEY", "TLS_CERT is set and the key is not", "name the private key's PEM file, or unset TLS_CERT")
      return nil
    case (nil, .some):
      refuseMissing(
        "TLS_CERT", "TLS_KEY is set and the certificate is not", "name its PEM file, or unset TLS_KEY")
      return nil
    }
  }
}
