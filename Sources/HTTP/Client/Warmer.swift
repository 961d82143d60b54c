internal import Ring

/// Keeps one origin warm. Owner: ``HTTPClient``. Loop's thread only.
final class Warmer {
  /// The first pause after a failure; each further one is twice as long, up to the interval.
  private static let firstPause = Duration.seconds(1)

  let warmUp: HTTPWarmUp
  let origin: String
  private let loop: EventLoop
  /// Sends the warm-up's request; called back when it has ended.
  private let send: (HTTPClientRequest, @escaping (TransferCall.Outcome) -> Void) -> Void
  private var timer: TimerID?
  /// Of the tries under way.
  private var pendingCount = 0
  private var failedCount = 0
  private var isStopped = false
  private var failureCount = 0
  /// When the origin last gave an answer, to whatever request.
  private var answeredAt: LoopClock.Instant?
  private var sentAt = LoopClock.Instant(nanoseconds: .min)

  init(
    _ warmUp: HTTPWarmUp, origin: String, loop: EventLoop,
    send: @escaping (HTTPClientRequest, @escaping (TransferCall.Outcome) -> Void) -> Void
  ) {
    self.warmUp = warmUp
    self.origin = origin
    self.loop = loop
    self.send = send
  }

  /// Sends now, and again whenever the interval has passed without an answer from the origin.
  func start() { tick() }

  func stop() {
    isStopped = true
    if let timer = timer.take() { loop.cancel(timer) }
  }

  func noteAnswer() { answeredAt = loop.time }

  /// A kept connection to the origin has died: another is opened before somebody needs it.
  func connectionDied() {
    answeredAt = nil
    if isStopped || pendingCount > 0 || failureCount > 0 { return }
    // A peer that hangs up after each answer is asked no more often than one that fails.
    schedule(at: max(loop.time, sentAt.advanced(by: Self.firstPause)))
  }

  private func tick() {
    timer = nil
    if isStopped || pendingCount > 0 { return }
    // One answer keeps one connection.
    if warmUp.connectionCount == 1, let answeredAt, answeredAt.advanced(by: warmUp.interval) > loop.time {
      return schedule(at: answeredAt.advanced(by: warmUp.interval))
    }
    sentAt = loop.time
    // Counted first: a refusal comes back within the call.
    pendingCount = warmUp.connectionCount
    failedCount = 0
    // All at a time, so that each takes a connection of its own.
    for _ in 0..<warmUp.connectionCount { send(warmUp.request) { [weak self] in self?.ended($0) } }
  }

  private func ended(_ outcome: TransferCall.Outcome) {
    pendingCount -= 1
    if case .failure = outcome { failedCount += 1 }
    if isStopped || pendingCount > 0 { return }
    if failedCount == 0 {
      failureCount = 0
      schedule(at: loop.time.advanced(by: warmUp.interval))
    } else {
      let pause = Self.firstPause * (1 << min(failureCount, 16))
      failureCount += 1
      schedule(at: loop.time.advanced(by: min(pause, warmUp.interval)))
    }
  }

  private func schedule(at deadline: LoopClock.Instant) {
    if let timer, loop.move(timer, to: deadline) { return }
    timer = loop.schedule(at: deadline) { [weak self] in self?.tick() }
  }
}
