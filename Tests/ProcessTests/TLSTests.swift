import Foundation
import Glibc
import Testing

/// The engine at port 443 by itself: what the clients of others see of it.
@Suite(.timeLimit(.minutes(3)))
struct TLSTests {
  private func curl(_ engine: EngineProcess, _ path: String, _ more: [String]) throws -> Command.Outcome {
    try Command.run("curl", ["-sS", "--max-time", "15"] + more + ["https://127.0.0.1:\(engine.port)\(path)"])
  }

  private func client(_ engine: EngineProcess, _ more: [String], input: String = "") throws -> String {
    try Command.run("openssl", ["s_client", "-connect", "127.0.0.1:\(engine.port)"] + more, input: input).output
  }

  private static let health = "GET /health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

  @Test(arguments: [
    ("epoll", ["--tlsv1.3"]), ("epoll", ["--tlsv1.2", "--tls-max", "1.2"]),
    ("automatic", ["--tlsv1.3"]), ("automatic", ["--tlsv1.2", "--tls-max", "1.2"]),
  ])
  func `an alert comes by HTTPS and its order is filled`(eventLoop: String, version: [String]) throws {
    let pair = try SelfSigned()
    let engine = try EngineProcess(environment: pair.environment.merging(["EVENT_LOOP": eventLoop]) { $1 })
    let outcome = try curl(
      engine, "/webhook?wait=2000",
      ["--cacert", pair.certificate, "-d", AlertBodies.market(engine.secret), "-i"] + version)
    #expect(outcome.status == 0, "\(outcome.output)")
    #expect(outcome.output.hasPrefix("HTTP/1.1 200 OK"))
    #expect(outcome.output.contains("\"outcome\":\"filled\""))
    // Nobody vouches for it elsewhere.
    #expect(try curl(engine, "/health", []).status == 60)
    #expect(engine.stop() == 0)
  }

  @Test func `what is printed and what is set knows that it is HTTPS`() throws {
    let pair = try SelfSigned()
    let engine = try EngineProcess(environment: pair.environment)
    // The greeting comes behind the line that says so to programs.
    #expect(engine.waitForLog("curl -s 'https://localhost:\(engine.port)/webhook") != nil)
    #expect(engine.log.contains("\"event\":\"tls.certificate\""))
    // Thirty days, less what has passed.
    #expect(engine.log.contains("\"daysLeft\":\"29\"") || engine.log.contains("\"daysLeft\":\"30\""))
    let login = try curl(engine, "/?token=\(engine.operatorToken)", ["--cacert", pair.certificate, "-i"])
    #expect(login.output.contains("SameSite=Strict; Max-Age=86400; Secure"))
    let metrics = try curl(
      engine, "/metrics", ["--cacert", pair.certificate, "-H", "Authorization: Bearer \(engine.operatorToken)"])
    #expect(metrics.output.contains("\norder_engine_tls_certificate_expiry_timestamp_seconds 1"))
    #expect(metrics.output.contains("order_engine_tls_handshakes_total{outcome=\"full\"} 2"))
    let plain = try RawClient(port: engine.port).get("/health")
    #expect(plain.status == 400)
    #expect(plain.errorCodes == ["tls.plainRequest"])
    let key = try String(contentsOfFile: pair.key, encoding: .utf8).split(separator: "\n")[1]
    #expect(!engine.log.contains(key))
  }

  @Test func `old versions, weak ciphers and renegotiation are refused`() throws {
    let engine = try EngineProcess(environment: SelfSigned().environment)
    for version in ["-tls1", "-tls1_1"] {
      let output = try client(engine, [version, "-cipher", "ALL:@SECLEVEL=0"])
      #expect(output.contains("alert protocol version"), "\(output)")
      #expect(output.contains("Cipher is (NONE)"))
    }
    for cipher in [
      "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES128-SHA256", "ECDHE-ECDSA-AES128-CCM8", "AECDH-AES128-SHA",
    ] {
      let output = try client(engine, ["-tls1_2", "-cipher", "\(cipher):@SECLEVEL=0"])
      #expect(output.contains("alert handshake failure"), "\(cipher): \(output)")
    }
    // The server's choice, though the client likes another better.
    let chosen = try client(
      engine, ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256", "-comp"])
    #expect(chosen.contains("Cipher is ECDHE-ECDSA-AES128-GCM-SHA256"))
    #expect(chosen.contains("Compression: NONE"))
    let again = try client(engine, ["-tls1_2", "-legacy_renegotiation"], input: "R\n")
    #expect(again.contains("RENEGOTIATING"))
    #expect(again.contains("no renegotiation"), "\(again)")
    let early = try client(engine, ["-tls1_3", "-quiet"], input: Self.health)
    #expect(early.contains("healthy"))
    #expect(try client(engine, ["-alpn", "h2"]).contains("alert no application protocol"))
    #expect(try client(engine, ["-alpn", "h2,http/1.1"]).contains("ALPN protocol: http/1.1"))
  }

  @Test(arguments: ["-tls1_2", "-tls1_3"])
  func `a session is resumed, and early data never`(version: String) throws {
    let engine = try EngineProcess(environment: SelfSigned().environment)
    let file = engine.directory + "/session.pem"
    let first = try client(engine, [version, "-ign_eof", "-sess_out", file], input: Self.health)
    #expect(first.contains("\nNew, TLSv1"))
    let second = try client(engine, [version, "-ign_eof", "-sess_in", file], input: Self.health)
    #expect(second.contains("\nReused, TLSv1"), "\(second)")
    #expect(second.contains("healthy"))
    #expect(!first.contains("Max Early Data: 1"))
    if version == "-tls1_3" { #expect(first.contains("Max Early Data: 0")) }
  }

  @Test func `a renewed certificate is shown after SIGHUP, and a broken pair is told and passed over`() throws {
    let pair = try SelfSigned()
    let folder = (pair.certificate as NSString).deletingLastPathComponent
    let engine = try EngineProcess(environment: pair.environment)
    let old = folder + "/old.pem"
    try FileManager.default.copyItem(atPath: pair.certificate, toPath: old)
    #expect(try curl(engine, "/health", ["--cacert", old]).status == 0)
    _ = try SelfSigned(in: folder, name: "second.example")
    engine.signal(SIGHUP)
    #expect(engine.waitForLog("second.example") != nil)
    #expect(try curl(engine, "/health", ["--cacert", pair.certificate]).status == 0)
    #expect(try curl(engine, "/health", ["--cacert", old]).status == 60)
    let good = folder + "/good.pem"
    try FileManager.default.copyItem(atPath: pair.certificate, toPath: good)
    try Command.run("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", pair.key]).mustSucceed()
    engine.signal(SIGHUP)
    #expect(engine.waitForLog("tls.keyDoesNotMatch")?.contains("stays in force") == true)
    try FileManager.default.removeItem(atPath: pair.key)
    engine.signal(SIGHUP)
    #expect(engine.waitForLog("tls.keyUnreadable") != nil)
    _ = try SelfSigned(in: folder, name: "third.example", days: -1)
    engine.signal(SIGHUP)
    #expect(engine.waitForLog("tls.certificateExpired") != nil)
    #expect(try curl(engine, "/health", ["--cacert", good]).status == 0)
    #expect(engine.stop() == 0)
  }

  @Test func `a door that cannot open as it was told stops the start with cause and fix`() throws {
    let pair = try SelfSigned()
    let cases = [
      (["TLS_CERT": pair.certificate], "TLS_KEY (nowhere)"),
      (["TLS_KEY": pair.key], "TLS_CERT (nowhere)"),
      (["TLS_CERT": pair.certificate, "TLS_KEY": pair.key + ".not"], "tls.keyUnreadable"),
      (["TLS_CERT": pair.certificate, "TLS_KEY": try SelfSigned().key], "tls.keyDoesNotMatch"),
      (["TLS_CERT": pair.key, "TLS_KEY": pair.key], "tls.certificateMalformed"),
    ]
    for (environment, word) in cases {
      for command in [["check"], ["serve", "--port", "0", "--data-dir", EngineProcess.newDirectory()]] {
        let (status, output) = try EngineProcess.run(command, environment: environment)
        #expect(status != 0)
        #expect(output.contains(word), "\(output)")
      }
    }
    let soon = try EngineProcess.run(["check"], environment: SelfSigned(days: 3).environment)
    #expect(soon.status == 0)
    #expect(soon.output.contains("HTTPS for localhost, first.example until "))
    #expect(soon.output.contains("tls.certificateExpiresSoon"))
    // Late is better than never: everything but the door works.
    let late = try EngineProcess(environment: SelfSigned(days: -1).environment)
    #expect(late.log.contains("tls.certificateExpired"))
  }

  @Test func `without a certificate SIGHUP changes nothing`() throws {
    let engine = try EngineProcess()
    engine.signal(SIGHUP)
    let answer = try RawClient(port: engine.port).post("/webhook?wait=2000", AlertBodies.market(engine.secret))
    #expect(answer.legs.first?["outcome"] as? String == "filled")
    #expect(engine.stop() == 0)
  }
}
