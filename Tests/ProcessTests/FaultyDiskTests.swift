import Foundation
import Testing

/// Real processes whose disk is full or broken, by the kernel's own word.
@Suite("What a disk did not keep was never promised", .timeLimit(.minutes(3)))
struct FaultyDiskTests {
  private static let secret = "the-secret-of-the-faulty-disk"
  private let environment = ["WEBHOOK_SECRET": secret, "OPERATOR_TOKEN": "operator", "JOURNAL_SEGMENT_MEGABYTES": "1"]

  private func alert(_ id: String) -> String { AlertBodies.market(Self.secret, quantity: "1", id: id) }

  /// Posts until something else than 200 is answered, at most so many: ids that were accepted, ids that were not.
  private func post(_ count: Int, _ prefix: String, to port: UInt16) throws -> (accepted: [String], refused: [String]) {
    let client = try RawClient(port: port)
    var (accepted, refused): ([String], [String]) = ([], [])
    for number in 0..<count where refused.count < 20 {
      let id = "\(prefix)-\(number)"
      let answer = try client.post("/webhook", alert(id))
      if answer.status == 200 {
        #expect(refused.isEmpty, "\(id) was accepted behind one that was not")
        accepted.append(id)
      } else {
        #expect(answer.status == 503)
        refused.append(id)
      }
    }
    return (accepted, refused)
  }

  private func expect(_ ids: [String], are status: String, on engine: EngineProcess) throws {
    let client = try RawClient(port: engine.port)
    for id in ids {
      let answer = try client.post("/webhook", alert(id))
      #expect(answer.json["status"] as? String == status, "\(id)")
    }
  }

  @Test(
    "a flush that fails once is not believed when it works again", arguments: ["strict", "overlapped"])
  func flushFails(_ durability: String) throws {
    // Threads that write and flush are the epoll twin's: the ring's would not be seen by strace.
    let environment = environment.merging(["EVENT_LOOP": "epoll", "DURABILITY": durability]) { $1 }
    let engine = try EngineProcess(environment: environment, launcher: Strace.failing("fdatasync", "EIO", at: 8))
    let (accepted, refused) = try post(3_000, "eio", to: engine.port)
    #expect(refused.count == 20)
    let client = try RawClient(port: engine.port)
    #expect(try client.post("/webhook", alert("later")).errorCodes.first?.hasPrefix("journal.") == true)
    #expect(try client.get("/ready").status == 503)
    #expect(try client.get("/health").status == 200)
    #expect(try client.get("/api/v1/orders", token: "operator").status == 200)
    engine.killAtOnce()

    let again = try EngineProcess(directory: engine.directory, environment: environment)
    try expect(accepted, are: "duplicate", on: again)
    // Carried out when it is sent again, or known: never twice.
    _ = try post(refused.count, "eio", to: again.port)
    #expect(try RawClient(port: again.port).get("/ready").status == 200)
    #expect(again.stop() == 0)
  }

  // Containers mostly forbid name spaces of their own. What this shows is shown everywhere, without a file system that is
  // really full, by LifeTests (a limit on the size of files) and JournalRoomTests (a scripted disk).
  @Test(
    "a full disk refuses within 100 ms, reads go on, and with room again the engine does too",
    .enabled(if: SmallDisk.isPossible), arguments: ["uring", "epoll"])
  func fullDisk(_ loop: String) throws {
    let disk = try SmallDisk(megabytes: 24)
    let environment = environment.merging(["EVENT_LOOP": loop]) { $1 }
    let engine = try EngineProcess(directory: disk.path, environment: environment, launcher: disk.launcher)
    var (accepted, _) = try post(20, "before", to: engine.port)
    try disk.fill()
    let (more, refused) = try post(5_000, "filling", to: engine.port)
    accepted += more
    #expect(refused.count == 20)
    let client = try RawClient(port: engine.port)
    let clock = ContinuousClock()
    let start = clock.now
    #expect(try client.post("/webhook", alert("timed")).errorCodes == ["journal.diskFull"])
    #expect(clock.now - start < .milliseconds(100))
    #expect(try client.get("/ready").status == 503)
    #expect(try client.get("/api/v1/orders", token: "operator").status == 200)

    try disk.free()
    var isReady = false
    for _ in 0..<200 where !isReady {
      usleep(50_000)
      isReady = try client.get("/ready").status == 200
    }
    #expect(isReady)
    accepted += try post(20, "after", to: engine.port).accepted
    engine.killAtOnce()

    let again = try EngineProcess(directory: disk.path, environment: environment, launcher: disk.launcher)
    try expect(accepted, are: "duplicate", on: again)
    try expect(refused, are: "accepted", on: again)
    #expect(again.stop() == 0)
  }
}

/// Lets one system call of each thread of a process fail. The tracer is a child of the process, which stays the same.
private enum Strace {
  /// `make test` installs it.
  private static let path = "/usr/bin/strace"

  static func failing(_ call: String, _ error: String, at number: Int) -> [String] {
    let injection = "inject=\(call):error=\(error):when=\(number)"
    return [path, "-D", "-f", "-qq", "-o", "/dev/null", "-e", "trace=\(call)", "-e", injection]
  }
}
