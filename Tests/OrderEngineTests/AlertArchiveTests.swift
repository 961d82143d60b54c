import Actors
import Glibc
import OrderDomain
import Synchronization
import TestSupport
import Testing

@testable import OrderEngine

@Suite("Old alerts are looked up one search at a time", .timeLimit(.minutes(1)))
struct AlertArchiveTests {
  private struct Load {
    var running = 0
    var most = 0
    var count = 0
    var codes: [String] = []
  }

  private final class Counter: Sendable { let load = Mutex(Load()) }

  @Test func `searches never overlap, and each is answered`() async throws {
    let counter = Counter()
    let archive = AlertArchive(executor: SerialQueueExecutor()) { _ in
      counter.load.withLock { load in
        load.running += 1
        load.count += 1
        load.most = max(load.most, load.running)
      }
      counter.load.withLock { $0.running -= 1 }
      return .success(nil)
    }
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<10 {
        group.addTask {
          do throws(Refusal) { return try await archive.alert(Sample.alert) == nil } catch { return false }
        }
      }
      for await answer in group { #expect(answer) }
    }
    let load = counter.load.withLock { $0 }
    #expect(load.most == 1)
    #expect(load.count == 10)
  }

  @Test func `beyond its limit a search is refused, and those that wait are not forgotten`() async {
    let gate = Gate()
    let archive = AlertArchive(executor: SerialQueueExecutor()) { _ in
      gate.wait()
      return .success(nil)
    }
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<(AlertArchive.waitingLimit + 4) {
        group.addTask {
          do throws(Refusal) {
            _ = try await archive.alert(Sample.alert)
            counter.load.withLock { $0.codes.append("") }
          } catch {
            counter.load.withLock { $0.codes.append(error.code) }
            // The one that runs and those that wait hold all the places: three are refused.
            if counter.load.withLock({ $0.codes.count }) == 3 { gate.open() }
          }
        }
      }
    }
    let codes = counter.load.withLock { $0.codes }
    #expect(codes.filter { $0 == "alert.archiveBusy" }.count == 3)
    #expect(codes.filter(\.isEmpty).count == AlertArchive.waitingLimit + 1)
  }

  @Test func `what cannot be read is said`() async {
    let archive = AlertArchive(executor: SerialQueueExecutor()) { _ in
      .failure(Refusal(code: "journal.damaged", cause: "c", fix: "f"))
    }
    await #expect(throws: Refusal(code: "journal.damaged", cause: "c", fix: "f")) {
      try await archive.alert(Sample.alert)
    }
  }
}

/// Holds threads up until it is opened.
private final class Gate: Sendable {
  private let isOpen = Atomic(false)

  func open() { isOpen.store(true, ordering: .releasing) }

  func wait() {
    while !isOpen.load(ordering: .acquiring) { usleep(1_000) }
  }
}
