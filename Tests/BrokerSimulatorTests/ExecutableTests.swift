import BrokerSimulation
import Foundation
import OrderDomain
import Testing

/// The built program as its users start it.
@Suite(.timeLimit(.minutes(2)))
struct ExecutableTests {
  private static let binary: URL = {
    let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    let beside = own.appendingPathComponent("broker-simulator")
    if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
    return URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent("broker-simulator")
  }()

  @Test func `it prints where it listens as one line of JSON, and ends on SIGTERM`() throws {
    let process = Process()
    process.executableURL = Self.binary
    process.arguments = ["--port", "0", "--control-port", "0", "--accounts", "2"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    var line = Data()
    while !line.contains(UInt8(ascii: "\n")) {
      let more = pipe.fileHandleForReading.availableData
      if more.isEmpty { break }
      line += more
    }
    let bytes = Array(line)
    let json = try JSONValue(parsing: bytes.span)
    #expect(json["dhan"]?.elements?.count == 2)
    #expect(json["fyers"]?.elements?.count == 2)
    let port = try #require(json["control_port"]?.integer.flatMap { UInt16(exactly: $0) })
    let client = try RawClient(port: port)
    try client.send("GET /settings HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try client.readAnswer().status == 200)
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(process.terminationReason == .exit)
  }
}
