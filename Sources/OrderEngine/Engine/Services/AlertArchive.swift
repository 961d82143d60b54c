package import Actors
package import OrderDomain

/// Alerts that are too old for the engine's memory, from the journal: one search at a time, on a thread that gives way.
package actor AlertArchive {
  /// Finds an alert in the files. Blocks.
  package typealias Search = @Sendable (AlertIdentity) -> Result<JournalFold.Alert?, Refusal>

  /// Searches that wait for their turn, at most: each may read all that is kept.
  package static let waitingLimit = 16

  private let search: Search
  private let executor: any SerialExecutor
  private var isSearching = false
  private var waiting: [CheckedContinuation<Void, Never>] = []

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the executor alive.
    unsafe executor.asUnownedSerialExecutor()
  }

  package init(executor: any SerialExecutor, search: @escaping Search) {
    self.executor = executor
    self.search = search
  }

  /// Throws when too many are waiting, or the journal cannot be read.
  package func alert(_ identity: AlertIdentity) async throws(Refusal) -> JournalFold.Alert? {
    if isSearching {
      guard waiting.count < AlertArchive.waitingLimit else { throw AlertArchive.busy }
      await withCheckedContinuation { waiting.append($0) }
    }
    isSearching = true
    let search = search
    let found = await BlockingWork.runAside { search(identity) }
    if waiting.isEmpty { isSearching = false } else { waiting.removeFirst().resume() }
    return try found.get()
  }

  private static let busy = Refusal(
    code: "alert.archiveBusy", cause: "\(waitingLimit) searches of the journal are waiting already",
    fix: "ask again later, or look with order-engine journal show --alert")
}
