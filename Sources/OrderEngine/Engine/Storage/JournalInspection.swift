package import Actors
package import OrderDomain

/// Looks at a journal and its snapshots without changing anything, also while an engine writes it.
package struct JournalInspection: Sendable {
  /// Which records are wanted.
  package struct Filter: Sendable {
    package var alert: AlertIdentity?
    /// The first sequence.
    package var from: UInt64
    /// The last so many of them.
    package var last: Int?

    package init(alert: AlertIdentity? = nil, from: UInt64 = 0, last: Int? = nil) {
      self.alert = alert
      self.from = from
      self.last = last
    }
  }

  /// The most lines that `last` keeps.
  package static let lastLimit = 100_000

  let directory: DataDirectory

  /// Throws when there is no such directory.
  package init(path: String) throws(Refusal) { directory = try DataDirectory(existing: path) }

  // MARK: Records

  /// Gives each wanted record as a line, in words or as JSON.
  package func lines(_ filter: Filter, asJSON: Bool, _ emit: ([UInt8]) -> Void) throws(Refusal) {
    var kept: [[UInt8]] = []
    var head = 0
    do throws(SegmentReadFailure) {
      _ = try SegmentSequence(directory: directory).read(first: try firstSegment()) { event, entry in
        guard entry.sequence >= filter.from, filter.alert.map({ event.concerns($0) }) ?? true else { return }
        let line =
          asJSON
          ? event.json(entry)
          : Array("\(entry.sequence)  \(entry.time.indianDescription)  \(event.words)".utf8)
        guard let last = filter.last else { return emit(line) }
        if kept.count < last {
          kept.append(line)
        } else if last > 0 {
          kept[head] = line
          head = (head + 1) % last
        }
      }
    } catch {
      for line in kept[head...] + kept[..<head] { emit(line) }
      throw error.refusal
    }
    for line in kept[head...] + kept[..<head] { emit(line) }
  }

  /// All that the journal says of one alert; `nil` when it does not know it.
  package func alert(_ identity: AlertIdentity) throws(Refusal) -> JournalFold.Alert? {
    var fold = JournalFold()
    do throws(SegmentReadFailure) {
      _ = try SegmentSequence(directory: directory).read(first: try firstSegment()) { event, entry in
        if event.concerns(identity) { fold.fold(event, at: entry.time) }
      }
    } catch {
      throw error.refusal
    }
    return fold.keptAlerts.first
  }

  /// Older segments may have been removed.
  private func firstSegment() throws(SegmentReadFailure) -> UInt64 {
    try SegmentSequence(directory: directory).numbers().first ?? 1
  }

  // MARK: Verdict

  /// Walks everything.
  package func verify() throws(Refusal) -> JournalVerdict {
    var verdict = JournalVerdict()
    var first: Timestamp?
    var last: Timestamp?
    var chains: [UInt64: ChainValue] = [:]
    do throws(SegmentReadFailure) {
      let sequence = SegmentSequence(directory: directory)
      let numbers = try sequence.numbers()
      verdict.segmentCount = numbers.count
      let ending = try sequence.read(
        first: numbers.first ?? 1, segmentEnded: { chains[$0.nextSequence] = $0.chain }
      ) { event, entry in
        first = first ?? entry.time
        last = max(last ?? entry.time, entry.time)
        verdict.count(event)
      }
      verdict.end = ending.position
      verdict.commitCount = ending.commitCount
      verdict.byteCount = ending.byteCount
      verdict.unfinishedByteCount = ending.tornByteCount
    } catch {
      switch error {
      case .damage(let damage): verdict.damage = damage
      case .unreadable(let refusal): throw refusal
      }
    }
    verdict.firstTime = first
    verdict.lastTime = last
    let snapshots = SnapshotStore(directory: directory)
    for sequence in try snapshots.sequences() {
      switch try snapshots.read(sequence) {
      case .success(let snapshot):
        let isOwn = chains[snapshot.position.nextSequence].map { $0 == snapshot.position.chain } ?? true
        verdict.snapshots.append((SnapshotStore.name(sequence), isOwn ? nil : "of another journal"))
      case .failure(let damage): verdict.snapshots.append((SnapshotStore.name(sequence), "\(damage)"))
      }
    }
    return verdict
  }
}
