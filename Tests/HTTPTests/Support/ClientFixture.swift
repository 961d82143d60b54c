import HTTP
import Ring

/// A client on a loop of its own.
final class ClientFixture: Sendable {
  let thread: EventLoopThread
  let client: HTTPClient

  init(
    _ backend: EventLoopConfiguration.Backend, watchLimit: Int = 4096,
    change: (inout HTTPClientConfiguration) -> Void = { _ in }
  ) async throws {
    var loopConfiguration = EventLoopConfiguration(backend: backend)
    loopConfiguration.watchLimit = watchLimit
    thread = try EventLoop.start(configuration: loopConfiguration)
    var configuration = HTTPClientConfiguration()
    change(&configuration)
    do {
      client = try HTTPClient(loop: thread.loop, configuration: configuration)
    } catch {
      await thread.stopAndWait()
      throw error
    }
  }

  /// A test that failed half-way: what it left behind is ended without it.
  deinit {
    let client = client
    thread.loop.execute { client.close() }
    thread.loop.requestStop()
  }

  var loop: EventLoop { thread.loop }

  /// The whole answer, from a task on the loop, as the engine calls it.
  func send(_ request: HTTPClientRequest) async -> Result<HTTPClientResponse, TransferFailure> {
    await task(request).value
  }

  func task(_ request: HTTPClientRequest) -> Task<Result<HTTPClientResponse, TransferFailure>, Never> {
    let client = client
    return Task(executorPreference: loop) {
      do throws(TransferFailure) { return .success(try await client.send(request)) } catch { return .failure(error) }
    }
  }

  /// The answer's status and content as text; a failure's code and reach.
  func ask(_ request: HTTPClientRequest) async -> String { await summary(task(request)) }

  func summary(_ task: Task<Result<HTTPClientResponse, TransferFailure>, Never>) async -> String {
    switch await task.value {
    case .success(let response): "\(response.status.code) \(text(response.body))"
    case .failure(let failure):
      "\(failure.code.rawValue) \(failure.isCertainlyNotSent ? "not sent" : "perhaps sent")"
    }
  }

  var counters: HTTPClientCounters {
    get async throws {
      let client = client
      // Tests ask in a loop until it is as they wait for: their time limit must end that.
      try Task.checkCancellation()
      return try await loop.call { client.counters }
    }
  }

  func stop() async throws {
    let client = client
    try await loop.call { client.close() }
    await thread.stopAndWait()
  }
}
