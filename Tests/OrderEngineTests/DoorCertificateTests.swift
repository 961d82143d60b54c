import Foundation
import HTTP
import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import OrderEngine

@Suite struct CertificateTermTests {
  private let day: Int64 = 86_400
  private func at(_ seconds: Int64) -> Timestamp { Timestamp(nanoseconds: seconds * 1_000_000_000) }

  @Test func `the term says what a person should see to`() {
    let term = CertificateTerm(from: 100 * day, until: 190 * day)
    #expect(term.concern(at: at(100 * day - 1))?.code == "tls.certificateNotYetValid")
    #expect(term.concern(at: at(100 * day)) == nil)
    #expect(term.concern(at: at(176 * day)) == nil)
    #expect(term.concern(at: at(176 * day + 1))?.code == "tls.certificateExpiresSoon")
    #expect(term.fault(at: at(190 * day - 1)) == nil)
    #expect(term.concern(at: at(190 * day))?.code == "tls.certificateExpired")
    #expect(term.fault(at: at(190 * day))?.code == "tls.certificateExpired")
  }

  @Test func `days that are left are whole, and below zero behind the end`() {
    let term = CertificateTerm(from: 0, until: 10 * day)
    #expect(term.daysLeft(at: at(0)) == 10)
    #expect(term.daysLeft(at: at(1)) == 9)
    #expect(term.daysLeft(at: at(10 * day)) == 0)
    #expect(term.daysLeft(at: at(10 * day + 1)) == -1)
    #expect(term.daysLeft(at: at(11 * day + 1)) == -2)
  }
}

@Suite(.timeLimit(.minutes(2))) struct DoorCertificateTests {
  /// What was adopted and told, as words.
  private final class Diary: Sendable {
    let lines = Mutex<[String]>([])

    func write(_ line: String) { lines.withLock { $0.append(line) } }
    func take() -> [String] {
      lines.withLock { lines in
        defer { lines = [] }; return lines
      }
    }
  }

  private let folder: URL
  private let paths: CertificatePaths
  /// An hour after the certificates are made.
  private let wallClock = ManualWallClock(SystemWallClock().now().adding(nanoseconds: 3_600_000_000_000))
  private let diary = Diary()

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("door-\(UInt64.random(in: 0 ... .max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    paths = CertificatePaths(
      certificate: folder.appendingPathComponent("chain.pem").path, key: folder.appendingPathComponent("key.pem").path)
    try make("first.example")
  }

  private func make(_ name: String, days: Int = 30) throws {
    try openssl([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", paths.key, "-out",
      paths.certificate, "-days", "\(days)", "-subj", "/CN=test", "-addext", "subjectAltName=DNS:\(name)",
    ])
  }

  private func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  private func care(refusing fault: TLSFailure? = nil) throws -> DoorCertificate {
    let diary = diary
    return DoorCertificate(
      paths: paths, current: try paths.load(), stamp: CertificatePaths.Stamp(paths),
      executor: SerialQueueExecutor(), wallClock: wallClock,
      adopt: { certificate throws(TLSFailure) in
        if let fault { throw fault }
        diary.write("adopted \(certificate.names[0])")
      },
      tell: { news in
        switch news {
        case .shown(let certificate): diary.write("shown \(certificate.names[0])")
        case .concern(let refusal): diary.write(refusal.code)
        case .refused(let refusal): diary.write("refused \(refusal.code)")
        }
      })
  }

  private struct Enough: Error {}

  /// Looks so many times at the files; `meanwhile` happens before each look, by its number.
  private func watch(
    _ care: DoorCertificate, looks: Int, _ meanwhile: @escaping @Sendable (Int) throws -> Void
  ) async throws {
    let count = Mutex(0)
    await care.watch { duration in
      #expect(duration == .seconds(60))
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number > looks { throw Enough() }
      try meanwhile(number)
    }
    #expect(count.withLock { $0 } == looks + 1)
  }

  @Test func `files that have changed are shown at the next look, and a broken pair is told once`() async throws {
    let care = try care()
    try await watch(care, looks: 6) { number in
      let expected = [3: ["adopted second.example", "shown second.example"], 5: ["refused tls.keyMalformed"]]
      #expect(diary.take() == expected[number] ?? [])
      if number == 2 { try make("second.example") }
      if number == 4 { try "nothing".write(toFile: paths.key, atomically: true, encoding: .utf8) }
    }
    #expect(diary.take() == [])
  }

  @Test func `what is asked for is read though nothing has changed`() async throws {
    let care = try care()
    await care.reload()
    #expect(diary.take() == ["adopted first.example", "shown first.example"])
  }

  @Test func `what the door refuses and what has expired is not shown`() async throws {
    let strict = try care(refusing: .certificateTooWeak("words"))
    await strict.reload()
    #expect(diary.take() == ["refused tls.certificateTooWeak"])
    let care = try care()
    wallClock.jump(by: .seconds(31 * 86_400))
    await care.reload()
    #expect(diary.take() == ["refused tls.certificateExpired"])
  }

  @Test func `an end that is near is told once a day`() async throws {
    let care = try care()
    await care.announce()
    #expect(diary.take() == ["shown first.example"])
    wallClock.jump(by: .seconds(17 * 86_400))
    try await watch(care, looks: 5) { number in
      #expect(diary.take() == (number == 2 || number == 5 ? ["tls.certificateExpiresSoon"] : []))
      if number == 4 { wallClock.jump(by: .seconds(86_400)) }
    }
    chmod(paths.key, 0o644)
    await care.reload()
    #expect(diary.take().contains("tls.keyOpenToAll"))
  }
}
