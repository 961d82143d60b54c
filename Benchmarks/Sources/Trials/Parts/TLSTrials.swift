import Foundation
import HTTP
import Ring

/// What does TLS cost the engine's thread? The client is here too, and its work is in each figure: about half of it.
///
/// Not guarded: what OpenSSL allocates is its own, and changes with its version.
enum TLSTrials {
  static let all = [
    Trial("TLS: a handshake, 1.3, P-256", count: 1, isGuarded: false) { shakeHands($0, $1, .v13, resuming: false) },
    Trial("TLS: a handshake, 1.2, P-256", count: 1, isGuarded: false) { shakeHands($0, $1, .v12, resuming: false) },
    Trial("TLS: a session resumed, 1.3", count: 1, isGuarded: false) { shakeHands($0, $1, .v13, resuming: true) },
    Trial("TLS: a session resumed, 1.2", count: 1, isGuarded: false) { shakeHands($0, $1, .v12, resuming: true) },
    Trial("TLS: an alert of 311 bytes and its answer of 700, sealed and opened", isGuarded: false, converse),
    Trial("TLS: a megabyte sealed and opened", count: 1, isGuarded: false, pump),
  ]

  /// Files of a certificate that signs itself, made by the openssl command at the first need.
  private static let files: (certificate: String, key: String) = {
    let folder = FileManager.default.temporaryDirectory.path + "/order-engine-trials-\(getpid())"
    let (certificate, key) = (folder + "/certificate.pem", folder + "/key.pem")
    certainly { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out",
      certificate, "-days", "1", "-subj", "/CN=trial", "-addext", "subjectAltName=DNS:localhost",
    ]
    process.standardError = FileHandle.nullDevice
    certainly { try process.run() }
    process.waitUntilExit()
    require(process.terminationStatus == 0, "openssl makes no certificate")
    return (certificate, key)
  }()

  private static let start = LoopClock.Instant(nanoseconds: 0)

  private static func server() -> TLSContext {
    certainly {
      try TLSContext(
        serving: TLSCertificate(certificatePath: files.certificate, keyPath: files.key), at: start)
    }
  }

  private static func client(_ version: TLSVersion) -> TLSContext {
    certainly { try TLSContext(trusting: files.certificate, version: version) }
  }

  /// Two ends in memory.
  private final class Line {
    let client: TLSSession
    let server: TLSSession
    private(set) var openedCount = 0
    private let scratch = IOBuffer(capacity: TLSSession.recordLimit)
    private var spare = IOBuffer(capacity: 65_536)

    init(_ client: TLSContext, _ server: TLSContext, resuming ticket: TLSTicket? = nil) {
      self.server = certainly { try server.serverSession(at: start) }
      self.client = certainly { try client.clientSession(host: "localhost", resuming: ticket) }
    }

    /// Carries everything over until nobody has anything to say.
    func carry() {
      while client.outputByteCount + server.outputByteCount > 0 {
        carry(from: client, to: server)
        carry(from: server, to: client)
      }
    }

    private func carry(from one: TLSSession, to other: TLSSession) {
      let bytes = one.takeOutput(leaving: spare)
      let end = other.receive(bytes.bytes, through: scratch) { piece in
        openedCount += piece.count
        return true
      }
      require(end == .open, "the session ended: \(end)")
      bytes.removeAll()
      spare = bytes
    }
  }

  private static func shakeHands(_ count: Int, _ meter: Meter, _ version: TLSVersion, resuming: Bool) {
    let (server, client) = (server(), client(version))
    let first = Line(client, server)
    first.carry()
    let ticket = resuming ? first.client.ticket : nil
    require(resuming == (ticket != nil), "no ticket came")
    var lines: [Line] = []
    meter.measure {
      for _ in 0..<count {
        let line = Line(client, server, resuming: ticket)
        line.carry()
        lines.append(line)
      }
    }
    for line in lines {
      require(line.client.isEstablished && line.server.isResumed == resuming, "another handshake than was meant")
    }
  }

  private static func converse(_ count: Int, _ meter: Meter) {
    let line = Line(client(.v13), server())
    line.carry()
    let (request, answer) = ([UInt8](repeating: 1, count: 311), [UInt8](repeating: 2, count: 700))
    meter.measure {
      for _ in 0..<count {
        certainly { try line.client.write(request.span) }
        line.carry()
        certainly { try line.server.write(answer.span) }
        line.carry()
      }
    }
    require(line.openedCount == count * 1011, "\(line.openedCount) bytes came over")
  }

  private static func pump(_ count: Int, _ meter: Meter) {
    let line = Line(client(.v13), server())
    line.carry()
    let piece = [UInt8](repeating: 1, count: 65_536)
    meter.measure {
      for _ in 0..<(16 * count) {
        certainly { try line.server.write(piece.span) }
        line.carry()
      }
    }
    require(line.openedCount == count << 20, "\(line.openedCount) bytes came over")
  }
}
