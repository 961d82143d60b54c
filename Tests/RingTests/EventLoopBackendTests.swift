import Ring
import Testing

@Suite(.timeLimit(.minutes(1)))
struct EventLoopBackendTests {
  private static let refusals = [
    RingError(.ringDisabled, Errno(rawValue: 1)), RingError(.ringForbidden, Errno(rawValue: 38)),
    RingError(.kernelTooOld, .invalid), RingError(.memoryLimit, Errno(rawValue: 12)),
  ]

  @Test("Where io_uring is refused the loop runs on epoll and says why and what to change", arguments: refusals)
  func fallback(_ refusal: RingError) async throws {
    try await withLoop(.automatic, { $0.refusal = { refusal } }) { loop async throws in
      #expect(loop.backendInUse == .epoll)
      #expect(loop.backendExplanation.contains(refusal.code.rawValue))
      #expect(loop.backendExplanation.contains(refusal.fix))
      #expect(try await loop.perform { loop.isOnLoop })
    }
  }

  @Test("A forced backend that is refused is an error", arguments: refusals)
  func forced(_ refusal: RingError) {
    var configuration = EventLoopConfiguration(backend: .uring)
    configuration.refusal = { refusal }
    #expect(throws: refusal) { _ = try EventLoop(configuration: configuration) }
  }

  @Test("A forced backend is the one in use", arguments: LoopBackend.available)
  func chosen(_ backend: EventLoopConfiguration.Backend) async throws {
    try await withLoop(backend) { #expect($0.backendInUse == backend) }
  }

  @Test(
    "Limits out of range are refused",
    arguments: [
      { $0.receiveBufferCount = 3 }, { $0.receiveBufferSize = 1 }, { $0.streamLimit = 0 }, { $0.submissionEntries = 9 },
      { $0.completionEntries = 8 }, { $0.jobBatchLimit = 0 }, { $0.completionBatchLimit = 0 },
      { $0.drainLimit = .seconds(-1) }, { $0.fileOperationLimit = 0 }, { $0.watchLimit = 0 },
    ] as [@Sendable (inout EventLoopConfiguration) -> Void])
  func limits(_ damage: @Sendable (inout EventLoopConfiguration) -> Void) {
    var configuration = EventLoopConfiguration()
    damage(&configuration)
    #expect(throws: RingError(.invalidConfiguration)) { _ = try EventLoop(configuration: configuration) }
  }

  @Test("A processor that does not exist is an error, and the thread is gone")
  func processor() {
    #expect(
      performing: { try EventLoop.start(processor: 1023) },
      throws: { ($0 as? RingError)?.code == .threadFailed })
  }
}
