import Foundation
import OrderDomain
import TestSupport

@testable import Actors
@testable import OrderEngine

/// A journal of several small segments in a directory of its own, and what a start should make of it.
final class JournalFiles {
  let directory: DataDirectory
  private var state = JournalState()
  private var source: HistorySource
  private(set) var files: [UInt64: [UInt8]] = [:]
  private(set) var fold = JournalFold(latestLimit: JournalFold.standardLatestLimit)
  /// Where each commit ends, with what a start knows then.
  private(set) var ends: [(place: LogPlace, knowledge: [UInt8])] = []
  private(set) var recordCount = 0

  init(seed: UInt64) throws {
    source = HistorySource(seed: seed)
    directory = try DataDirectory(
      path: FileManager.default.temporaryDirectory.path + "/journal-files-" + UUID().uuidString)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: directory.path) } catch { print("left behind: \(error)") }
  }

  var position: JournalPosition { state.position }

  /// Adds commits of so many events each.
  func commit(_ counts: [Int], endingWith last: JournalEvent? = nil) {
    for count in counts {
      for _ in 0..<count {
        let (event, time) = source.next()
        add(event, at: time)
      }
      seal()
    }
    if let last {
      add(last, at: source.time)
      seal()
    }
  }

  private func add(_ event: JournalEvent, at time: Timestamp) {
    var payload = RecordWriter()
    event.encode(to: &payload)
    _ = state.append(type: event.type, time: time, payload: payload.bytes)
    fold.fold(event, at: time)
    recordCount += 1
  }

  private func seal() {
    let commit = certain(state.beginCommit(at: source.time, digest: SHA256Chain()))
    var file = files[commit.place.segment] ?? []
    file.replaceSubrange(Int(commit.place.offset)..., with: commit.bytes)
    files[commit.place.segment] = file
    _ = state.commitWritten()
    ends.append((state.position.place, JournalFiles.knowledge(fold)))
  }

  /// The journal goes on in the next segment.
  func nextSegment() {
    var position = state.position
    position.place = LogPlace(segment: position.place.segment + 1, offset: 0)
    state = JournalState(at: position)
  }

  /// Everything that a fold knows, as bytes that can be compared.
  static func knowledge(_ fold: JournalFold) -> [UInt8] {
    JournalSnapshot(position: .start, fold: fold).encoded(digest: SHA256Chain())
  }

  func path(_ segment: UInt64) -> String { directory.file(JournalStore.name(segment)) }

  /// Puts the files down, each with zeros behind.
  func write(zeros: Int = 300) throws {
    for (segment, bytes) in files { try put(bytes + [UInt8](repeating: 0, count: zeros), segment) }
  }

  func put(_ bytes: [UInt8], _ segment: UInt64) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: path(segment)))
  }

  /// What a start would know, read as a start reads; or why it would refuse.
  func read() -> Result<(knowledge: [UInt8], ending: SegmentSequence.Ending), SegmentReadFailure> {
    var fold = JournalFold()
    do throws(SegmentReadFailure) {
      let ending = try SegmentSequence(directory: directory).read { fold.fold($0, at: $1.time) }
      return .success((JournalFiles.knowledge(fold), ending))
    } catch {
      return .failure(error)
    }
  }
}
