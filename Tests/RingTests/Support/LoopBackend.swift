import Ring

/// The backends that this machine allows; every test of the loop's behaviour runs on each.
enum LoopBackend {
  static let available: [EventLoopConfiguration.Backend] = [.uring, .epoll].filter { backend in
    do {
      _ = try EventLoop(configuration: EventLoopConfiguration(backend: backend))
      return true
    } catch {
      return false
    }
  }
}

/// Runs `body` with a started loop and stops it afterwards, whatever happens.
func withLoop<R>(
  _ backend: EventLoopConfiguration.Backend, _ adjust: (inout EventLoopConfiguration) -> Void = { _ in },
  _ body: (EventLoop) async throws -> R
) async throws -> R {
  var configuration = EventLoopConfiguration(backend: backend)
  adjust(&configuration)
  let thread = try EventLoop.start(name: "test-loop", configuration: configuration)
  do {
    let result = try await body(thread.loop)
    await thread.stopAndWait()
    return result
  } catch {
    await thread.stopAndWait()
    throw error
  }
}

extension EventLoop {
  /// Runs `body` on the loop's thread and waits for its result.
  func perform<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
    try await withCheckedThrowingContinuation { continuation in
      execute { continuation.resume(with: Result { try body() }) }
    }
  }
}
