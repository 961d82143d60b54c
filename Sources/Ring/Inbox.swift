/// What other threads have left for the loop. Lives behind a mutex.
struct Inbox {
  enum Mail {
    case job(UnownedJob)
    case work(@Sendable () -> Void)
  }

  var mail: [Mail] = []
  /// The loop has left its thread: mail is run by whoever brings it, one at a time.
  var hasEnded = false
  /// Somebody is running mail after the end; others only add to it.
  var isBeingDrained = false
  /// Told when the loop has left its thread.
  var endWaiters: [@Sendable () -> Void] = []
}
