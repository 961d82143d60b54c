import Foundation
import OrderDomain
import Ring
import Testing

@testable import OrderEngine

/// Commits of any length leave in a segment the very bytes that they hold, and zeros behind them, though whole blocks are
/// written.
@Suite(.serialized)
struct SegmentLogTests {
  private func withLog(
    startingWith before: [UInt8] = [], isDirect: Bool = true, _ body: (SegmentLog, String) async throws -> Void
  ) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/segment-log-" + UUID().uuidString
    let directory = try DataDirectory(path: path)
    defer { #expect(throws: Never.self) { try FileManager.default.removeItem(atPath: path) } }
    let name = directory.file(JournalStore.name(1))
    try Data(before).write(to: URL(fileURLWithPath: name))
    let file = try JournalStore.makeSegment(name, byteCount: 100_000, isDirect: isDirect)
    let offset = UInt64(before.count)
    let block = try file.read(4096, at: SegmentLog.blockStart(offset))
    let thread = try EventLoop.start(name: "log", configuration: EventLoopConfiguration())
    let log = SegmentLog(
      loop: thread.loop, directory: directory, place: LogPlace(segment: 1, offset: offset), file: file, block: block)
    try await body(log, name)
    await thread.stopAndWait()
  }

  private func write(_ bytes: [UInt8], at offset: Int, to log: SegmentLog, isDurable: Bool = true) async throws {
    let result: Result<Void, AppendLogFailure> = await log.written(
      bytes, at: LogPlace(segment: 1, offset: UInt64(offset)), isDurable: isDurable)
    try result.get()
  }

  private func content(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: name))) }

  private func sample(_ count: Int, _ seed: UInt8) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0) ^ seed }
  }

  @Test(arguments: [0, 1, 4095, 4096, 5000], [true, false])
  func `commits follow each other to the byte, whatever a block is`(start: Int, isDirect: Bool) async throws {
    let before = sample(start, 0xA5)
    try await withLog(startingWith: before, isDirect: isDirect) { log, name in
      var expected = before
      for (index, count) in [1, 63, 4031, 4096, 1, 8191, 300, 12_289].enumerated() {
        let commit = sample(count, UInt8(index + 1))
        try await write(commit, at: expected.count, to: log, isDurable: index % 2 == 0)
        expected += commit
        let content = try content(name)
        #expect(content.count == 102_400)
        #expect(Array(content[..<expected.count]) == expected, "after commit \(index)")
        #expect(content[expected.count...].allSatisfy { $0 == 0 })
      }
    }
  }

  @Test
  func `a commit that is written again at its place leaves what was before it`() async throws {
    let before = sample(10, 0x77)
    try await withLog(startingWith: before) { log, name in
      try await write(sample(6000, 1), at: 10, to: log)
      try await write([UInt8](repeating: 0, count: 6000), at: 10, to: log)
      try await write(sample(200, 2), at: 10, to: log)
      try await write(sample(7, 3), at: 210, to: log)
      let content = try content(name)
      #expect(Array(content[..<217]) == before + sample(200, 2) + sample(7, 3))
      #expect(content[217...].allSatisfy { $0 == 0 })
    }
  }
}

extension SegmentLog {
  fileprivate nonisolated func written(
    _ bytes: [UInt8], at place: LogPlace, isDurable: Bool
  ) async -> Result<Void, AppendLogFailure> {
    await withCheckedContinuation { continuation in
      Task {
        await write(bytes, at: place, isDurable: isDurable, continuation)
      }
    }
  }

  private func write(
    _ bytes: [UInt8], at place: LogPlace, isDurable: Bool,
    _ continuation: CheckedContinuation<Result<Void, AppendLogFailure>, Never>
  ) { write(bytes, at: place, isDurable: isDurable) { continuation.resume(returning: $0) } }
}
