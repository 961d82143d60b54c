import Actors
import OrderDomain

/// Why segments could not be read to their end.
enum SegmentReadFailure: Error {
  case damage(JournalDamage)
  case unreadable(Refusal)

  var refusal: Refusal {
    switch self {
    case .damage(let damage): damage.refusal
    case .unreadable(let refusal): refusal
    }
  }
}

/// The segments of a data directory one after the other, read only. At most one is in memory at a time.
struct SegmentSequence {
  struct Ending {
    var position = JournalPosition.start
    /// The last segment's size; 0 when there is none.
    var segmentByteCount: UInt64 = 0
    var tornByteCount = 0
    var recordCount = 0
    var commitCount = 0
    var byteCount: UInt64 = 0
  }

  let directory: DataDirectory

  /// Every segment's number, ascending; those that were made ahead and hold nothing are left out, unless there is no other.
  func numbers() throws(SegmentReadFailure) -> [UInt64] {
    let names: [String]
    do throws(Refusal) { names = try directory.names() } catch { throw .unreadable(error) }
    var numbers = names.compactMap(JournalStore.number).sorted()
    while numbers.count > 1, let last = numbers.last, try isBlank(last) { numbers.removeLast() }
    return numbers
  }

  /// Gives each record to `body` in order, from `start` on.
  ///
  /// - Parameters:
  ///   - start: `nil` for the first segment's first record.
  ///   - first: the segment to begin with when there is no `start`; only a journal whose older segments were removed
  ///     begins later than with 1.
  ///   - last: nothing behind this segment is read, and it must be whole: it is not the one that is being written.
  ///   - segmentEnded: told where each ends.
  func read(
    from start: JournalPosition? = nil, first: UInt64 = 1, through last: UInt64? = nil,
    segmentEnded: (JournalPosition) -> Void = { _ in }, _ body: (_ event: JournalEvent, _ entry: JournalEntry) -> Void
  ) throws(SegmentReadFailure) -> Ending {
    var ending = Ending()
    var previous = start
    let first = start?.place.segment ?? first
    let numbers = try numbers().filter { $0 >= first && $0 <= last ?? .max }
    ending.position = start ?? .start
    if numbers.isEmpty, start != nil { throw missing(first, previous) }
    for (index, number) in numbers.enumerated() {
      guard number == first + UInt64(index) else { throw missing(first + UInt64(index), previous) }
      let bytes = try bytes(number)
      let segment = try SegmentSequence.read(
        bytes, number, isLast: last == nil && index == numbers.count - 1, continuing: previous, body)
      previous = segment.position
      segmentEnded(segment.position)
      ending.position = segment.position
      ending.segmentByteCount = UInt64(bytes.count)
      ending.tornByteCount = segment.tornByteCount
      ending.recordCount += segment.recordCount
      ending.commitCount += segment.commitCount
      ending.byteCount += segment.position.place.offset
    }
    return ending
  }

  private func missing(_ segment: UInt64, _ previous: JournalPosition?) -> SegmentReadFailure {
    .damage(
      JournalDamage(segment: segment, offset: 0, sequence: previous?.nextSequence ?? 1, kind: .missing))
  }

  private static func read(
    _ bytes: [UInt8], _ number: UInt64, isLast: Bool, continuing previous: JournalPosition?,
    _ body: (JournalEvent, JournalEntry) -> Void
  ) throws(SegmentReadFailure) -> JournalReader.Ending {
    do throws(JournalDamage) {
      return try JournalReader.read(
        bytes, segment: number, isLast: isLast, continuing: previous, digest: SHA256Chain()
      ) { entry throws(JournalDamage) in
        var reader = RecordReader(bytes, range: entry.payload)
        do throws(RecordReader.Malformed) {
          body(try JournalEvent(type: entry.type, reader: &reader), entry)
        } catch {
          throw JournalDamage(
            segment: number, offset: error.offset, sequence: entry.sequence, kind: .payload(type: entry.type))
        }
      }
    } catch {
      throw .damage(error)
    }
  }

  private func isBlank(_ number: UInt64) throws(SegmentReadFailure) -> Bool {
    do throws(Refusal) {
      let path = directory.file(JournalStore.name(number))
      guard let head = try DataDirectory.read(path, limit: JournalStore.segmentLimit, first: 4096) else { return true }
      guard JournalReader.isBlank(head) else { return false }
      return JournalReader.isBlank(try read(path))
    } catch {
      throw .unreadable(error)
    }
  }

  private func bytes(_ number: UInt64) throws(SegmentReadFailure) -> [UInt8] {
    do throws(Refusal) { return try read(directory.file(JournalStore.name(number))) } catch { throw .unreadable(error) }
  }

  private func read(_ path: String) throws(Refusal) -> [UInt8] {
    try DataDirectory.read(path, limit: JournalStore.segmentLimit) ?? []
  }
}
