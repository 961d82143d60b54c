import Foundation

/// A certificate for this machine's own names that signs itself, and its key, as files of one folder.
final class SelfSigned {
  let certificate: String
  let key: String

  /// - Parameters:
  ///   - folder: where the files are made, or made anew.
  ///   - name: one more that it is for.
  init(in folder: String = EngineProcess.newDirectory(), name: String = "first.example", days: Int = 30) throws {
    certificate = folder + "/fullchain.pem"
    key = folder + "/privkey.pem"
    let extensions = folder + "/extensions"
    try "subjectAltName=DNS:localhost,DNS:\(name),IP:127.0.0.1\n".write(
      toFile: extensions, atomically: false, encoding: .utf8)
    try Command.run("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key]).mustSucceed()
    try Command.run(
      "openssl",
      [
        "x509", "-new", "-key", key, "-subj", "/CN=\(name)", "-days", "\(days)", "-extfile", extensions, "-out",
        certificate,
      ]
    ).mustSucceed()
  }

  var environment: [String: String] { ["TLS_CERT": certificate, "TLS_KEY": key] }
}

/// A program of the system, run to its end.
enum Command {
  struct Outcome {
    let status: Int32
    /// Of both outputs.
    let output: String

    func mustSucceed() throws {
      if status != 0 { throw EngineProcess.StartFailed(status: status, output: output) }
    }
  }

  static func run(_ name: String, _ arguments: [String], input: String = "") throws -> Outcome {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    // Bounded: a conversation that hangs shall be a failure of the test that holds it.
    process.arguments = ["timeout", "20", name] + arguments
    let (into, outOf) = (Pipe(), Pipe())
    process.standardInput = into
    process.standardOutput = outOf
    process.standardError = outOf
    try process.run()
    // It may have ended without reading; then the words are of no use.
    try? into.fileHandleForWriting.write(contentsOf: Data(input.utf8))
    try into.fileHandleForWriting.close()
    let data = outOf.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self))
  }
}
