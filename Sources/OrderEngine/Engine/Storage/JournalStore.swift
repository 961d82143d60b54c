package import Actors
package import OrderDomain
package import Ring

/// The journal's segments in the data directory: read at start, then written on.
package struct JournalStore: Sendable {
  /// All that the journal remembers, in order, and where it goes on.
  package struct Recovery: Sendable {
    package var events: [(time: Timestamp, event: JournalEvent)]
    package var state: JournalState
    package var file: AppendFile
    /// A new segment's first bytes, to be written before anything else.
    package var header: [UInt8]?
    package var end: UInt64
    package var segment: UInt64
    /// Bytes of a commit that a crash had left half written; they were never acknowledged.
    package var tornByteCount: Int
  }

  /// A segment of more bytes is not written on at the next start.
  static let segmentByteCount: UInt64 = 256 << 20

  private let directory: DataDirectory

  package init(directory: DataDirectory) { self.directory = directory }

  static func name(_ segment: UInt64) -> String { "journal-\(String(1_000_000_000 + segment).dropFirst()).log" }

  static func number(_ name: String) -> UInt64? {
    guard name.hasPrefix("journal-"), name.hasSuffix(".log") else { return nil }
    return UInt64(name.dropFirst(8).dropLast(4))
  }

  /// Blocks: reads every segment, cuts a torn tail, and holds the last segment's lock.
  package func recover() throws(Refusal) -> Recovery {
    let numbers = try directory.names().compactMap(JournalStore.number).sorted()
    guard let last = numbers.last else { return try begin(1, events: [], nextSequence: 1, chain: .origin) }
    var events: [(time: Timestamp, event: JournalEvent)] = []
    var previous: (nextSequence: UInt64, chain: ChainValue)?
    for number in numbers.dropLast() {
      let bytes = try DataDirectory.read(directory.file(JournalStore.name(number)), limit: 4 << 30) ?? []
      let contents = try JournalStore.read(bytes, number, isLast: false, previous)
      try JournalStore.decode(contents, bytes, number, into: &events)
      previous = (contents.nextSequence, contents.chain)
    }
    let file = try open(last)
    let bytes = try usingFile(file) { file throws(FileError) in try file.read(Int(try file.size()), at: 0) }
    let contents = try JournalStore.read(bytes, last, isLast: true, previous)
    if contents.end == 0 {
      // A crash came between making the segment and writing its header: nothing can be behind it.
      return try started(
        file, last, events: events, nextSequence: contents.nextSequence, chain: contents.chain)
    }
    try JournalStore.decode(contents, bytes, last, into: &events)
    if contents.tornByteCount > 0 {
      try usingFile(file) { file throws(FileError) in try file.truncate(to: UInt64(contents.end)) }
    }
    if UInt64(contents.end) > JournalStore.segmentByteCount {
      return try begin(last + 1, events: events, nextSequence: contents.nextSequence, chain: contents.chain)
    }
    return Recovery(
      events: events, state: JournalState(nextSequence: contents.nextSequence, chain: contents.chain), file: file,
      header: nil, end: UInt64(contents.end), segment: last, tornByteCount: contents.tornByteCount)
  }

  private func begin(
    _ segment: UInt64, events: [(time: Timestamp, event: JournalEvent)], nextSequence: UInt64, chain: ChainValue
  ) throws(Refusal) -> Recovery {
    try started(try open(segment), segment, events: events, nextSequence: nextSequence, chain: chain)
  }

  private func started(
    _ file: AppendFile, _ segment: UInt64, events: [(time: Timestamp, event: JournalEvent)], nextSequence: UInt64,
    chain: ChainValue
  ) throws(Refusal) -> Recovery {
    try usingFile(file) { file throws(FileError) in try file.truncate(to: 0) }
    return Recovery(
      events: events, state: JournalState(nextSequence: nextSequence, chain: chain), file: file,
      header: JournalFormat.header(segment: segment, firstSequence: nextSequence, chain: chain), end: 0,
      segment: segment, tornByteCount: 0)
  }

  private func usingFile<Result>(
    _ file: AppendFile, _ body: (AppendFile) throws(FileError) -> Result
  ) throws(Refusal) -> Result {
    do throws(FileError) {
      return try body(file)
    } catch {
      throw JournalStore.refusal(error, file.path)
    }
  }

  private func open(_ segment: UInt64) throws(Refusal) -> AppendFile {
    let path = directory.file(JournalStore.name(segment))
    do throws(FileError) {
      return try AppendFile(path: path)
    } catch {
      throw JournalStore.refusal(error, path)
    }
  }

  private static func read(
    _ bytes: [UInt8], _ segment: UInt64, isLast: Bool, _ previous: (nextSequence: UInt64, chain: ChainValue)?
  ) throws(Refusal) -> JournalReader.Contents {
    do throws(JournalDamage) {
      return try JournalReader.read(
        bytes, segment: segment, isLast: isLast, continuing: previous, digest: SHA256Chain())
    } catch {
      throw error.refusal
    }
  }

  private static func decode(
    _ contents: JournalReader.Contents, _ bytes: [UInt8], _ segment: UInt64,
    into events: inout [(time: Timestamp, event: JournalEvent)]
  ) throws(Refusal) {
    for entry in contents.entries {
      var reader = RecordReader(bytes, range: entry.payload)
      do throws(RecordReader.Malformed) {
        events.append((entry.time, try JournalEvent(type: entry.type, reader: &reader)))
      } catch {
        throw JournalDamage(
          segment: segment, offset: error.offset, sequence: entry.sequence, kind: .payload(type: entry.type)
        ).refusal
      }
    }
  }

  private static func refusal(_ error: FileError, _ path: String) -> Refusal {
    if error.code == .locked {
      return Refusal(
        code: "journal.inUse", cause: "another engine is running on \(path)",
        fix: "stop it first, or give this one a DATA_DIR of its own")
    }
    return Refusal(
      code: "journal.unusable", cause: "\(path): \(error)",
      fix: "check that this user may write there and that the disk has room")
  }
}
