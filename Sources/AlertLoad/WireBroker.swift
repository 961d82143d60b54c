import HTTP
import Ring

/// The broker of a run: takes every order of Dhan's protocol at once and tells the run when it had read it. It knows no
/// more than that; `broker-simulator` is the one to test with.
///
/// It is on the run's own loop, so that both times of an order are of one clock and no thread is between them.
@safe final class WireBroker: HTTPHandler, @unchecked Sendable {
  // @unchecked: called on the loop's thread alone.
  /// Set before the first order.
  weak var run: LoadRun?
  private var orderCount = 0
  private let fields: HTTPFields

  init() throws(HTTPFields.Refusal) { fields = try HTTPFields(["Content-Type": "application/json"]) }

  func listen(on port: UInt16, _ loop: EventLoop) async throws {
    let outcome: Result<Void, RingError> = await withCheckedContinuation { continuation in
      loop.execute { [self] in
        let configuration = HTTPServerConfiguration(wallClock: { loop.clock.now.nanoseconds / 1_000_000_000 })
        do throws(RingError) {
          _ = try HTTPServer(loop: loop, configuration: configuration, handler: self).listen(on: .loopback(port: port))
          continuation.resume(returning: .success(()))
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    }
    try outcome.get()
  }

  func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder) {
    guard request.method == .post else {
      // It keeps no books: an engine finds them empty, and counts orders of a while ago as gone.
      return responder.respond(HTTPResponse(HTTPStatus(200), fields: fields, body: Array("[]".utf8)))
    }
    orderCount += 1
    if let quantity = WireBroker.quantity(request.body) { run?.orderArrived(quantity: quantity) }
    let body = #"{"orderId":"\#(100_000_000 + orderCount)","orderStatus":"TRANSIT"}"#
    responder.respond(HTTPResponse(HTTPStatus(200), fields: fields, body: Array(body.utf8)))
  }

  /// Of `"quantity":1000042` or `"quantity":"1000042"`.
  static func quantity(_ body: Span<UInt8>) -> Int? {
    let name = Array(#""quantity":"#.utf8)
    var index = 0
    while index + name.count < body.count {
      var length = 0
      while length < name.count, body[index + length] == name[length] { length += 1 }
      guard length == name.count else {
        index += 1
        continue
      }
      index += length
      if body[index] == UInt8(ascii: "\"") { index += 1 }
      var value = 0
      var digitCount = 0
      while index < body.count, (0x30...0x39).contains(body[index]), digitCount < 12 {
        value = value * 10 + Int(body[index] - 0x30)
        index += 1
        digitCount += 1
      }
      return digitCount > 0 ? value : nil
    }
    return nil
  }
}
