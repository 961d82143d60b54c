import Glibc
import Ring
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventLoopWatchTests {
  final class Log: @unchecked Sendable {
    // @unchecked: touched on the loop only.
    var ready: [Readiness] = []
    var watch: WatchID?
  }

  /// Both ends of a pipe, closed with it.
  final class Pipe: Sendable {
    let reading: Int32
    let writing: Int32

    init() {
      var ends: [Int32] = [0, 0]
      precondition(pipe(&ends) == 0)
      (reading, writing) = (ends[0], ends[1])
    }

    func put() { precondition(write(writing, "x", 1) == 1) }

    func take() {
      var byte: UInt8 = 0
      precondition(read(reading, &byte, 1) == 1)
    }

    deinit {
      close(reading)
      close(writing)
    }
  }

  @Test(
    "A descriptor is reported as long as it is ready, not only when it becomes so", arguments: LoopBackend.available)
  func levelTriggered(_ backend: EventLoopConfiguration.Backend) async throws {
    let pipe = Pipe()
    let log = Log()
    try await withLoop(backend) { loop async throws in
      for _ in 0..<3 { pipe.put() }
      try await loop.perform {
        _ = try loop.watch(pipe.reading, for: .readable) { ready in
          log.ready.append(ready)
          pipe.take()
        }
      }
      while try await loop.perform({ log.ready.count }) < 3 { try await Task.sleep(for: .milliseconds(1)) }
      // Empty now: reported no more.
      for _ in 0..<20 { try await loop.perform {} }
      #expect(try await loop.perform { log.ready } == [.readable, .readable, .readable])
    }
  }

  @Test("The interest can be changed, rested and ended", arguments: LoopBackend.available)
  func update(_ backend: EventLoopConfiguration.Backend) async throws {
    var ends: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let descriptor = ends[0]
    let log = Log()
    try await withLoop(backend) { loop async throws in
      let watch = try await loop.perform {
        try loop.watch(descriptor, for: .readable) { ready in
          log.ready.append(ready)
          if let watch = log.watch { loop.update(watch, for: []) }
        }
      }
      for _ in 0..<20 { try await loop.perform {} }
      #expect(try await loop.perform { log.ready } == [])
      try await loop.perform {
        log.watch = watch
        loop.update(watch, for: .writable)
      }
      while try await loop.perform({ log.ready.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
      for _ in 0..<20 { try await loop.perform {} }
      #expect(try await loop.perform { log.ready } == [.writable])
      try await loop.perform { loop.update(watch, for: [.readable, .writable]) }
      while try await loop.perform({ log.ready.count }) < 2 { try await Task.sleep(for: .milliseconds(1)) }
      try await loop.perform {
        loop.update(watch, for: .writable)
        loop.unwatch(watch)
        loop.unwatch(watch)
      }
      for _ in 0..<20 { try await loop.perform {} }
      #expect(try await loop.perform { log.ready } == [.writable, .writable])
    }
    close(ends[0])
    close(ends[1])
  }

  @Test("A hang-up is reported though nobody asked", arguments: LoopBackend.available)
  func hangUp(_ backend: EventLoopConfiguration.Backend) async throws {
    var ends: [Int32] = [0, 0]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    let descriptor = ends[0]
    let log = Log()
    try await withLoop(backend) { loop async throws in
      try await loop.perform {
        log.watch = try loop.watch(descriptor, for: .readable) { ready in
          log.ready.append(ready)
          if let watch = log.watch { loop.unwatch(watch) }
        }
      }
      close(ends[1])
      while try await loop.perform({ log.ready.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
      #expect(try await loop.perform { log.ready.first?.contains(.failed) } == true)
    }
    close(ends[0])
  }

  @Test("What cannot be polled is told once", arguments: LoopBackend.available)
  func notPollable(_ backend: EventLoopConfiguration.Backend) async throws {
    let log = Log()
    try await withLoop(backend) { loop async throws in
      try await loop.perform { _ = try loop.watch(900_000, for: .readable) { log.ready.append($0) } }
      while try await loop.perform({ log.ready.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
      for _ in 0..<20 { try await loop.perform {} }
      #expect(try await loop.perform { log.ready } == [.failed])
    }
  }
}
