package import Actors
internal import Glibc
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
    /// Records that were read, behind the snapshot.
    package var recordCount: Int
    /// What the snapshot covers that was read; 0 without one.
    package var snapshotSequence: UInt64
    /// Snapshots that had to be left aside, and why.
    package var damagedSnapshots: [String]
  }

  /// No segment is larger: its setting ends at 1 GiB, and one commit may go beyond it.
  static let segmentLimit = 2 << 30

  let directory: DataDirectory
  /// Whether writes go past the page cache: then a flush has nothing to do but to wait for the device. Where orders leave
  /// before the flush they must not: what is in the page cache outlasts the process at once, and the device's time is what
  /// shall be saved.
  private let isDirect: Bool

  package init(directory: DataDirectory, durability: Durability = .strict) {
    self.directory = directory
    isDirect = durability == .strict
  }

  static func name(_ segment: UInt64) -> String { "journal-\(String(1_000_000_000 + segment).dropFirst()).log" }

  static func number(_ name: String) -> UInt64? {
    guard name.hasPrefix("journal-"), name.hasSuffix(".log") else { return nil }
    return UInt64(name.dropFirst(8).dropLast(4))
  }

  /// - Parameter isDirect: past the page cache, where the file system allows it.
  private static func openSegment(_ path: String, isDirect: Bool) throws(FileError) -> AppendFile {
    var options = AppendFile.Options()
    // The directory's lock is enough; a segment is read by others meanwhile.
    options.lock = false
    options.direct = isDirect
    do throws(FileError) {
      return try AppendFile(path: path, options: options)
    } catch {
      guard isDirect, error.code == .openFailed, error.errno.rawValue == EINVAL else { throw error }
      options.direct = false
      return try AppendFile(path: path, options: options)
    }
  }

  /// Zeros on the disk, name and all, up to the next whole block. Blocks.
  static func makeSegment(_ path: String, byteCount: UInt64, isDirect: Bool) throws(FileError) -> AppendFile {
    let file = try openSegment(path, isDirect: isDirect)
    let byteCount = SegmentLog.blockStart(byteCount + SegmentLog.blockByteCount - 1)
    try file.preallocateZeroed(to: byteCount)
    // One that was there already may not have been flushed.
    try file.truncate(to: byteCount)
    return file
  }

  /// Blocks: takes the directory's lock, reads the newest snapshot and every segment behind it, and cuts a torn tail.
  package func recover() throws(Refusal) -> Recovered {
    let lock = try lock()
    let snapshots = SnapshotStore(directory: directory)
    try snapshots.removeUnfinished()
    let (snapshot, damaged) = try snapshots.newest()
    var fold = snapshot?.fold ?? JournalFold()
    let ending: SegmentSequence.Ending
    do throws(SegmentReadFailure) {
      ending = try SegmentSequence(directory: directory).read(from: snapshot?.position) { fold.fold($0, at: $1.time) }
    } catch {
      throw error.refusal
    }
    let place = ending.position.place
    let path = directory.file(JournalStore.name(place.segment))
    do throws(FileError) {
      let size = max(ending.segmentByteCount, JournalSettings.leastSegmentByteCount)
      if ending.tornByteCount > 0 { try JournalStore.openSegment(path, isDirect: isDirect).truncate(to: place.offset) }
      // Flushed as a whole: the next seal says that all before it is durable.
      return Recovered(
        fold: fold, position: ending.position, segmentByteCount: size,
        file: try JournalStore.makeSegment(path, byteCount: size, isDirect: isDirect), lock: lock,
        tornByteCount: ending.tornByteCount,
        recordCount: ending.recordCount, snapshotSequence: snapshot?.lastSequence ?? 0,
        damagedSnapshots: damaged.map { "\($0.name): \($0.damage)" })
    } catch {
      throw JournalStore.refusal(error, path)
    }
  }

  /// What the journal goes on being written by. Blocks.
  static func log(
    _ recovered: Recovered, in directory: DataDirectory, loop: EventLoop
  ) throws(Refusal) -> SegmentLog {
    do throws(FileError) {
      let place = recovered.position.place
      let block = try recovered.file.read(
        Int(SegmentLog.blockByteCount), at: SegmentLog.blockStart(place.offset))
      return SegmentLog(loop: loop, directory: directory, place: place, file: recovered.file, block: block)
    } catch {
      throw refusal(error, recovered.file.path)
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
