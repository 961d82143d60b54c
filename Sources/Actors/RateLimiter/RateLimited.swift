package import OrderDomain

/// Why a call may not go out now. Nothing was sent.
package struct RateLimited: Error, Hashable, Sendable {
  package enum Reason: Hashable, Sendable {
    /// The window of this name is full.
    case windowFull(String)
    case dayLimit
    /// The broker asked for a rest.
    case penalised
    /// Others of this class, or of one that goes before it, wait already.
    case behindOthers
    case queueFull
    /// The reservation does not fit into the window of this name by the time asked for.
    case budget(String)
    case reservationsFull
    case deadlinePassed
    case cancelled
    case shuttingDown
  }

  package let kind: RateClass
  package let reason: Reason
  /// `nil` where it is not known.
  package let retryAfter: Duration?

  package var refusal: Refusal {
    let (name, cause, fix) = words
    return Refusal(code: "rate.\(name)", cause: cause, fix: fix)
  }

  private var words: (name: String, cause: String, fix: String) {
    let wait = "Wait; a queued call goes by itself."
    return switch reason {
    case .windowFull(let window): ("windowFull", "The broker's limit per \(window) is used up for \(kind.code).", wait)
    case .dayLimit:
      (
        "dayLimit", "The broker's limit for this trading day is used up for \(kind.code).",
        "Nothing more goes today, but for the share that is kept for exits."
      )
    case .penalised: ("penalised", "The broker answered that it was called too often, and asked for a rest.", wait)
    case .behindOthers: ("behindOthers", "Other calls wait for the broker's limit, and go first.", wait)
    case .queueFull: ("queueFull", "Too many \(kind.code) wait for the broker's limit.", "Send fewer, or later.")
    case .budget(let window):
      (
        "budget", "The whole plan does not fit into the broker's limit per \(window) before its deadline.",
        "Send a smaller plan, or give it more time."
      )
    case .reservationsFull:
      ("reservationsFull", "Too many plans hold a part of the limit.", "Send again a little later.")
    case .deadlinePassed:
      (
        "deadlinePassed", "The broker's limit left no room before the call's deadline.",
        "Send a new alert if the order is still wanted."
      )
    case .cancelled: ("cancelled", "The wait was cancelled.", "Nothing was sent; send again if wanted.")
    case .shuttingDown: ("shuttingDown", "The engine is stopping.", "Send again when it is back.")
    }
  }
}
