/// Answers requests. Called on the loop's thread, one request after another in the order of each connection.
package protocol HTTPHandler: AnyObject {
  /// - Parameters:
  ///   - request: valid during this call only; ``HTTPRequest/init(_:)`` takes a copy.
  ///   - responder: to be answered once, now or later. Answers leave in the order of the requests, whatever the order in
  ///     which they are given.
  func handle(_ request: borrowing HTTPRequestView, _ responder: HTTPResponder)
}
