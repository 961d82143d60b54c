import OrderDomain
import TestSupport
import Testing

@testable import Actors

/// Segments, full disks and flushes beside the writes, decided without a disk.
struct JournalStateRoomTests {
  private let full = Refusal(code: "journal.diskFull", cause: "ENOSPC", fix: "make room")
  private let broken = Refusal(code: "journal.disk", cause: "EIO", fix: "replace the disk")

  @discardableResult
  private func append(
    _ state: inout JournalState, _ byte: UInt8 = 1, count: Int = 1, for purpose: JournalState.Purpose = .step
  ) -> JournalState.Admission {
    state.append(
      type: 4, time: Sample.opening, payload: [UInt8](repeating: byte, count: count), for: purpose)
  }

  private func begin(_ state: inout JournalState) -> JournalState.Commit? {
    state.beginCommit(at: Sample.opening, digest: TestDigest())
  }

  @discardableResult
  private func preparation(_ state: inout JournalState) -> JournalState.Preparation? { state.beginPreparation() }

  private func flush(_ state: inout JournalState) -> JournalState.Flush? { state.beginFlush() }
  private func closed(_ state: inout JournalState) -> UInt64? { state.commitWritten() }
  private func retry(_ state: inout JournalState) -> Bool { state.retry() }

  private func write(_ state: inout JournalState, _ bytes: inout [UInt64: [UInt8]]) -> UInt64? {
    let commit = certain(begin(&state))
    var file = bytes[commit.place.segment] ?? []
    file.replaceSubrange(Int(commit.place.offset)..., with: commit.bytes)
    bytes[commit.place.segment] = file
    return state.commitWritten()
  }

  private func payloads(_ files: [UInt64: [UInt8]]) throws -> [[UInt8]] {
    var payloads: [[UInt8]] = []
    var previous: JournalPosition?
    for (number, bytes) in files.sorted(by: { $0.key < $1.key }) {
      let segment = try ReadSegment(bytes, segment: number, isLast: false, continuing: previous)
      payloads += segment.entries.map { Array(bytes[$0.payload]) }
      previous = segment.ending.position
    }
    return payloads
  }

  // MARK: Segments

  @Test func `the first commit of a segment brings the segment's header`() throws {
    var state = JournalState()
    append(&state)
    let commit = try #require(begin(&state))
    #expect(commit.place == LogPlace(segment: 1, offset: 0))
    #expect(commit.bytes.starts(with: JournalFormat.header(segment: 1, firstSequence: 1, chain: .origin)))
    #expect(closed(&state) == nil)
    append(&state)
    #expect(begin(&state)?.place == LogPlace(segment: 1, offset: UInt64(commit.bytes.count)))
  }

  @Test func `a commit that does not fit opens the next segment, and reads on from the one before`() throws {
    var state = JournalState(segmentByteCount: 1000)
    #expect(preparation(&state) == JournalState.Preparation(segment: 2, byteCount: 1 << 20))
    state.prepared()
    #expect(preparation(&state) == nil)
    var files: [UInt64: [UInt8]] = [:]
    append(&state, 1, count: 700)
    #expect(write(&state, &files) == nil)
    append(&state, 2, count: 100)
    #expect(write(&state, &files) == 1)
    let header = JournalFormat.headerByteCount
    #expect(files[1]?.count == header + 25 + 700 + 25 + 48)
    #expect(state.position.place.segment == 2)
    append(&state, 3)
    #expect(write(&state, &files) == nil)
    let wanted: [[UInt8]] = [[UInt8](repeating: 1, count: 700), [UInt8](repeating: 2, count: 100), [3]]
    #expect(try payloads(files) == wanted)
    #expect(preparation(&state) == JournalState.Preparation(segment: 3, byteCount: 2 << 20))
  }

  @Test func `segments double up to the one that was chosen`() {
    var state = JournalState(segmentByteCount: 1 << 20, settings: JournalSettings(segmentByteCount: 5 << 20))
    var files: [UInt64: [UInt8]] = [:]
    var sizes: [UInt64] = []
    append(&state)
    _ = write(&state, &files)
    for _ in 0..<4 {
      sizes.append(certain(state.beginPreparation()).byteCount)
      state.prepared()
      for _ in 0..<41 { append(&state, count: JournalFormat.payloadLimit) }
      _ = state.beginCommit(at: Sample.opening, digest: LengthDigest())
      _ = state.commitWritten()
    }
    let megabytes = sizes.map { $0 >> 20 }
    #expect(megabytes == [2, 4, 5, 5])
  }

  @Test func `while the next segment is not ready, the present one goes on beyond its size`() {
    var state = JournalState(segmentByteCount: 1000)
    var files: [UInt64: [UInt8]] = [:]
    _ = state.beginPreparation()
    for _ in 0..<5 {
      append(&state, count: 500)
      #expect(write(&state, &files) == nil)
    }
    state.prepared()
    append(&state)
    #expect(write(&state, &files) == 1)
  }

  // MARK: A full disk

  @Test func `a refused commit leaves no trace, and what has happened gathers again`() throws {
    var state = JournalState()
    var twin = JournalState()
    var (files, twinFiles): ([UInt64: [UInt8]], [UInt64: [UInt8]]) = ([:], [:])
    append(&state, 1)
    _ = write(&state, &files)
    append(&twin, 1)
    _ = write(&twin, &twinFiles)
    let before = state.position

    append(&state, 2, for: .entry)
    append(&state, 3, for: .outcome)
    #expect(begin(&state)?.lastSequence == 5)
    append(&state, 4, for: .step)
    append(&state, 5, for: .outcome)
    state.commitRefused(full)
    #expect(state.position.place == before.place)
    #expect(state.position.chain == before.chain)
    #expect(state.failure == full)
    #expect(state.isWaitingForRoom)
    #expect(begin(&state) == nil)
    #expect(append(&state, 6, for: .entry) == .refused(full))
    #expect(append(&state, 7, for: .step) == .refused(full))
    #expect(append(&state, 8, for: .outcome) == .gathered(sequence: 5))

    #expect(!retry(&state))
    #expect(append(&state, 9, for: .entry) == .refused(full))
    _ = write(&state, &files)
    #expect(state.failure == nil)
    for byte: UInt8 in [3, 5, 8] { append(&twin, byte) }
    _ = write(&twin, &twinFiles)
    // As if what was refused had never been asked for.
    #expect(files == twinFiles)
    #expect(state.position == twin.position)
    #expect(append(&state, 10, for: .entry) == .gathered(sequence: twin.position.nextSequence))
  }

  @Test func `with nothing kept something has to be gathered for the next try`() {
    var state = JournalState()
    append(&state, for: .entry)
    _ = begin(&state)
    state.commitRefused(full)
    #expect(retry(&state))
    #expect(!retry(&state))
  }

  /// It used to go back to the segment before, which was then no longer the last one that anything was written to.
  @Test func `a refused first commit is written to the same segment again`() throws {
    var state = JournalState(segmentByteCount: 200)
    var files: [UInt64: [UInt8]] = [:]
    preparation(&state)
    state.prepared()
    append(&state, count: 100)
    _ = write(&state, &files)
    append(&state, 2, for: .entry)
    #expect(begin(&state)?.place == LogPlace(segment: 2, offset: 0))
    state.commitRefused(full)
    _ = state.retry()
    append(&state, 3)
    #expect(write(&state, &files) == 1)
    let wanted: [[UInt8]] = [[UInt8](repeating: 1, count: 100), [3]]
    #expect(try payloads(files) == wanted)
  }

  @Test func `a segment that cannot be made is tried smaller, and then nothing new begins`() {
    var state = JournalState(segmentByteCount: 16 << 20)
    #expect(preparation(&state)?.byteCount == 32 << 20)
    state.preparationFailed(full)
    #expect(state.failure == nil)
    #expect(preparation(&state)?.byteCount == 1 << 20)
    state.preparationFailed(full)
    #expect(state.failure == full)
    #expect(append(&state, for: .entry) == .refused(full))
    // Exits and outcomes have the rest of the present segment.
    #expect(append(&state, for: .step) == .gathered(sequence: 1))
    #expect(begin(&state) != nil)
    _ = state.commitWritten()
    state.roomIsThere()
    #expect(state.failure == full)
    _ = state.beginPreparation()
    state.prepared()
    state.roomIsThere()
    #expect(state.failure == nil)
  }

  @Test func `little room is as good as none for what is new`() {
    var state = JournalState()
    _ = state.beginPreparation()
    state.prepared()
    state.roomIsShort(full)
    #expect(append(&state, for: .entry) == .refused(full))
    #expect(append(&state, for: .outcome) == .gathered(sequence: 1))
    state.roomIsThere()
    #expect(append(&state, for: .entry) == .gathered(sequence: 2))
  }

  /// Whatever is refused, kept and written in whatever order: the files read back, hold every outcome once and in order,
  /// and nothing that was refused.
  @Test(arguments: 0..<30)
  func `any run of refusals leaves a journal of what was taken`(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    var state = JournalState(segmentByteCount: 400)
    var files: [UInt64: [UInt8]] = [:]
    var number = 0
    var expected: [Int] = []
    var waiting: [(number: Int, purpose: JournalState.Purpose)] = []
    func payload(_ number: Int) -> [UInt8] { [UInt8(number & 255), UInt8(number >> 8)] }
    for _ in 0..<60 {
      if state.beginPreparation() != nil { state.prepared() }
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let purposes: [JournalState.Purpose] = [.entry, .step, .outcome]
        let purpose = purposes[Int.random(in: 0..<3, using: &random)]
        number += 1
        if case .gathered = state.append(type: 4, time: Sample.opening, payload: payload(number), for: purpose) {
          waiting.append((number, purpose))
        }
      }
      guard let commit = begin(&state) else {
        _ = state.retry()
        continue
      }
      if Int.random(in: 0..<4, using: &random) == 0 {
        let taken = Int.random(in: 0..<commit.bytes.count, using: &random)
        put(commit.bytes.prefix(taken), at: commit.place, in: &files)
        expectReadable(files, expected.map { payload($0) })
        // It used to stay, and was damage once the segment was left.
        put([UInt8](repeating: 0, count: taken), at: commit.place, in: &files)
        state.commitRefused(full)
        waiting.removeAll { $0.purpose != .outcome }
      } else {
        put(commit.bytes, at: commit.place, in: &files)
        _ = state.commitWritten()
        expected += waiting.map(\.number)
        waiting = []
      }
      expectReadable(files, expected.map { payload($0) })
    }
  }

  /// What a start would read now.
  private func expectReadable(_ files: [UInt64: [UInt8]], _ wanted: [[UInt8]]) {
    do throws(JournalDamage) {
      var read: [[UInt8]] = []
      var previous: JournalPosition?
      for (segment, bytes) in files.sorted(by: { $0.key < $1.key }) where !JournalReader.isBlank(bytes) {
        let isLast = files.keys.filter { $0 > segment }.allSatisfy { JournalReader.isBlank(files[$0] ?? []) }
        let contents = try ReadSegment(bytes, segment: segment, isLast: isLast, continuing: previous)
        read += contents.entries.map { Array(bytes[$0.payload]) }
        previous = contents.ending.position
      }
      #expect(read == wanted)
    } catch {
      Issue.record("\(error)")
    }
  }

  private func put(_ bytes: some Collection<UInt8>, at place: LogPlace, in files: inout [UInt64: [UInt8]]) {
    var file = files[place.segment] ?? []
    let (start, end) = (Int(place.offset), Int(place.offset) + bytes.count)
    if file.count < end { file += [UInt8](repeating: 0, count: end - file.count) }
    file.replaceSubrange(start..<end, with: bytes)
    files[place.segment] = file
  }

  // MARK: Flushes beside the writes

  private func overlapped(segmentByteCount: UInt64 = 1 << 20) -> JournalState {
    JournalState(segmentByteCount: segmentByteCount, settings: JournalSettings(durability: .overlapped))
  }

  @Test func `writes go on beside a flush, which covers what was written before it began`() throws {
    var state = overlapped()
    append(&state)
    #expect(try !#require(begin(&state)).isDurable)
    #expect(flush(&state) == nil)
    _ = state.commitWritten()
    #expect(state.durableSequence == 0)
    #expect(flush(&state) == JournalState.Flush(segment: 1, lastSequence: 2))
    append(&state)
    #expect(begin(&state) != nil)
    _ = state.commitWritten()
    #expect(flush(&state) == nil)
    state.flushed()
    #expect(state.durableSequence == 2)
    #expect(!state.isIdle)
    #expect(flush(&state) == JournalState.Flush(segment: 1, lastSequence: 4))
    state.flushed()
    #expect(state.isIdle)
    #expect(flush(&state) == nil)
  }

  @Test func `strict needs no flush beside its writes`() {
    var state = JournalState()
    append(&state)
    #expect(begin(&state)?.isDurable == true)
    _ = state.commitWritten()
    #expect(state.durableSequence == 2)
    #expect(flush(&state) == nil)
  }

  @Test func `a segment is flushed before the next one's first byte`() throws {
    var state = overlapped(segmentByteCount: 200)
    _ = state.beginPreparation()
    state.prepared()
    append(&state, count: 100)
    _ = begin(&state)
    _ = state.commitWritten()
    append(&state, count: 100)
    #expect(begin(&state) == nil)
    #expect(flush(&state)?.segment == 1)
    #expect(begin(&state) == nil)
    state.flushed()
    #expect(begin(&state)?.place == LogPlace(segment: 2, offset: 0))
    #expect(flush(&state) == nil)
    #expect(closed(&state) == 1)
    #expect(flush(&state)?.segment == 2)
  }

  @Test func `a seal says what was durable when it was made`() throws {
    func durableEnd(_ commit: JournalState.Commit?) throws -> UInt64 {
      let bytes = try #require(commit).bytes
      return bytes.suffix(40).prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    var state = overlapped()
    append(&state)
    #expect(try durableEnd(begin(&state)) == 0)
    _ = state.commitWritten()
    append(&state)
    #expect(try durableEnd(begin(&state)) == 0)
    _ = state.commitWritten()
    _ = state.beginFlush()
    state.flushed()
    append(&state)
    #expect(try durableEnd(begin(&state)) == 4)
  }

  @Test func `a failed flush ends the journal, whatever a later one would say`() {
    var state = overlapped()
    append(&state)
    _ = begin(&state)
    _ = state.commitWritten()
    _ = state.beginFlush()
    append(&state)
    state.flushFailed(broken)
    #expect(state.isBroken)
    #expect(state.failure == broken)
    #expect(begin(&state) == nil)
    #expect(flush(&state) == nil)
    #expect(preparation(&state) == nil)
    #expect(append(&state) == .refused(broken))
    #expect(state.durableSequence == 0)
  }
}
