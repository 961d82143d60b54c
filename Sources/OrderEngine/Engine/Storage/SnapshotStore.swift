import Actors
import OrderDomain

/// The journal's snapshots in the data directory. Everything here blocks.
struct SnapshotStore {
  let directory: DataDirectory

  static func name(_ sequence: UInt64) -> String {
    let digits = String(sequence)
    return "snapshot-\(String(repeating: "0", count: max(0, 12 - digits.count)))\(digits).oes"
  }

  static func sequence(_ name: String) -> UInt64? {
    guard name.hasPrefix("snapshot-"), name.hasSuffix(".oes") else { return nil }
    return UInt64(name.dropFirst(9).dropLast(4))
  }

  /// A snapshot that cannot be used.
  struct Damaged {
    let name: String
    let damage: JournalSnapshot.Damage
  }

  /// The last sequence that each covers, ascending.
  func sequences() throws(Refusal) -> [UInt64] { try directory.names().compactMap(SnapshotStore.sequence).sorted() }

  /// The newest one that is whole, and those newer ones that are not.
  func newest() throws(Refusal) -> (snapshot: JournalSnapshot?, damaged: [Damaged]) {
    var damaged: [Damaged] = []
    for sequence in try sequences().reversed() {
      switch try read(sequence) {
      case .success(let snapshot): return (snapshot, damaged)
      case .failure(let damage): damaged.append(Damaged(name: SnapshotStore.name(sequence), damage: damage))
      }
    }
    return (nil, damaged)
  }

  func read(_ sequence: UInt64) throws(Refusal) -> Result<JournalSnapshot, JournalSnapshot.Damage> {
    let path = directory.file(SnapshotStore.name(sequence))
    let bytes = try DataDirectory.read(path, limit: JournalStore.segmentLimit) ?? []
    do throws(JournalSnapshot.Damage) {
      let snapshot = try JournalSnapshot(bytes, digest: SHA256Chain())
      return snapshot.lastSequence == sequence ? .success(snapshot) : .failure(.notASnapshot)
    } catch {
      return .failure(error)
    }
  }

  /// Whole or not at all, and its name on the disk when this returns.
  func write(_ snapshot: JournalSnapshot) throws(Refusal) {
    try directory.write(snapshot.encoded(digest: SHA256Chain()), to: SnapshotStore.name(snapshot.lastSequence))
    try directory.sync()
  }

  /// Halves of snapshots that a crash left.
  func removeUnfinished() throws(Refusal) {
    for name in try directory.names() where name.hasPrefix("snapshot-") && name.hasSuffix(".oes.new") {
      try directory.remove(name)
    }
  }
}
