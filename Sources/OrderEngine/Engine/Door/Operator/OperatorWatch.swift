import OrderDomain

/// Notices within seconds that keys or the password were changed by a command, as long as its task lives: a revoked key
/// must not open anything until the next restart.
struct OperatorWatch: Sendable {
  static let pause = Duration.seconds(2)

  let files: OperatorFiles
  let clock: any MonotonicClock
  let alarm: @Sendable (Refusal) -> Void
  /// Called on the engine's thread, when its task prefers that.
  let changed: @Sendable (Change) -> Void

  enum Change: Sendable {
    case keys(APIKeyRing)
    case password
  }

  /// - Parameter since: what the files were when they were read last.
  func run(since: OperatorFiles.Stamp) async {
    var last = since
    while true {
      // Cancelled when the engine stops.
      do { try await clock.sleep(for: OperatorWatch.pause) } catch { return }
      let (files, known) = (files, last)
      let found: (stamp: OperatorFiles.Stamp, keys: Result<APIKeyRing, Refusal>)? = await BlockingWork.run {
        let stamp = files.stamp()
        return stamp == known ? nil : (stamp: stamp, keys: files.readKeys())
      }
      guard let found else { continue }
      if found.stamp.password != last.password { changed(.password) }
      let areKeysChanged = found.stamp.keys != last.keys
      last = found.stamp
      guard areKeysChanged else { continue }
      switch found.keys {
      case .success(let keys): changed(.keys(keys))
      // The keys of before stay, and a person is told, once for each change.
      case .failure(let refusal): alarm(refusal)
      }
    }
  }
}

extension OperatorFiles {
  func readKeys() -> Result<APIKeyRing, Refusal> {
    do throws(Refusal) { return .success(try keys()) } catch { return .failure(error) }
  }
}
