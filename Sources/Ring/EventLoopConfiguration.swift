/// The limits and choices of one event loop. Checked when the loop is made.
package struct EventLoopConfiguration: Sendable {
  package enum Backend: String, Sendable, Hashable {
    /// io_uring, or epoll where that is refused.
    case automatic
    case uring
    case epoll
  }

  package var backend = Backend.automatic
  /// Buffers that receives share: a power of two, 2...32768. When all are filled, receiving waits (and is counted).
  package var receiveBufferCount = 1024
  /// Bytes of one of them: 64...1 MiB, a multiple of 64. One delivery is never longer.
  package var receiveBufferSize = 4096
  /// Open streams, accepted and connected together: 1...1 million. Connections above it are closed at once.
  package var streamLimit = 16_384
  /// Descriptors below the process's limit that accepting leaves free: 0...100,000. Files, outbound connections and the
  /// system's own libraries need some at all times (libdispatch ends the process when it cannot open one).
  package var descriptorReserve = 32
  /// Listeners: 1...64 thousand.
  package var listenerLimit = 64
  /// Descriptors watched for a foreign library: 1...1 million.
  package var watchLimit = 4096
  /// File operations in the kernel at once: 1...4096. Above it they fail with `FileError.Code.tooManyInFlight`.
  package var fileOperationLimit = 256
  /// Entries of the submission queue, a power of two, 8...32768. A full queue submits and goes on.
  package var submissionEntries = 2048
  /// Entries of the completion queue, a power of two above `submissionEntries`, to 65536.
  package var completionEntries = 16_384
  /// Completions handled between two looks at jobs and timers: 1...65536.
  package var completionBatchLimit = 1024
  /// Jobs run between two looks at the kernel: 1...1 million.
  package var jobBatchLimit = 256
  /// Never sleep in the kernel: lowest latency for one whole core.
  package var spin = false
  /// How long `stop` waits for operations in the kernel and for jobs before it gives up on them.
  package var drainLimit = Duration.seconds(10)
  /// Asks whether io_uring may be used, before it is tried; tests inject a refusal here.
  package var refusal: @Sendable () -> RingError? = { nil }

  package init() {}

  package init(backend: Backend) { self.backend = backend }

  func check() throws(RingError) {
    func isPowerOfTwo(_ value: Int, in range: ClosedRange<Int>) -> Bool {
      range.contains(value) && value & (value - 1) == 0
    }
    let isSound =
      isPowerOfTwo(receiveBufferCount, in: 2...32_768)
      && (64...1 << 20).contains(receiveBufferSize) && receiveBufferSize % 64 == 0
      && (1...1_000_000).contains(streamLimit) && (1...64_000).contains(listenerLimit)
      && (0...100_000).contains(descriptorReserve) && (1...1_000_000).contains(watchLimit)
      && (1...4096).contains(fileOperationLimit)
      && isPowerOfTwo(submissionEntries, in: 8...32_768) && isPowerOfTwo(completionEntries, in: 16...65_536)
      && completionEntries > submissionEntries && (1...65_536).contains(completionBatchLimit)
      && (1...1_000_000).contains(jobBatchLimit) && drainLimit >= .zero
    if !isSound { throw RingError(.invalidConfiguration) }
  }
}
