import Foundation
import Glibc
import OrderDomain
import Testing

@testable import OrderEngine

@Suite("A .env file is replaced whole")
struct EnvFileTests {
  private let folder = EnvFolder()

  private func code(_ body: () throws(Refusal) -> Void) -> String? {
    do throws(Refusal) {
      try body()
      return nil
    } catch {
      #expect(!error.cause.isEmpty && !error.fix.isEmpty)
      #expect(!error.cause.contains("canary") && !error.fix.contains("canary"))
      return error.code
    }
  }

  private func set(_ path: String, _ name: String = "KEY", _ value: String = "canary") -> String? {
    code { () throws(Refusal) in try EnvFile(path: path).set(name, to: Secret(value)) }
  }

  @Test("nobody else may read it afterwards, whoever could before", arguments: [mode_t(0o600), 0o644, 0o666, 0o440])
  func mode(_ mode: mode_t) throws {
    let path = try folder.file("A=1\n", mode: mode)
    #expect(set(path) == nil)
    #expect(try folder.text(path) == "A=1\nKEY=canary\n")
    #expect(try folder.mode(path) == 0o600)
    // Also when there is nothing new to write.
    chmod(path, 0o644)
    #expect(set(path) == nil)
    #expect(try folder.mode(path) == 0o600)
    #expect(try folder.names() == [".env"])
  }

  @Test func `where there is none it is made`() throws {
    let path = folder.path + "/.env"
    #expect(set(path) == nil)
    #expect(try folder.text(path) == "KEY=canary\n")
    #expect(try folder.mode(path) == 0o600)
  }

  @Test func `a symbolic link stays one, and what it leads to is changed`() throws {
    let path = try folder.file("A=1\n")
    let target = folder.path + "/deep/root.env"
    try FileManager.default.createDirectory(atPath: folder.path + "/deep", withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: path, toPath: target)
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "deep/root.env")
    #expect(set(path) == nil)
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: path) == "deep/root.env")
    #expect(try folder.text(target) == "A=1\nKEY=canary\n")
    #expect(try folder.mode(target) == 0o600)
    #expect(EnvFile.isSame(path, target))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path + "/deep") == ["root.env"])
  }

  @Test(.enabled(if: geteuid() == 0, "only root may give a file to another user"))
  func `it belongs to whom it belonged`() throws {
    let path = try folder.file("A=1\n")
    #expect(chown(path, 1234, 5678) == 0)
    #expect(set(path) == nil)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.ownerAccountID] as? Int == 1234)
    #expect(attributes[.groupOwnerAccountID] as? Int == 5678)
    #expect(try folder.mode(path) == 0o600)
  }

  @Test func `who reads while it is written reads the old file whole`() throws {
    let path = try folder.file("A=1\n")
    let reader = try #require(FileHandle(forReadingAtPath: path))
    #expect(set(path) == nil)
    #expect(try reader.readToEnd() == Data("A=1\n".utf8))
  }

  @Test func `what a process left that ended in between is not written through`() throws {
    let path = try folder.file("A=1\n")
    let victim = try folder.file("mine", name: "victim")
    try FileManager.default.createSymbolicLink(atPath: path + ".order-engine-new", withDestinationPath: victim)
    #expect(set(path) == nil)
    #expect(try folder.text(victim) == "mine")
    #expect(try folder.names() == [".env", "victim"])
  }

  @Test func `what is no file, or has no folder, is refused`() throws {
    let directory = folder.path + "/x.env"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    #expect(set(directory) == "secret.envFileUnusable")
    #expect(code { () throws(Refusal) in _ = try EnvFile(path: directory).read() } == "secret.envFileUnusable")
    let pipe = folder.path + "/pipe.env"
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(set(pipe) == "secret.envFileUnusable")
    #expect(code { () throws(Refusal) in _ = try EnvFile(path: pipe).read() } == "secret.envFileUnusable")
    #expect(set(folder.path + "/nowhere/.env") == "secret.envFileUnusable")
    #expect(set("/proc/version") == "secret.envFileUnusable")
    #expect(try EnvFile(path: folder.path + "/nowhere/.env").read() == nil)
  }

  @Test func `what is no text, or too much of it, is refused and left as it is`() throws {
    let path = folder.path + "/.env"
    for (content, expected) in [
      (Data([0x41, 0xFF, 0x0A]), "file.notText"), (Data(count: EnvFile.byteLimit + 1), "file.tooLarge"),
    ] {
      try content.write(to: URL(fileURLWithPath: path))
      chmod(path, 0o644)
      #expect(set(path) == expected)
      #expect(code { () throws(Refusal) in _ = try EnvFile(path: path).read() } == expected)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == content)
      #expect(try folder.mode(path) == 0o644)
    }
  }

  @Test func `a token that would be more than a value is not written`() throws {
    let path = try folder.file("A=1\n")
    #expect(set(path, "KEY", "canary\nLIVE=true") == "secret.tokenNotPlain")
    #expect(try folder.text(path) == "A=1\n")
  }

  @Test func `who holds its lock is waited for, and not for ever`() throws {
    let path = try folder.file("A=1\n")
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    #expect(flock(descriptor, LOCK_EX) == 0)
    #expect(set(path) == "secret.envFileBusy")
    #expect(try folder.text(path) == "A=1\n")
    close(descriptor)
    #expect(set(path) == nil)
  }

  @Test func `who changes it meanwhile without a lock, as an editor does, keeps his change`() throws {
    let path = try folder.file("A=1\n")
    for isReplaced in [false, true] {
      // In the same file, and in a new one of its name.
      let isDone = try EnvFile(path: path).change(until: .now + .seconds(2)) { text in
        text.set("KEY", to: Array("canary".utf8))
        do {
          try "A=2 and more\n".write(toFile: path, atomically: isReplaced, encoding: .utf8)
        } catch {
          Issue.record(error)
        }
      }
      #expect(!isDone)
      #expect(try folder.text(path) == "A=2 and more\n")
      #expect(try folder.names() == [".env"])
    }
    #expect(set(path) == nil)
    #expect(try folder.text(path) == "A=2 and more\nKEY=canary\n")
  }

  @Test func `of many who write at once nobody loses another's line`() async throws {
    let path = try folder.file("# mine\n")
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<8 {
        group.addTask {
          for round in 0..<50 {
            // On a busy machine one may wait for the others too long: told, and tried again with the next token.
            var failure: Refusal?
            repeat {
              failure = await BlockingWork.run { () -> Refusal? in
                do throws(Refusal) {
                  try EnvFile(path: path).set("KEY\(number)", to: Secret("v\(round)"))
                  return nil
                } catch {
                  return error
                }
              }
            } while failure?.code == "secret.envFileBusy"
            #expect(failure == nil)
          }
        }
      }
    }
    let lines = try folder.text(path).split(separator: "\n").map(String.init)
    #expect(lines.first == "# mine")
    #expect(lines.dropFirst().sorted() == (0..<8).map { "KEY\($0)=v49" })
  }

  @Test(
    "only a .env file is one",
    arguments: [
      (".env", true), ("../.env", true), ("/srv/a/prod.env", true), (".env.production", true), ("", false),
      ("/", false),
      (".env/", false), ("order-engine.json", false), ("/srv/.env/vault", false), ("env", false), ("a\n.env", false),
    ])
  func path(_ path: String, _ isOne: Bool) {
    #expect(EnvFile.isPath(path) == isOne)
  }
}

/// A folder of a test's own, gone with it.
final class EnvFolder: Sendable {
  let path: String

  init() {
    path = FileManager.default.temporaryDirectory.path + "/env-\(UUID().uuidString)"
    mkdir(path, 0o700)
  }

  deinit {
    do { try FileManager.default.removeItem(atPath: path) } catch { Issue.record(error) }
  }

  func file(_ text: String, name: String = ".env", mode: mode_t = 0o600) throws -> String {
    let file = path + "/" + name
    try text.write(toFile: file, atomically: false, encoding: .utf8)
    chmod(file, mode)
    return file
  }

  func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  func mode(_ path: String) throws -> Int? {
    try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
  }

  func names() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}
