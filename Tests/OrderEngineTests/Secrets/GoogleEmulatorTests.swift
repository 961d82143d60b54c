import Foundation
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
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(emulator))
    process.arguments = [
      "start", "--host", "127.0.0.1", "--port", "19083", "--in-memory", "--default-bucket", "bucket",
    ]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    defer { process.terminate() }
    let google = try await GoogleDouble()
    var reader = SettingsReader(layers: [
      SettingsLayer(
        name: "environment",
        values: [
          "DATA_DIR": NSTemporaryDirectory() + UUID().uuidString, "GCS_BUCKET_NAME": "bucket",
          "GCS_URL": "http://127.0.0.1:19083", "GOOGLE_METADATA_URL": google.base,
        ], mayHoldOthers: true)
    ])
    let thread = try EventLoop.start(name: "client")
    let result = await Result {
      let store = try #require(try await SecretStores(reading: &reader).tokenStores(on: thread.loop).first)
      let account = AccountID(staticName: "dhan")
      let issued = Timestamp(nanoseconds: 1_790_000_000_000_000_000)
      // Until it listens.
      while true {
        do {
          #expect(try await store.load(account)?.issuedAt == nil)
          break
        } catch let error as TokenStoreError where error.refusal.code == "secret.cloudUnreachable" {
          try await thread.loop.clock.sleep(until: thread.loop.clock.now.advanced(by: .milliseconds(50)))
        }
      }
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

private let emulator = ProcessInfo.processInfo.environment["GCS_EMULATOR"]
