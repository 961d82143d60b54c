import Foundation
import Glibc
import OrderDomain
import Ring
import Testing

@testable import OrderEngine

/// Against gcp-storage-emulator, which `Tests/Cloud/run` fetches.
@Suite(
  "Cloud Storage as somebody else imitates it", .enabled(if: emulator != nil, "run Tests/Cloud/run"),
  .timeLimit(.minutes(1)))
struct GoogleEmulatorTests {
  @Test func `tokens come back from an object that another program keeps`() async throws {
    let port = try FreePort.find()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(emulator))
    process.arguments = [
      "start", "--host", "127.0.0.1", "--port", "\(port)", "--in-memory", "--default-bucket", "bucket",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    // It goes on after SIGTERM, and would outlive the test.
    defer { kill(process.processIdentifier, SIGKILL) }
    try #require(
      await FreePort.isTaken(port, within: .seconds(30)), "the emulator does not listen on port \(port) after 30 s")
    let google = try await GoogleDouble()
    var reader = SettingsReader(layers: [
      SettingsLayer(
        name: "environment",
        values: [
          "DATA_DIR": NSTemporaryDirectory() + UUID().uuidString, "GCS_BUCKET_NAME": "bucket",
          "GCS_URL": "http://127.0.0.1:\(port)", "GOOGLE_METADATA_URL": google.base,
        ], mayHoldOthers: true)
    ])
    let thread = try EventLoop.start(name: "client")
    let result = await Result {
      let store = try #require(try await SecretStores(reading: &reader).tokenStores(on: thread.loop).first)
      let account = AccountID(staticName: "dhan")
      let issued = Timestamp(nanoseconds: 1_790_000_000_000_000_000)
      #expect(try await store.load(account)?.issuedAt == nil)
      for word in ["one", "two"] {
        try await store.save(
          StoredTokens(access: IssuedToken(secret: Secret(word), expiresAt: nil), refresh: nil, issuedAt: issued),
          of: account)
        #expect(try await store.load(account)?.access.secret?.matches(Secret(word)) == true)
      }
    }
    await thread.stopAndWait()
    await google.stop()
    try result.get()
  }
}

/// Ports of this machine, for a program that is told its port and does not choose one by itself.
private enum FreePort {
  /// One that nobody listens on. Another may take it before the program does, which then says so by ending.
  static func find() throws -> UInt16 {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = loopback(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 ? getsockname(listener, $0, &length) : -1
      }
    }
    guard result == 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EADDRNOTAVAIL) }
    return UInt16(bigEndian: address.sin_port)
  }

  /// Whether somebody takes connections there, asked again until the time is up.
  static func isTaken(_ port: UInt16, within limit: Duration) async throws -> Bool {
    let end = ContinuousClock.now.advanced(by: limit)
    while ContinuousClock.now < end {
      let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { close(client) }
      var address = loopback(port)
      let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      if result == 0 { return true }
      try await Task.sleep(for: .milliseconds(20))
    }
    return false
  }

  private static func loopback(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return address
  }
}

private let emulator = ProcessInfo.processInfo.environment["GCS_EMULATOR"]
