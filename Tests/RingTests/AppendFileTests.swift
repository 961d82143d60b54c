import Glibc
import Ring
import Testing

private actor Journal {
  let loop: EventLoop
  let file: AppendFile
  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  init(_ loop: EventLoop, _ file: AppendFile) {
    self.loop = loop
    self.file = file
  }

  func append() async throws(FileError) {
    let buffer = IOBuffer("record")
    try await loop.allocate(1 << 16, in: file, at: 0)
    try await loop.write(buffer, to: file, at: 0)
    try await loop.writeAndSync(buffer, to: file, at: 6)
    try await loop.sync(file)
  }
}

@Suite(.timeLimit(.minutes(1)))
struct AppendFileTests {
  /// A directory of its own for each test, taken away afterwards.
  final class Directory {
    let path: String

    init() {
      var template = Array("/tmp/ring-tests-XXXXXX".utf8CString)
      _ = template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress.unsafelyUnwrapped) }
      path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress.unsafelyUnwrapped) }
    }

    deinit {
      for name in ["a", "b"] { unlink("\(path)/\(name)") }
      rmdir(path)
    }
  }

  @Test("What was written and synced is there when the file is opened again", arguments: LoopBackend.available)
  func reopen(_ backend: EventLoopConfiguration.Backend) async throws {
    let directory = Directory()
    try await withLoop(backend) { loop async throws in
      let file = try AppendFile(path: "\(directory.path)/a")
      try await Self.write("first ", file, 0, loop, sync: false)
      try await Self.write("second", file, 6, loop, sync: true)
      try await Task(executorPreference: loop) { try await loop.sync(file) }.value
      #expect(try file.size() == 12)
    }
    let again = try AppendFile(path: "\(directory.path)/a")
    #expect(try again.read(100, at: 0) == Array("first second".utf8))
    #expect(try again.read(3, at: 6) == Array("sec".utf8))
    var status = stat()
    #expect(stat("\(directory.path)/a", &status) == 0 && status.st_mode & 0o777 == 0o600)
    try again.truncate(to: 5)
    #expect(try again.read(100, at: 0) == Array("first".utf8))
  }

  private static func write(
    _ text: String, _ file: AppendFile, _ offset: UInt64, _ loop: EventLoop, sync: Bool
  ) async throws {
    try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
      loop.execute {
        let buffer = IOBuffer(text)
        let completion: (Result<Void, FileError>) -> Void = { result in
          #expect(!buffer.isInFlight)
          continuation.resume(with: result.mapError { $0 })
        }
        if sync {
          loop.writeAndSync(buffer, to: file, at: offset, completion: completion)
        } else {
          loop.write(buffer, to: file, at: offset, completion: completion)
        }
      }
    }
  }

  @Test("The async calls work from an actor on the loop", arguments: LoopBackend.available)
  func asyncCalls(_ backend: EventLoopConfiguration.Backend) async throws {
    let directory = Directory()
    try await withLoop(backend) { loop async throws in
      let file = try AppendFile(path: "\(directory.path)/a")
      try await Journal(loop, file).append()
      #expect(try file.size() == 1 << 16)
      #expect(try file.read(12, at: 0) == Array("recordrecord".utf8))
    }
  }

  @Test("A file that is held cannot be opened a second time")
  func lock() throws {
    let directory = Directory()
    let first = try AppendFile(path: "\(directory.path)/a")
    #expect(
      performing: { try AppendFile(path: "\(directory.path)/a") }, throws: { ($0 as? FileError)?.code == .locked })
    _ = try AppendFile(path: "\(directory.path)/b")
    _ = first
  }

  @Test("The lock ends with the file")
  func unlock() throws {
    let directory = Directory()
    _ = try AppendFile(path: "\(directory.path)/a")
    _ = try AppendFile(path: "\(directory.path)/a")
  }

  @Test("A missing file that must not be created is an error with its number")
  func missing() {
    var options = AppendFile.Options()
    options.create = false
    #expect(
      performing: { try AppendFile(path: "/tmp/ring-tests-no-such-file", options: options) },
      throws: { ($0 as? FileError)?.code == .openFailed && ($0 as? FileError)?.errno.name == "ENOENT" })
  }

  @Test("A full disk fails each write once, by name", arguments: LoopBackend.available)
  func fullDisk(_ backend: EventLoopConfiguration.Backend) async throws {
    // /dev/full takes nothing; it cannot be locked away from others, so it is not locked here.
    var options = AppendFile.Options()
    options.lock = false
    let full = try AppendFile(path: "/dev/full", options: options)
    try await withLoop(backend) { loop async throws in
      for sync in [false, true] {
        await #expect(
          performing: { try await Self.write("x", full, 0, loop, sync: sync) },
          throws: { error in
            (error as? FileError)?.code == .noSpace && (error as? FileError)?.errno == .noSpace
          })
      }
    }
  }

  @Test("A write that the kernel cuts short is continued, and its failure told once", arguments: LoopBackend.available)
  func shortWrite(_ backend: EventLoopConfiguration.Backend) async throws {
    // In a process of its own, whose files may not grow beyond 1000 bytes.
    await #expect(processExitsWith: .success) { [name = backend.rawValue as String] in
      let backend = try #require(EventLoopConfiguration.Backend(rawValue: name))
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      limit.rlim_cur = 1000
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      let directory = Directory()
      let file = try AppendFile(path: "\(directory.path)/a")
      try await withLoop(backend) { loop async throws in
        for sync in [true, false] {
          await #expect(
            performing: { try await Self.write(String(repeating: "x", count: 1500), file, 0, loop, sync: sync) },
            throws: { ($0 as? FileError)?.code == .writeFailed && ($0 as? FileError)?.errno.rawValue == EFBIG })
        }
        #expect(try await loop.perform { loop.fileOperationCount } == 0)
      }
      #expect(try file.size() == 1000)
    }
  }

  @Test("A file that cannot be synced says so once for each sync", arguments: LoopBackend.available)
  func failingSync(_ backend: EventLoopConfiguration.Backend) async throws {
    // A terminal's master, as any character device without one, has no sync: EINVAL.
    var options = AppendFile.Options()
    options.lock = false
    let device = try AppendFile(path: "/dev/null", options: options)
    try await withLoop(backend) { loop async throws in
      await #expect(throws: FileError.self) { try await Self.write("x", device, 0, loop, sync: true) }
      await #expect(
        performing: {
          try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            loop.execute { loop.sync(device) { continuation.resume(with: $0.mapError { $0 }) } }
          }
        }, throws: { ($0 as? FileError)?.code == .syncFailed })
      #expect(try await loop.perform { loop.fileOperationCount } == 0)
    }
  }

  @Test("Direct writes over zeroed blocks", arguments: LoopBackend.available)
  func direct(_ backend: EventLoopConfiguration.Backend) async throws {
    let directory = Directory()
    var options = AppendFile.Options()
    options.direct = true
    guard let file = try Self.openDirect("\(directory.path)/a", options) else { return }
    try file.preallocateZeroed(to: 1 << 16)
    try await withLoop(backend) { loop async throws in
      try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
        loop.execute {
          let buffer = IOBuffer(capacity: 4096, alignment: 4096)
          buffer.append([UInt8](repeating: 9, count: 4096).span)
          loop.writeAndSync(buffer, to: file, at: 8192) { continuation.resume(with: $0.mapError { $0 }) }
        }
      }
    }
    #expect(try file.size() == 1 << 16)
    #expect(try file.read(4096, at: 8192) == [UInt8](repeating: 9, count: 4096))
    #expect(try file.read(4096, at: 4096) == [UInt8](repeating: 0, count: 4096))
  }

  /// Nil on a tmpfs before Linux 6.6, which has no O_DIRECT.
  private static func openDirect(_ path: String, _ options: AppendFile.Options) throws(FileError) -> AppendFile? {
    do throws(FileError) {
      return try AppendFile(path: path, options: options)
    } catch {
      if error.errno == .invalid { return nil }
      throw error
    }
  }

  @Test("More operations than the limit are refused, the others done", arguments: LoopBackend.available)
  func tooMany(_ backend: EventLoopConfiguration.Backend) async throws {
    final class Results: @unchecked Sendable {
      // @unchecked: touched on the loop only.
      var all: [Result<Void, FileError>] = []
    }
    let directory = Directory()
    let file = try AppendFile(path: "\(directory.path)/a")
    let results = Results()
    try await withLoop(backend, { $0.fileOperationLimit = 4 }) { loop async throws in
      try await loop.perform {
        for index in 0..<6 { loop.write(IOBuffer("x"), to: file, at: UInt64(index)) { results.all.append($0) } }
      }
      while try await loop.perform({ results.all.count }) < 6 { try await Task.sleep(for: .milliseconds(1)) }
    }
    #expect(results.all.filter { if case .success = $0 { true } else { false } }.count == 4)
    #expect(
      results.all.filter { if case .failure(let error) = $0 { error.code == .tooManyInFlight } else { false } }.count
        == 2)
    #expect(try file.size() == 4)
  }
}
