import Foundation
import Glibc
import Testing

/// The journal as its owner meets it: files, the commands that read them, and what each durability promises.
@Suite(.timeLimit(.minutes(3)))
struct JournalTests {
  private func listing(_ directory: String) throws -> [String: Data] {
    var files: [String: Data] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
      let path = directory + "/" + name
      var isDirectory: ObjCBool = false
      if FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue {
        files[name] = try Data(contentsOf: URL(fileURLWithPath: path))
      }
    }
    return files
  }

  private func object(_ text: some StringProtocol) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test("verify, show and export read the journal of a running engine, and change nothing")
  func commands() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    var alerts: [String] = []
    for number in 0..<5 {
      let answer = try client.post("/webhook?wait=1000", AlertBodies.market(engine.secret, id: "\(number)"))
      alerts.append(try #require(answer.json["alert_id"] as? String))
    }

    let (status, words) = try EngineProcess.run(["journal", "verify", "--data-dir", engine.directory])
    #expect(status == 0, "\(words)")
    #expect(words.contains("5 alerts"))
    #expect(words.contains("the journal is whole"))

    let (_, shown) = try EngineProcess.run(["journal", "show", "--data-dir", engine.directory, "--alert", alerts[2]])
    let lines = shown.split(separator: "\n")
    #expect(
      lines.first?.contains("alert \(alerts[2]) accepted: buy 10 RELIANCE at market on paper") == true, "\(shown)")
    #expect(lines.contains { $0.contains("filled for ₹") })
    #expect(!shown.contains(alerts[3]))
    let (_, last) = try EngineProcess.run(
      ["journal", "show", "--data-dir", engine.directory, "--last", "1", "--from", "3", "--json"])
    #expect(last.split(separator: "\n").count == 1)

    #expect(engine.stop() == 0)
    let before = try listing(engine.directory)
    let (exportStatus, exported) = try EngineProcess.run(["journal", "export", "--data-dir", engine.directory])
    #expect(exportStatus == 0)
    let records = try exported.split(separator: "\n").map { try object($0) }
    #expect(records.first?["type"] as? String == "engine_started")
    #expect(records.last?["type"] as? String == "engine_stopped")
    #expect(records.compactMap { $0["alert_id"] as? String } == alerts)
    #expect(records.contains { $0["report"] as? String == "filled" && $0["filled_quantity"] as? Int == 10 })
    #expect(!exported.contains(engine.secret))
    let (_, verdict) = try EngineProcess.run(["journal", "verify", "--data-dir", engine.directory, "--json"])
    #expect(try object(verdict)["records"] as? Int == records.count)
    #expect(try object(verdict)["whole"] as? Bool == true)
    #expect(try listing(engine.directory) == before)
  }

  @Test("verify names damage and ends with status 1; a directory that is not there is an error and is not made")
  func damage() throws {
    let engine = try EngineProcess()
    let client = try RawClient(port: engine.port)
    for number in 0..<3 {
      _ = try client.post("/webhook?wait=1000", AlertBodies.market(engine.secret, id: "\(number)"))
    }
    #expect(engine.stop() == 0)
    let path = engine.directory + "/journal-000000001.log"
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[200] ^= 1
    try bytes.write(to: URL(fileURLWithPath: path))
    let (status, words) = try EngineProcess.run(["journal", "verify", "--data-dir", engine.directory])
    #expect(status == 1)
    #expect(words.contains("segment 1 is damaged at offset"))
    let (_, json) = try EngineProcess.run(["journal", "verify", "--data-dir", engine.directory, "--json"])
    let found = try object(json)["damage"] as? [String: Any]
    #expect(found?["segment"] as? Int == 1)
    #expect((found?["offset"] as? Int).map { $0 <= 200 } == true)

    let missing = engine.directory + "/nowhere"
    #expect(try EngineProcess.run(["journal", "verify", "--data-dir", missing]).status != 0)
    #expect(!FileManager.default.fileExists(atPath: missing))
  }

  @Test("overlapped, kill -9 under load: every alert that was answered 200 is there after the restart")
  func overlapped() throws {
    let settings = ["DURABILITY": "overlapped"]
    let engine = try EngineProcess(environment: settings)
    let load = AlertLoad(engine)
    load.waitUntilAccepted(60)
    engine.killAtOnce()
    let accepted = load.finish()
    #expect(!accepted.isEmpty)
    let again = try EngineProcess(directory: engine.directory, environment: settings)
    let client = try RawClient(port: again.port)
    for id in accepted { #expect(try client.get("/api/v1/alerts/\(id)", token: again.operatorToken).status == 200) }
    #expect(again.stop() == 0)
    #expect(try EngineProcess.run(["journal", "verify", "--data-dir", engine.directory]).status == 0)
  }

  @Test("the journal changes its segment while alerts come, puts a snapshot down, and starts from it")
  func segments() throws {
    let settings = ["JOURNAL_SEGMENT_MEGABYTES": "1"]
    let engine = try EngineProcess(environment: settings)
    let client = try RawClient(port: engine.port)
    var count = 0
    func snapshots() throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: engine.directory).filter { $0.hasSuffix(".oes") }
    }
    while try snapshots().isEmpty, count < 6_000 {
      for _ in 0..<100 {
        let answer = try client.post("/webhook", AlertBodies.market(engine.secret, quantity: "1", id: "s\(count)"))
        #expect(answer.status == 200)
        count += 1
      }
    }
    // Who makes it gives way to alerts, and the machine may be busy.
    for _ in 0..<1_200 where try snapshots().isEmpty { usleep(50_000) }
    #expect(try !snapshots().isEmpty)
    engine.killAtOnce()

    let (status, words) = try EngineProcess.run(["journal", "verify", "--data-dir", engine.directory])
    #expect(status == 0, "\(words)")
    #expect(words.contains(": whole"))
    let again = try EngineProcess(directory: engine.directory, environment: settings)
    #expect(again.log.contains("journal.read"))
    #expect(!again.log.contains("\"snapshotSequence\":\"0\""))
    let other = try RawClient(port: again.port)
    for id in stride(from: 0, to: count, by: 97) {
      let answer = try other.post("/webhook", AlertBodies.market(again.secret, quantity: "1", id: "s\(id)"))
      #expect(answer.json["status"] as? String == "duplicate")
    }
    // Every unit that was bought, before the snapshot and behind it.
    var held = 0
    for _ in 0..<200 where held != count {
      let positions = try other.get("/api/v1/positions", token: again.operatorToken)
      held = ((positions.json["items"] as? [[String: Any]])?.first?["net_quantity"] as? Int) ?? 0
      if held != count { usleep(50_000) }
    }
    #expect(held == count)
    #expect(again.stop() == 0)
  }
}
