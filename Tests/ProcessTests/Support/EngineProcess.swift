import Foundation
import Glibc

/// The built engine as its users run it: a process with an environment, sockets and a directory.
final class EngineProcess: @unchecked Sendable {
  struct StartFailed: Error, CustomStringConvertible {
    let status: Int32
    let output: String
    var description: String { "exit \(status): \(output)" }
  }

  let directory: String
  /// 0 before it is ready.
  private(set) var port: UInt16 = 0
  private let process: Process
  private let output: OutputCollector

  var secret: String { read("webhook-secret") }
  var operatorToken: String { read("operator-token") }
  var log: String { output.text }
  var identifier: pid_t { process.processIdentifier }

  /// Starts the engine and returns once it takes alerts. Without `directory` it gets a new one.
  convenience init(
    directory: String? = nil, environment: [String: String] = [:], launcher: [String] = [], arguments: [String] = []
  ) throws {
    try self.init(
      starting: directory ?? EngineProcess.newDirectory(), environment: environment, launcher: launcher,
      arguments: arguments)
    _ = try waitUntilReady()
  }

  /// Starts the engine and returns at once. A launcher is a command that runs the one behind it as the same process.
  init(
    starting directory: String, environment: [String: String], launcher: [String] = [], arguments: [String] = []
  ) throws {
    self.directory = directory
    process = Process()
    let command = launcher + [EngineProcess.binary, "serve", "--port", "0", "--data-dir", directory] + arguments
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.currentDirectoryURL = URL(fileURLWithPath: EngineProcess.workingDirectory)
    process.environment = EngineProcess.environment(["WEBHOOK_RATE_LIMIT": "off"].merging(environment) { $1 })
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    output = OutputCollector(pipe.fileHandleForReading)
    try process.run()
  }

  /// Returns the port when the engine takes alerts.
  func waitUntilReady() throws -> UInt16 {
    guard let address = output.wait(for: "\"event\":\"engine.ready\"", seconds: 30),
      let range = address.range(of: "https?://(127\\.0\\.0\\.1|localhost):", options: .regularExpression),
      let port = UInt16(address[range.upperBound...].prefix { $0.isNumber })
    else {
      process.terminate()
      process.waitUntilExit()
      throw StartFailed(status: process.terminationStatus, output: output.text)
    }
    self.port = port
    return port
  }

  /// The first line of the log with `part` in it.
  func waitForLog(_ part: String) -> String? { output.wait(for: part, seconds: 30) }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  /// The exit status after a polite request to stop.
  @discardableResult
  func stop() -> Int32 {
    kill(process.processIdentifier, SIGTERM)
    process.waitUntilExit()
    return process.terminationStatus
  }

  func killAtOnce() {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  func signal(_ number: Int32) { kill(process.processIdentifier, number) }

  func waitForExit() -> Int32 {
    process.waitUntilExit()
    return process.terminationStatus
  }

  /// Runs the engine to its end, for starts that must fail.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], input: String = ""
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: binary)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: workingDirectory)
    process.environment = EngineProcess.environment(environment)
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    let standardInput = Pipe()
    process.standardInput = standardInput
    try process.run()
    standardInput.fileHandleForWriting.write(Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let data = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  /// Nothing of the test's own environment but what a sanitizer's runtime is told by it.
  private static func environment(_ settings: [String: String]) -> [String: String] {
    ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }
      .merging(["PATH": "/usr/bin:/bin"]) { $1 }.merging(settings) { $1 }
  }

  /// Where no `.env` lies.
  private static let workingDirectory = newDirectory()

  static func newDirectory() -> String {
    let path = testRoot + "/" + UUID().uuidString
    mkdir(path, 0o700)
    return path
  }

  /// Beside the test's own executable, whatever build folder that is; or in the folder `ENGINE_FOLDER`, to try a release
  /// build.
  static let binary: String = {
    if let folder = ProcessInfo.processInfo.environment["ENGINE_FOLDER"] { return folder + "/order-engine" }
    let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
    let inOwnFolder = (own as NSString).deletingLastPathComponent + "/order-engine"
    if FileManager.default.isExecutableFile(atPath: inOwnFolder) { return inOwnFolder }
    return (CommandLine.arguments[0] as NSString).deletingLastPathComponent + "/order-engine"
  }()

  private func read(_ name: String) -> String {
    ((try? String(contentsOfFile: directory + "/" + name, encoding: .utf8)) ?? "")
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}

/// Where this run's processes have their files; gone when the run ends.
private let testRoot: String = {
  let path = FileManager.default.temporaryDirectory.path + "/order-engine-tests-\(getpid())"
  mkdir(path, 0o700)
  atexit { try? FileManager.default.removeItem(atPath: testRoot) }
  return path
}()

/// Collects what a process prints, and waits for a line.
final class OutputCollector: @unchecked Sendable {
  private let condition = NSCondition()
  private var data = Data()
  private var isAtEnd = false

  init(_ handle: FileHandle) {
    handle.readabilityHandler = { [self] handle in
      let chunk = handle.availableData
      condition.lock()
      if chunk.isEmpty {
        isAtEnd = true
        handle.readabilityHandler = nil
      } else {
        data.append(chunk)
      }
      condition.broadcast()
      condition.unlock()
    }
  }

  var text: String {
    condition.lock()
    defer { condition.unlock() }
    return String(decoding: data, as: UTF8.self)
  }

  /// The first line that contains `part`; `nil` when the output ends or the time is up first.
  func wait(for part: String, seconds: Double) -> String? {
    let limit = Date(timeIntervalSinceNow: seconds)
    condition.lock()
    defer { condition.unlock() }
    while true {
      let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
      if let line = lines.first(where: { $0.contains(part) }) { return String(line) }
      if isAtEnd || !condition.wait(until: limit) { return nil }
    }
  }
}
