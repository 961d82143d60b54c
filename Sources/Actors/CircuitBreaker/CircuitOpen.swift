package import OrderDomain

/// Why a call may not go out now. Nothing was sent.
package struct CircuitOpen: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    case open
    /// Half-open, and the probes that may go out are out.
    case probing
    case held(reason: String)
    case queueFull
    case deadlinePassed
    case cancelled
    case shuttingDown
  }

  package let lane: CircuitLane
  package let reason: Reason
  /// `nil` where time alone does not help.
  package let retryAfter: Duration?

  package var refusal: Refusal {
    switch reason {
    case .open:
      Refusal(
        code: "circuit.open", cause: "The broker failed too often; its \(lane.code) lane rests for a while.",
        fix: "Wait: it is tried again by itself. Look at the broker's status, or close the breaker by hand.")
    case .probing:
      Refusal(
        code: "circuit.probing", cause: "The \(lane.code) lane is being tried with a probe, and nothing else goes out.",
        fix: "Wait for the probe's answer.")
    case .held(let reason):
      Refusal(
        code: "circuit.held", cause: "The \(lane.code) lane was opened by hand: \(reason).",
        fix: "Close the breaker when the reason is gone.")
    case .queueFull:
      Refusal(
        code: "circuit.queueFull", cause: "Too many calls already wait for the \(lane.code) lane.",
        fix: "Send again once the broker is back.")
    case .deadlinePassed:
      Refusal(
        code: "circuit.deadlinePassed", cause: "The \(lane.code) lane did not close before the order's validity ended.",
        fix: "Send a new alert if the order is still wanted.")
    case .cancelled:
      Refusal(
        code: "circuit.cancelled", cause: "The wait was cancelled.", fix: "Nothing was sent; send again if wanted.")
    case .shuttingDown:
      Refusal(
        code: "circuit.shuttingDown", cause: "The engine is stopping.", fix: "Send again when it is back.")
    }
  }
}
