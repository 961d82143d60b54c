import Foundation
import HTTP
import Ring
import Synchronization
import Testing

@testable import alert_load

@Suite("A run loads a server, in plain and over TLS", .timeLimit(.minutes(1)))
struct LoadRunTests {
  /// Says yes to everything, and counts.
  private final class Server: HTTPHandler, Sendable {
    private let count = Mutex(0)

    var received: Int { count.withLock { $0 } }

    func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
      count.withLock { $0 += 1 }
      responder.respond(HTTPResponse(HTTPStatus(200), fields: HTTPFields(), body: Array("{}".utf8)))
    }
  }

  /// A certificate for this machine's address that signs itself.
  private func certificate(in folder: String) throws -> (certificate: String, key: String) {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let (certificate, key, names) = (folder + "/certificate.pem", folder + "/key.pem", folder + "/names")
    try "subjectAltName=IP:127.0.0.1\n".write(toFile: names, atomically: false, encoding: .utf8)
    try openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
    try openssl(
      "x509", "-new", "-key", key, "-subj", "/CN=load", "-days", "2", "-extfile", names, "-out", certificate)
    return (certificate, key)
  }

  private func openssl(_ arguments: String...) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  /// Posts 200 alerts over 4 connections to a server that shows `certificate`, and returns what was found.
  private func load(
    showing certificate: TLSCertificate?, trusting authorities: String?
  ) async throws -> (result: LoadResult, received: Int) {
    let thread = try EventLoop.start(name: "load")
    let loop = thread.loop
    let handler = Server()
    let port = await withCheckedContinuation { (continuation: CheckedContinuation<UInt16?, Never>) in
      loop.execute {
        let server = HTTPServer(
          loop: loop, configuration: HTTPServerConfiguration(wallClock: { 784_111_777 }), handler: handler)
        do {
          if let certificate { try server.secure(with: certificate, at: loop.time) }
          continuation.resume(returning: try server.listen(on: .loopback(port: 0)).port)
        } catch {
          Issue.record(error)
          continuation.resume(returning: nil)
        }
      }
    }
    let address = SocketAddress.loopback(port: try #require(port))
    let security = try authorities.map { try LoadSecurity(trusting: $0, host: LoadSecurity.host(of: "\(address)")) }
    let plan = LoadPlan(
      arrival: .burst, alertCount: 200, warmUpCount: 0, connectionCount: 4, patience: 30_000_000_000)
    let template = AlertTemplate(host: "\(address)", path: "/", body: AlertTemplate.placeholder)
    let result = await withCheckedContinuation { (continuation: CheckedContinuation<LoadResult?, Never>) in
      loop.execute {
        let run = LoadRun(plan, to: address, template, ordersPerAlert: 0, security: security, on: loop) {
          continuation.resume(returning: $0)
        }
        do throws(RingError) { try run.begin() } catch {
          Issue.record(error)
          continuation.resume(returning: nil)
        }
      }
    }
    await thread.stopAndWait()
    return (try #require(result), handler.received)
  }

  @Test func `in plain`() async throws {
    let (result, received) = try await load(showing: nil, trusting: nil)
    #expect(result.isSound)
    #expect(received == 200)
    #expect(result.security == nil)
  }

  @Test func `over TLS with a handshake for each connection, and none for an alert`() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/load-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try certificate(in: folder)
    let shown = try TLSCertificate(certificatePath: files.certificate, keyPath: files.key)
    let (result, received) = try await load(showing: shown, trusting: files.certificate)
    #expect(result.isSound)
    #expect(received == 200)
    #expect(result.handshakeCount == 4)
    #expect(result.brokenCount == 0)
    #expect(result.security?.hasPrefix("TLSv1.3, TLS_") == true)
    let report = LoadReport(
      plan: LoadPlan(arrival: .burst, alertCount: 200, warmUpCount: 0, connectionCount: 4, patience: 1),
      result: result)
    #expect(report.text.contains("4 handshakes, none of them in the figures; 200 alerts"))
  }

  @Test func `a server that is not trusted gets no alert, and the run ends`() async throws {
    let folder = FileManager.default.temporaryDirectory.path + "/load-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let files = try certificate(in: folder + "/a")
    let others = try certificate(in: folder + "/b")
    let shown = try TLSCertificate(certificatePath: files.certificate, keyPath: files.key)
    let (result, received) = try await load(showing: shown, trusting: others.certificate)
    #expect(received == 0)
    #expect(result.brokenCount == 4)
    #expect(result.handshakeCount == 0)
    #expect(result.sentCount == 0)
  }
}
