/// One connection, as the loop's table holds it. Lives until the kernel has given back everything of it.
struct Stream {
  /// An open stream is seen by its handler; a closing one only waits for its operations to come back.
  enum Phase {
    /// Leads to `open` when connected, or to `closing`.
    case connecting
    /// Leads to `closing`, by `close` or a failure.
    case open
    /// Leads to the slot being freed, once `kernelOperations` is zero.
    case closing
  }

  let descriptor: Int32
  var handler: (any StreamHandler)?
  var phase: Phase
  /// Operations whose last completion has not been reaped.
  var kernelOperations: UInt8 = 0
  /// A receive is armed in the kernel (perhaps with a cancellation on its way).
  var isReceiving = false
  var isPaused = false
  /// The peer has ended its half; `peerFinished` may still have to be told, after the held bytes.
  var hasPeerFinished = false
  var owesPeerFinished = false
  /// Waits in the loop's list of streams to be resumed.
  var isResuming = false
  /// What the kernel delivered after a pause; told at resume, before anything newer. Bounded by the receive pool: the
  /// cancellation goes out at the end of the turn in which the pause was asked for.
  var held: [UInt8] = []
  /// The buffer being sent, lent to the loop, and how much of it the kernel has taken.
  var sending: IOBuffer?
  var sentCount = 0
  /// Only while `phase` is `connecting`.
  var connecting: Connecting?

  init(descriptor: Int32, phase: Phase) {
    self.descriptor = descriptor
    self.phase = phase
  }
}
