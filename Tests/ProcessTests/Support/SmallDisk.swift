import Foundation
import Glibc

/// A file system in memory of a few megabytes, seen only by processes that are started in it; it needs no rights where
/// Linux lets users have name spaces of their own.
final class SmallDisk {
  let path = EngineProcess.newDirectory()
  /// Holds the name space open: the files outlive each engine in it.
  private let holder = Process()

  /// What runs an engine where this disk is mounted.
  var launcher: [String] {
    let place = ["--target", "\(holder.processIdentifier)", "--user", "--mount"]
    return ["/usr/bin/nsenter"] + place + ["--preserve-credentials", "--"]
  }

  init(megabytes: Int) throws {
    holder.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
    let mount = "mount -t tmpfs -o size=\(megabytes)m,mode=700 tmpfs \"$0\" && echo mounted && exec sleep 600"
    holder.arguments = ["--user", "--map-root-user", "--mount", "/bin/sh", "-c", mount, path]
    let pipe = Pipe()
    holder.standardOutput = pipe
    holder.standardError = pipe
    try holder.run()
    let output = OutputCollector(pipe.fileHandleForReading)
    guard output.wait(for: "mounted", seconds: 10) != nil else {
      throw EngineProcess.StartFailed(status: -1, output: output.text)
    }
  }

  deinit {
    kill(holder.processIdentifier, SIGKILL)
    holder.waitUntilExit()
  }

  private var filler: URL { URL(fileURLWithPath: "/proc/\(holder.processIdentifier)/root\(path)/filler") }

  /// Takes every byte that is free.
  func fill() throws {
    guard FileManager.default.createFile(atPath: filler.path, contents: nil) else {
      throw EngineProcess.StartFailed(status: errno, output: filler.path)
    }
    let file = try FileHandle(forWritingTo: filler)
    let block = [UInt8](repeating: 0x55, count: 4096)
    while Glibc.write(file.fileDescriptor, block, block.count) == block.count {}
    try file.close()
  }

  func free() throws { try FileManager.default.removeItem(at: filler) }

  static let isPossible = (try? SmallDisk(megabytes: 1)) != nil
}
