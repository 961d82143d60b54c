import Actors
import OrderEngine

/// The snapshots beside the journal's segments. Each is whole once it has its name; the disk may damage it later.
struct SimulatedSnapshots {
  private static let limit = 2
  /// The newest last.
  private var files: [[UInt8]] = []

  /// The newest one that is whole, as a start reads it.
  var newest: JournalSnapshot? {
    for bytes in files.reversed() {
      do throws(JournalSnapshot.Damage) {
        return try JournalSnapshot(bytes, digest: SHA256Chain())
      } catch {
        // Then the one before it, as the engine does.
        continue
      }
    }
    return nil
  }

  mutating func add(_ snapshot: JournalSnapshot) {
    files.append(snapshot.encoded(digest: SHA256Chain()))
    if files.count > SimulatedSnapshots.limit { files.removeFirst() }
  }

  /// Sometimes the newest one has a bit that is wrong.
  mutating func losePower(_ chance: inout Chance) {
    guard !files.isEmpty, chance.perMille(250) else { return }
    let place = chance.below(files[files.count - 1].count)
    files[files.count - 1][place] ^= UInt8(1 << chance.below(8))
  }
}
