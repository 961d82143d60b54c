package import Actors
package import OrderDomain
package import Ring

/// The journal's segments in the data directory, as a start reads them.
package struct JournalStore: Sendable {
  /// All that the journal remembers, and where it goes on.
  package struct Recovered: Sendable {
    package var fold: JournalFold
    package var position: JournalPosition
    /// What the segment was made with.
    package var segmentByteCount: UInt64
    package var file: AppendFile
    /// Held as long as the engine runs: one engine a directory.
    package var lock: AppendFile
    /// Bytes of a commit that a crash had left half written; they were never acknowledged.
    package var tornByteCount: Int
    package var recordCount: Int
  }

  /// No segment is larger: its setting ends at 1 GiB, and one commit may go beyond it.
  static let segmentLimit = 2 << 30

  let directory: DataDirectory

  package init(directory: DataDirectory) { self.directory = directory }

  static func name(_ segment: UInt64) -> String { "journal-\(String(1_000_000_000 + segment).dropFirst()).log" }

  static func number(_ name: String) -> UInt64? {
    guard name.hasPrefix("journal-"), name.hasSuffix(".log") else { return nil }
    return UInt64(name.dropFirst(8).dropLast(4))
  }

  /// Zeros on the disk, name and all. Blocks.
  static func makeSegment(_ path: String, byteCount: UInt64) throws(FileError) -> AppendFile {
    var options = AppendFile.Options()
    options.lock = false
    let file = try AppendFile(path: path, options: options)
    try file.preallocateZeroed(to: byteCount)
    // One that was there already may not have been flushed.
    try file.truncate(to: byteCount)
    return file
  }

  /// Blocks: takes the directory's lock, reads every segment, and cuts a torn tail.
  package func recover() throws(Refusal) -> Recovered {
    let lock = try lock()
    var fold = JournalFold()
    let ending: SegmentSequence.Ending
    do throws(SegmentReadFailure) {
      ending = try SegmentSequence(directory: directory).read { fold.fold($0, at: $1.time) }
    } catch {
      throw error.refusal
    }
    let segment = ending.position.place.segment
    let path = directory.file(JournalStore.name(segment))
    do throws(FileError) {
      let file: AppendFile
      var size = ending.segmentByteCount
      if ending.position.place.offset == 0 || ending.tornByteCount > 0 {
        var options = AppendFile.Options()
        options.lock = false
        try AppendFile(path: path, options: options).truncate(to: ending.position.place.offset)
        size = max(size, JournalSettings.leastSegmentByteCount)
        file = try JournalStore.makeSegment(path, byteCount: size)
      } else {
        var options = AppendFile.Options()
        options.lock = false
        file = try AppendFile(path: path, options: options)
      }
      return Recovered(
        fold: fold, position: ending.position, segmentByteCount: size, file: file, lock: lock,
        tornByteCount: ending.tornByteCount, recordCount: ending.recordCount)
    } catch {
      throw JournalStore.refusal(error, path)
    }
  }

  private func lock() throws(Refusal) -> AppendFile {
    let path = directory.file("journal.lock")
    do throws(FileError) {
      return try AppendFile(path: path)
    } catch {
      throw JournalStore.refusal(error, path)
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
