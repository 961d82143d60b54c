import Foundation
import OrderDomain
import Ring
import TestSupport
import Testing

@testable import Actors
@testable import OrderEngine

/// A start on real files: snapshots, what lies behind them, and what has become old.
struct JournalStoreTests {
  private let now = Sample.opening.adding(nanoseconds: 900 * 86_400_000_000_000)

  private func segments(_ count: Int, seed: UInt64 = 21) throws -> JournalFiles {
    let files = try JournalFiles(seed: seed)
    for number in 1...count {
      if number > 1 { files.nextSegment() }
      files.commit([3, 5, 20, 2])
    }
    try files.write()
    return files
  }

  private func care(_ files: JournalFiles, retentionDays: Int64 = 400) -> JournalCare {
    JournalCare(directory: files.directory, retentionDays: retentionDays)
  }

  /// What a start found, its lock given up again.
  private struct Start {
    let fold: JournalFold
    let position: JournalPosition
    let segmentByteCount: UInt64
    let tornByteCount: Int
    let recordCount: Int
    let snapshotSequence: UInt64
    let damagedSnapshots: [String]

    init(_ recovered: consuming JournalStore.Recovered) {
      fold = recovered.fold
      position = recovered.position
      segmentByteCount = recovered.segmentByteCount
      tornByteCount = recovered.tornByteCount
      recordCount = recovered.recordCount
      snapshotSequence = recovered.snapshotSequence
      damagedSnapshots = recovered.damagedSnapshots
    }
  }

  private func start(_ files: JournalFiles) throws -> Start {
    Start(try JournalStore(directory: files.directory).recover())
  }

  private func expectRecovered(_ files: JournalFiles, _ line: SourceLocation = #_sourceLocation) throws {
    let recovered = try start(files)
    #expect(JournalFiles.knowledge(recovered.fold) == JournalFiles.knowledge(files.fold), sourceLocation: line)
    #expect(recovered.position == files.position, sourceLocation: line)
  }

  @Test func `an empty directory is a journal that begins`() throws {
    let files = try JournalFiles(seed: 1)
    let recovered = try start(files)
    #expect(recovered.position == .start)
    #expect(recovered.segmentByteCount == JournalSettings.leastSegmentByteCount)
    #expect(try files.directory.names().contains("journal-000000001.log"))
  }

  @Test func `orders that need not wait for the device do not`() throws {
    let files = try JournalFiles(seed: 1)
    let recovered = try JournalStore(directory: files.directory, durability: .overlapped).recover()
    #expect(!recovered.file.options.direct)
  }

  @Test func `a start from a snapshot knows what a start from all segments knows, and reads less`() throws {
    let files = try segments(4)
    let whole = try start(files)
    #expect(whole.recordCount == files.recordCount)
    for segment: UInt64 in 1...3 {
      try care(files).snapshot(through: segment, at: Sample.opening)
      let recovered = try start(files)
      #expect(recovered.snapshotSequence > 0)
      #expect(recovered.recordCount == files.recordCount - 30 * Int(segment))
      try expectRecovered(files)
    }
    #expect(try SnapshotStore(directory: files.directory).sequences().count == 2)
  }

  @Test func `a snapshot of a start goes on in the middle of its segment`() throws {
    let files = try segments(2)
    let recovered = try start(files)
    try care(files).keep(JournalSnapshot(position: recovered.position, fold: recovered.fold), at: now)
    files.commit([4, 1])
    try files.write()
    let again = try start(files)
    #expect(again.recordCount == 5)
    try expectRecovered(files)
    // The next one is made from it.
    files.nextSegment()
    files.commit([2])
    try files.write()
    try care(files).snapshot(through: 2, at: now)
    #expect(try start(files).recordCount == 2)
    try expectRecovered(files)
  }

  @Test func `a damaged snapshot is left aside for the one before it, and that for the journal`() throws {
    let files = try segments(4)
    try care(files).snapshot(through: 2, at: Sample.opening)
    try care(files).snapshot(through: 3, at: Sample.opening)
    let store = SnapshotStore(directory: files.directory)
    for (index, sequence) in try store.sequences().reversed().enumerated() {
      let path = files.directory.file(SnapshotStore.name(sequence))
      var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      bytes[bytes.count / 2] ^= 4
      try bytes.write(to: URL(fileURLWithPath: path))
      let recovered = try start(files)
      #expect(recovered.damagedSnapshots.count == index + 1)
      #expect(recovered.damagedSnapshots.first?.contains("digest") == true)
      try expectRecovered(files)
    }
  }

  @Test func `a journal that ends before its snapshot is damaged`() throws {
    let files = try segments(3)
    try care(files).snapshot(through: 2, at: now)
    try FileManager.default.removeItem(atPath: files.path(3))
    #expect(throws: Refusal.self) { try start(files) }
  }

  @Test func `old segments go when two snapshots can do without them, and the start is the same`() throws {
    let files = try segments(5)
    try care(files).snapshot(through: 2, at: now)
    #expect(try files.directory.names().count { $0.hasSuffix(".log") } == 5)
    try care(files).snapshot(through: 4, at: Sample.opening)
    #expect(try files.directory.names().count { $0.hasSuffix(".log") } == 5)
    try care(files).removeOld(at: now)
    #expect(try files.directory.names().filter { $0.hasSuffix(".log") } == [3, 4, 5].map { JournalStore.name($0) })
    try expectRecovered(files)
    // The older snapshot still serves.
    let newest = try #require(try SnapshotStore(directory: files.directory).sequences().last)
    try files.directory.remove(SnapshotStore.name(newest))
    try expectRecovered(files)
    // Without any there is no beginning.
    for sequence in try SnapshotStore(directory: files.directory).sequences() {
      try files.directory.remove(SnapshotStore.name(sequence))
    }
    let refusal = #expect(throws: Refusal.self) { try start(files) }
    #expect(refusal?.code == "journal.damaged")
    #expect(refusal?.cause.contains("segment 1") == true)
  }

  @Test func `a torn tail is cut, and what is written over it reads back`() throws {
    let files = try segments(2)
    let bytes = try #require(files.files[2])
    try files.put(bytes + [UInt8](repeating: 0xAB, count: 77), 2)
    let recovered = try start(files)
    #expect(recovered.tornByteCount == 77)
    #expect(recovered.position == files.position)
    let again = try start(files)
    #expect(again.tornByteCount == 0)
    // Zeros again, up to the least size.
    #expect(again.segmentByteCount == JournalSettings.leastSegmentByteCount)
    files.commit([3])
    try files.write()
    try expectRecovered(files)
  }

  @Test func `half a snapshot that a crash left is removed`() throws {
    let files = try segments(1)
    try files.directory.write([1, 2, 3], to: "snapshot-000000000009.oes.new")
    try expectRecovered(files)
    #expect(try !files.directory.names().contains { $0.hasSuffix(".new") })
  }
}
