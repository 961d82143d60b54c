import Actors
import OrderDomain
import TestSupport
import Testing

struct JournalReaderTests {
  private let source = SegmentSource.small()

  private func sequences(ofFirst count: Int) -> [UInt64] { Array(source.commits.prefix(count).joined()) }

  private func damage(_ bytes: [UInt8], isLast: Bool = true) -> JournalDamage? {
    do throws(JournalDamage) {
      _ = try source.read(bytes, isLast: isLast)
      return nil
    } catch {
      return error
    }
  }

  /// The bytes of record `number`, counted from 0 over the whole segment, seals included.
  private func recordRanges() -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = JournalFormat.headerByteCount
    while start < source.bytes.count {
      let length = source.bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
      ranges.append(start..<start + 8 + length)
      start += 8 + length
    }
    return ranges
  }

  /// Where a segment ended.
  private func end(_ segment: UInt64, _ nextSequence: UInt64, _ chain: ChainValue) -> JournalPosition {
    JournalPosition(place: LogPlace(segment: segment, offset: 4_096), nextSequence: nextSequence, chain: chain)
  }

  @Test func `a whole segment reads back, every record in its place`() throws {
    for isLast in [true, false] {
      let contents = try source.read(isLast: isLast)
      #expect(contents.entries.map(\.sequence) == [1, 2, 4, 6, 7, 8])
      #expect(contents.entries.map { Array(source.bytes[$0.payload]) } == [[1, 2, 3], [], [4], [5], [6, 7], [8]])
      #expect(contents.entries.allSatisfy { $0.type == 4 && $0.time == Sample.opening })
      #expect(contents.end == source.bytes.count)
      #expect(contents.nextSequence == 10)
      #expect(contents.nextSequence == source.state.position.nextSequence)
      #expect(contents.chain == source.state.position.chain)
      #expect(contents.tornByteCount == 0)
    }
  }

  @Test func `a header alone is an empty segment`() throws {
    let empty = SegmentSource(
      segment: 7, firstSequence: 100, chain: certain(ChainValue([UInt8](repeating: 9, count: 32))))
    let contents = try empty.read()
    #expect(contents.entries.isEmpty)
    #expect(contents.nextSequence == 100)
    #expect(contents.chain == empty.state.position.chain)
  }

  @Test(arguments: [0, 1, 3, 4, 4095, 4096, 4097, 20_000])
  func `preallocated zeros behind the end are no records`(count: Int) throws {
    for isLast in [true, false] {
      let contents = try source.read(source.bytes + [UInt8](repeating: 0, count: count), isLast: isLast)
      #expect(contents.entries.map(\.sequence) == sequences(ofFirst: 3))
      #expect(contents.end == source.bytes.count)
      #expect(contents.tornByteCount == 0)
    }
  }

  // MARK: Tears

  @Test(arguments: [0, 1, 5_000])
  func `cut at any byte, exactly the whole commits before the cut are there`(zeroCount: Int) throws {
    for cut in 0..<source.bytes.count {
      let torn = Array(source.bytes.prefix(cut)) + [UInt8](repeating: 0, count: zeroCount)
      // Zeros behind the cut can be the very bytes that were cut off.
      let same = zip(torn, source.bytes).prefix { $0 == $1 }.count
      let wholeCount = source.ends.filter { $0 <= same }.count - 1
      let contents = try source.read(torn)
      #expect(contents.entries.map(\.sequence) == sequences(ofFirst: max(0, wholeCount)))
      #expect(contents.end == (wholeCount < 0 ? 0 : source.ends[wholeCount]))
      #expect(contents.tornByteCount <= max(0, cut - contents.end))
      #expect((contents.tornByteCount == 0) == torn.dropFirst(contents.end).allSatisfy { $0 == 0 })
    }
  }

  @Test func `a segment that is not the last may not be torn`() {
    for cut in 0..<source.bytes.count where !source.ends.contains(cut) {
      #expect(damage(Array(source.bytes.prefix(cut)), isLast: false) != nil)
    }
  }

  @Test func `a segment that was just being made continues the one before it`() throws {
    let chain = source.state.position.chain
    for bytes in [[], [UInt8](repeating: 0, count: 4096), Array(source.bytes.prefix(40))] {
      let contents = try ReadSegment(bytes, segment: 2, continuing: end(1, 10, chain))
      #expect(contents.end == 0)
      #expect(contents.nextSequence == 10)
      #expect(contents.chain == chain)
      #expect(contents.entries.isEmpty)
    }
  }

  @Test func `what is written over a tear reads back`() throws {
    var again = source
    let cut = source.bytes.count - 10
    let contents = try source.read(Array(source.bytes.prefix(cut)))
    var state = JournalState(at: contents.ending.position)
    _ = state.append(type: 1, time: Sample.opening, payload: [42])
    again = source
    let bytes =
      Array(again.bytes.prefix(contents.end))
      + certain(state.beginCommit(at: Sample.opening, digest: TestDigest())).bytes
    #expect(try source.read(bytes).entries.map(\.sequence) == sequences(ofFirst: 2) + [6])
  }

  @Test func `a hole in the last commit is a tear, whatever of its end the disk has kept`() throws {
    let last = source.ends[2]..<source.ends[3]
    for start in stride(from: last.lowerBound, to: last.upperBound - 4, by: 7) {
      var bytes = source.bytes
      for index in start..<min(start + 40, last.upperBound) { bytes[index] = 0 }
      let contents = try source.read(bytes)
      #expect(contents.entries.map(\.sequence) == sequences(ofFirst: 2))
      #expect(contents.end == last.lowerBound)
    }
  }

  /// A hole of a page used to be taken for the preallocated end, and every commit behind it was dropped without a word.
  @Test(arguments: [4_096, 10_000])
  func `a hole of zeros before the last commit is damage`(count: Int) {
    var long = SegmentSource()
    long.commit([[1]])
    long.commit([[UInt8](repeating: 7, count: 20_000)])
    long.commit([[3]])
    var bytes = long.bytes
    for index in long.ends[1]..<long.ends[1] + count { bytes[index] = 0 }
    let damage = #expect(throws: JournalDamage.self) { try long.read(bytes) }
    #expect(damage?.offset == long.ends[1])
    #expect(damage?.sequence == 3)
  }

  // MARK: Damage

  /// The seal of the last but one commit used to be taken for a tear, and two durable commits were dropped.
  @Test func `any bit turned over is reported where it lies, or is a tear of the last commit`() {
    for offset in source.bytes.indices {
      for bit in 0..<8 {
        var bytes = source.bytes
        bytes[offset] ^= 1 << UInt8(bit)
        do throws(JournalDamage) {
          let contents = try source.read(bytes)
          #expect(offset >= source.ends[2], "byte \(offset)")
          #expect(contents.entries.map(\.sequence) == sequences(ofFirst: 2))
          #expect(contents.end == source.ends[2])
          #expect(contents.tornByteCount > 0)
        } catch {
          #expect(error.segment == 1)
          #expect(error.offset <= offset)
          #expect(error.sequence >= 1 && error.sequence < 10)
          #expect(error.refusal.code == "journal.damaged")
        }
        if bit == offset % 8 { #expect(damage(bytes, isLast: false) != nil) }
      }
    }
  }

  @Test func `it says what is wrong, and where`() {
    func changed(_ offset: Int, to value: UInt8) -> [UInt8] {
      var bytes = source.bytes
      bytes[offset] = value
      return bytes
    }
    #expect(damage(changed(0, to: 0x20))?.kind == .notAJournal)
    #expect(damage(Array("not a journal".utf8))?.kind == .notAJournal)
    #expect(damage(changed(4, to: 2))?.kind == .unknownVersion(2))
    #expect(damage(changed(20, to: 1))?.kind == .headerChecksum)
    #expect(
      damage(changed(JournalFormat.headerByteCount + 25, to: 0))
        == JournalDamage(segment: 1, offset: 64, sequence: 1, kind: .checksum))
    #expect(
      damage(changed(JournalFormat.headerByteCount + 3, to: 0x7F))
        == JournalDamage(segment: 1, offset: 64, sequence: 1, kind: .length(0x7F00_0014)))
  }

  @Test func `a record that is missing leaves a gap in the sequence`() {
    let ranges = recordRanges()
    // The last record of all is the last seal: without it the last commit is a tear.
    for (index, range) in ranges.enumerated().dropLast() {
      var bytes = source.bytes
      bytes.removeSubrange(range)
      let sequence = UInt64(index + 1)
      #expect(
        damage(bytes)
          == JournalDamage(
            segment: 1, offset: range.lowerBound, sequence: sequence,
            kind: .sequence(expected: sequence, found: sequence + 1)))
    }
  }

  @Test func `two records that changed places are noticed, in the last commit too`() {
    let ranges = recordRanges()
    for index in ranges.indices.dropLast() {
      let (first, second) = (ranges[index], ranges[index + 1])
      let bytes =
        Array(source.bytes[..<first.lowerBound]) + source.bytes[second] + source.bytes[first]
        + source.bytes[second.upperBound...]
      let sequence = UInt64(index + 1)
      #expect(damage(bytes)?.kind == .sequence(expected: sequence, found: sequence + 1))
    }
  }

  @Test func `a commit of another journal does not fit the chain`() {
    var other = SegmentSource()
    other.commit([[9, 9, 9], []])
    #expect(other.ends[1] == source.ends[1])
    let bytes = Array(other.bytes[..<other.ends[1]]) + source.bytes[source.ends[1]...]
    #expect(damage(bytes)?.kind == .chain)
    // With one whole seal of another journal in the place of its own.
    let ranges = recordRanges()
    var swapped = source.bytes
    swapped.replaceSubrange(ranges[2], with: other.bytes[ranges[2]])
    #expect(damage(swapped) == JournalDamage(segment: 1, offset: ranges[2].lowerBound, sequence: 3, kind: .chain))
  }

  @Test func `a record rewritten with a good checksum does not fit the chain`() {
    var forged: [UInt8] = []
    JournalFormat.append(sequence: 4, time: Sample.opening, type: 4, payload: [99], to: &forged)
    var bytes = source.bytes
    bytes.replaceSubrange(recordRanges()[3], with: forged)
    #expect(damage(bytes)?.kind == .chain)
  }

  // MARK: Segments after each other

  @Test func `a segment continues where the one before it ended, and nowhere else`() throws {
    let first = try source.read(isLast: false)
    var next = SegmentSource(segment: 2, firstSequence: first.nextSequence, chain: first.chain)
    next.commit([[1]])
    func kind(_ segment: UInt64, _ sequence: UInt64, _ chain: ChainValue) -> JournalDamage.Kind? {
      do throws(JournalDamage) {
        _ = try ReadSegment(next.bytes, segment: segment, continuing: end(segment - 1, sequence, chain))
        return nil
      } catch {
        return error.kind
      }
    }
    #expect(kind(2, first.nextSequence, first.chain) == nil)
    #expect(kind(3, first.nextSequence, first.chain) == .doesNotContinue)
    #expect(kind(2, first.nextSequence + 1, first.chain) == .doesNotContinue)
    #expect(kind(2, first.nextSequence, .origin) == .doesNotContinue)
  }

  @Test func `any journal of random commits reads back`() throws {
    var random = SeededGenerator(seed: 31)
    for _ in 0..<30 {
      var source = SegmentSource()
      var payloads: [[UInt8]] = []
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        let commit = (0..<Int.random(in: 1...6, using: &random)).map { _ in
          (0..<Int.random(in: 0...200, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        }
        source.commit(commit)
        payloads += commit
      }
      let contents = try source.read()
      #expect(contents.entries.map { Array(source.bytes[$0.payload]) } == payloads)
      #expect(contents.chain == source.state.position.chain)
    }
  }
}
