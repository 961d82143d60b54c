import HTTP
import OrderDomain
import Ring
import Synchronization

@testable import OrderEngine

/// A real HTTP server on a loopback port, that answers what a test tells it to and keeps what it was asked.
final class LoopbackServer: HTTPHandler, @unchecked Sendable {
  // @unchecked: the loop's thread alone, but for the mutex.
  struct Call: Sendable {
    let method: String
    let target: String
    let contentType: String?
    let authorization: String?
    let body: String
  }

  struct Answer: Sendable {
    var status: UInt16 = 200
    var fields: [String: String] = [:]
    var body = "{}"
  }

  private let state = Mutex<(script: [Answer], standard: Answer, calls: [Call])>(([], Answer(), []))
  let thread: EventLoopThread
  private(set) var base = ""
  private var server: HTTPServer?
  /// To call it with, on the same loop.
  private(set) var client: HTTPClient?

  init(_ script: [Answer] = [], standard: Answer = Answer()) async throws {
    state.withLock { ($0.script, $0.standard) = (script, standard) }
    thread = try EventLoop.start(name: "loopback")
    let (loop, handler) = (thread.loop, self)
    base = try await withCheckedThrowingContinuation { continuation in
      loop.execute {
        let server = HTTPServer(
          loop: loop, configuration: HTTPServerConfiguration(wallClock: { 784_111_777 }), handler: handler)
        handler.server = server
        continuation.resume(
          with: Result {
            handler.client = try HTTPClient(loop: loop)
            return "http://\(try server.listen(on: .loopback(port: 0)))"
          })
      }
    }
  }

  var calls: [Call] { state.withLock { $0.calls } }

  func stop() async {
    await thread.loop.run { [self] in
      client?.close()
      client = nil
    }
    server = nil
    await thread.stopAndWait()
  }

  func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    var body: [UInt8] = []
    for index in 0..<request.body.count { body.append(request.body[index]) }
    var target: [UInt8] = []
    for index in 0..<request.target.count { target.append(request.target[index]) }
    let call = Call(
      method: "\(request.method.name)", target: String(decoding: target, as: UTF8.self),
      contentType: request.fieldText("content-type"), authorization: request.fieldText("authorization"),
      body: String(decoding: body, as: UTF8.self))
    let answer = state.withLock { state in
      state.calls.append(call)
      return state.script.isEmpty ? state.standard : state.script.removeFirst()
    }
    var fields = HTTPFields()
    for (name, value) in answer.fields.sorted(by: { $0.key < $1.key }) { fields.add(name, value) }
    responder.respond(HTTPResponse(HTTPStatus(answer.status), fields: fields, body: Array(answer.body.utf8)))
  }
}
