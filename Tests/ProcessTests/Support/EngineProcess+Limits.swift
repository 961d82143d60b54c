import Foundation

extension EngineProcess {
  /// No file of the engine can be written beyond so many bytes, until that is lifted with `nil`.
  func limitFilesForAWhile(to bytes: Int?) throws {
    let command = Process()
    command.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
    command.arguments = ["--pid", "\(identifier)", "--fsize=\(bytes.map(String.init) ?? "unlimited"):"]
    try command.run()
    command.waitUntilExit()
    guard command.terminationStatus == 0 else {
      throw StartFailed(status: command.terminationStatus, output: "prlimit")
    }
  }
}
