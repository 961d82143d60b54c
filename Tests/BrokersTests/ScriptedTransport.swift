import Brokers
import OrderDomain
import Synchronization

/// A transport that answers what the test says, call by call, and remembers what it was asked to send.
final class ScriptedTransport: BrokerTransport {
  private struct State {
    var results: [BrokerTransportResult]
    var calls: [BrokerCall] = []
    var deadlines: [Duration] = []
  }

  private let state: Mutex<State>

  init(_ results: BrokerTransportResult...) { state = Mutex(State(results: results)) }

  var calls: [BrokerCall] { state.withLock { $0.calls } }
  var deadlines: [Duration] { state.withLock { $0.deadlines } }

  func send(_ call: BrokerCall, deadline: Duration) async -> BrokerTransportResult {
    state.withLock { state in
      state.calls.append(call)
      state.deadlines.append(deadline)
      return state.results.isEmpty ? .notSent(cause: "the script is over") : state.results.removeFirst()
    }
  }
}

extension BrokerAnswer {
  init(_ status: Int, _ body: String, retryAfter: String? = nil) {
    self.init(status: status, retryAfter: retryAfter, body: Array(body.utf8))
  }
}

extension BrokerTransportResult {
  static func says(_ status: Int, _ body: String) -> BrokerTransportResult { .answer(BrokerAnswer(status, body)) }
}

extension BrokerCall {
  /// The request as it would be written, for comparison with a golden text; secrets show as what they are in tests.
  var text: String {
    var (query, content) = ("", body)
    switch secretPart {
    case .query(let secret): query = "?" + secret.withBytes { String(decoding: Array(copying: $0), as: UTF8.self) }
    case .body(let secret): content = secret.withBytes { Array(copying: $0) }
    case nil: break
    }
    var lines = ["\(method.rawValue) \(target)\(query)"]
    for header in headers {
      switch header.value {
      case .plain(let value): lines.append("\(header.name): \(value)")
      case .secret(let secret):
        lines.append("\(header.name): " + secret.withBytes { String(decoding: Array(copying: $0), as: UTF8.self) })
      }
    }
    if !content.isEmpty { lines += ["", String(decoding: content, as: UTF8.self)] }
    return lines.joined(separator: "\n")
  }
}

extension Array where Element == UInt8 {
  fileprivate init(copying span: Span<UInt8>) {
    self = span.indices.map { span[$0] }
  }
}

extension PlacementOutcome {
  /// The outcome in a word, for tables.
  var kind: String {
    switch self {
    case .accepted: "accepted"
    case .rejected: "rejected"
    case .tokenRefused: "tokenRefused"
    case .rateLimited: "rateLimited"
    case .notSent: "notSent"
    case .denied: "denied"
    case .unknown: "unknown"
    }
  }

  var refusal: Refusal? {
    switch self {
    case .rejected(let refusal, _), .tokenRefused(let refusal), .notSent(let refusal), .denied(let refusal),
      .unknown(let refusal):
      refusal
    case .accepted, .rateLimited: nil
    }
  }

  var code: String? { refusal?.code }
}

extension CancelOutcome {
  var kind: String {
    switch self {
    case .requested: "requested"
    case .refused: "refused"
    case .tokenRefused: "tokenRefused"
    case .rateLimited: "rateLimited"
    case .unsent: "unsent"
    case .unknown: "unknown"
    }
  }

  var code: String? {
    switch self {
    case .refused(let refusal), .tokenRefused(let refusal), .unsent(let refusal), .unknown(let refusal): refusal.code
    case .requested, .rateLimited: nil
    }
  }
}
