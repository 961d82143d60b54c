import Foundation

/// `openssl s_server` as a child process: ends TLS on 127.0.0.1, one connection at a time, and passes the bytes of each to
/// and from a test's script. Between them it writes lines of its own.
final class TLSServer: Sendable {
  /// What a certificate says.
  struct Identity: Sendable {
    var name = "IP:127.0.0.1"
    /// From now until it expires; below 0, it has.
    var days = 2
  }

  let port: UInt16
  let certificatePath: String
  /// The script's end.
  let wire: RawClient
  private let process: Process
  private let directory: URL

  /// - Parameter protocols: offered by ALPN.
  init(_ identity: Identity = Identity(), protocols: String? = nil) throws {
    directory = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    certificatePath = directory.appendingPathComponent("certificate.pem").path
    let keyPath = directory.appendingPathComponent("key.pem").path
    try Self.makeCertificate(identity, certificatePath, keyPath)
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0 else {
      throw RawClient.Failure("socketpair", errno)
    }
    wire = RawClient(descriptor: ends[0])
    let process = Process()
    self.process = process
    // Bounded: it ends though the test run be killed.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
    process.arguments = [
      "120", try Self.openssl().path, "s_server", "-accept", "127.0.0.1:0", "-cert", certificatePath, "-key", keyPath,
    ]
    if let protocols { process.arguments? += ["-alpn", protocols] }
    let end = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    process.standardInput = end
    process.standardOutput = end
    process.standardError = FileHandle.nullDevice
    try Self.withSignals { try process.run() }
    // The child's alone from here, so that its end shows.
    try end.close()
    _ = try wire.read(until: "ACCEPT 127.0.0.1:")
    guard let port = UInt16(try wire.read(until: "\n").dropLast()) else { throw RawClient.Failure("no port") }
    self.port = port
  }

  /// Ends the child; what it had passed on and nobody has read.
  func stop() throws -> String {
    process.terminate()
    process.waitUntilExit()
    return try wire.readToEnd()
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
    // Of no use to anyone; the system empties the folder.
    _ = try? FileManager.default.removeItem(at: directory)
  }

  func url(_ path: String, host: String = "127.0.0.1") -> String { "https://\(host):\(port)\(path)" }

  /// Threads of a pool have signals blocked, and a child inherits that: it could not be told to end.
  private static func withSignals(_ body: () throws -> Void) rethrows {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try body()
  }

  private static func openssl() throws -> URL {
    for path in ["/usr/bin/openssl", "/usr/local/bin/openssl", "/bin/openssl"]
    where FileManager.default.isExecutableFile(atPath: path) { return URL(fileURLWithPath: path) }
    throw RawClient.Failure("openssl is missing: install the package openssl")
  }

  private static func makeCertificate(_ identity: Identity, _ certificate: String, _ key: String) throws {
    let extensions = certificate + ".extensions"
    try "subjectAltName=\(identity.name)\n".write(toFile: extensions, atomically: false, encoding: .utf8)
    try run(["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key])
    try run([
      "x509", "-new", "-key", key, "-subj", "/CN=test", "-days", "\(identity.days)", "-extfile", extensions, "-out",
      certificate,
    ])
  }

  private static func run(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = try openssl()
    process.arguments = arguments
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw RawClient.Failure("openssl \(arguments[0]) failed") }
  }
}
