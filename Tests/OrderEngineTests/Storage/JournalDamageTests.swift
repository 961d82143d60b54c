import Foundation
import OrderDomain
import TestSupport
import Testing

@testable import Actors
@testable import OrderEngine

/// Whatever is done to the files, a start knows exactly what was committed, or refuses and says where.
struct JournalDamageTests {
  /// Three segments; the engine that wrote them was stopped.
  private func stopped() throws -> JournalFiles {
    let files = try JournalFiles(seed: 11)
    files.commit([2, 1, 1])
    files.nextSegment()
    files.commit([1, 1])
    files.nextSegment()
    files.commit([2, 1, 1], endingWith: .engineStopped)
    try files.write()
    return files
  }

  @Test func `a whole journal reads back, across its segments`() throws {
    let files = try stopped()
    let read = try files.read().get()
    #expect(read.knowledge == JournalFiles.knowledge(files.fold))
    #expect(read.ending.position == files.position)
    #expect(read.ending.recordCount == files.recordCount)
    #expect(read.ending.commitCount == files.ends.count)
    #expect(read.ending.tornByteCount == 0)
  }

  @Test
  func `any bit turned over in any segment of a stopped engine's journal is named, and never changes what is known`()
    throws
  {
    let files = try stopped()
    let whole = JournalFiles.knowledge(files.fold)
    let lastData = files.ends[files.ends.count - 2].place
    for (segment, bytes) in files.files.sorted(by: { $0.key < $1.key }) {
      for offset in bytes.indices {
        var flipped = bytes + [UInt8](repeating: 0, count: 300)
        flipped[offset] ^= 1 << UInt8(offset % 8)
        try files.put(flipped, segment)
        switch files.read() {
        case .success(let read):
          // Only the record of the stop itself can be lost, and it says nothing about orders.
          #expect(read.knowledge == whole, "segment \(segment), byte \(offset)")
          #expect(segment == lastData.segment && UInt64(offset) >= lastData.offset)
        case .failure(.damage(let damage)):
          #expect(damage.segment == segment || damage.kind == .doesNotContinue)
          #expect(damage.offset <= offset)
          #expect(damage.refusal.cause.contains("segment \(damage.segment)"))
        case .failure(.unreadable(let refusal)): Issue.record("\(refusal)")
        }
      }
      try files.put(bytes, segment)
    }
  }

  @Test(arguments: [0, 1, 3_000])
  func `cut anywhere in its last commits, the journal is what was committed before`(zeros: Int) throws {
    let files = try JournalFiles(seed: 12)
    files.commit([2, 1, 3])
    files.nextSegment()
    files.commit([2, 1, 1, 4])
    try files.write()
    let bytes = try #require(files.files[2])
    let previous = try #require(files.ends.last { $0.place.segment == 1 })
    for cut in bytes.indices {
      let torn = Array(bytes[..<cut]) + [UInt8](repeating: 0, count: zeros)
      try files.put(torn, 2)
      // Zeros may be what was cut off.
      let same = zip(torn, bytes).prefix { $0 == $1 }.count
      let expected = files.ends.last { $0.place.segment == 2 && $0.place.offset <= same } ?? previous
      let read = try files.read().get()
      #expect(read.knowledge == expected.knowledge, "cut at \(cut)")
      let isLost = torn.allSatisfy { $0 == 0 }
      #expect(read.ending.position.place.segment == (isLost ? 1 : 2))
    }
  }

  @Test func `a segment that is missing is named`() throws {
    let files = try stopped()
    for segment: UInt64 in [1, 2] {
      try FileManager.default.removeItem(atPath: files.path(segment))
      guard case .failure(.damage(let damage)) = files.read() else {
        Issue.record("read without segment \(segment)")
        return
      }
      #expect(damage.segment == segment)
      #expect(damage.kind == .missing)
      try files.put(try #require(files.files[segment]), segment)
    }
  }

  @Test func `segments that were made ahead are no part of it, however many there are`() throws {
    let files = try stopped()
    try files.put([UInt8](repeating: 0, count: 10_000), 4)
    try files.put([], 5)
    let read = try files.read().get()
    #expect(read.ending.position == files.position)
    #expect(read.knowledge == JournalFiles.knowledge(files.fold))
  }

  /// Under `overlapped` several commits may be written and not flushed: any of them may be torn while later ones are whole.
  @Test func `only what an intact seal proves durable is damage; the rest of the tail is cut`() throws {
    var state = JournalState(settings: JournalSettings(durability: .overlapped))
    var bytes: [UInt8] = []
    var starts: [Int] = []
    for number in 0..<5 {
      _ = state.append(type: 1, time: Sample.opening, payload: [1, UInt8(ascii: "a")])
      starts.append(bytes.count)
      bytes += certain(state.beginCommit(at: Sample.opening, digest: SHA256Chain())).bytes
      _ = state.commitWritten()
      // The first two were flushed before the third was sealed.
      if number == 1 {
        _ = state.beginFlush()
        state.flushed()
      }
    }
    func read(_ bytes: [UInt8]) throws(JournalDamage) -> JournalReader.Ending {
      try JournalReader.read(
        bytes, segment: 1, isLast: true, continuing: nil, digest: SHA256Chain()
      ) { (_) throws(JournalDamage) in }
    }
    #expect(try read(bytes).commitCount == 5)
    for (commit, start) in starts.enumerated() {
      var damaged = bytes
      damaged[start + (commit == 0 ? JournalFormat.headerByteCount : 0) + 26] ^= 1
      if commit < 2 {
        let damage = #expect(throws: JournalDamage.self) { try read(damaged) }
        #expect(damage?.kind == .checksum)
      } else {
        let ending = try read(damaged)
        #expect(ending.commitCount == commit)
        #expect(ending.position.place.offset == UInt64(start))
        #expect(ending.tornByteCount > 0)
      }
    }
  }
}
