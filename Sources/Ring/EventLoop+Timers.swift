/// What a due timer does.
enum TimerAction {
  case handler(() -> Void)
  case sleeper(Sleeper)
}

extension EventLoop {
  /// Calls `handler` on the loop's thread once, at or soon after `deadline`; a past deadline means the next turn. The
  /// handler is held until it has run, was cancelled, or the loop has ended (then it is dropped, not called).
  @discardableResult
  package func schedule(at deadline: LoopClock.Instant, _ handler: @escaping () -> Void) -> TimerID {
    assertOnLoop()
    return timers.schedule(at: deadline.nanoseconds, .handler(handler))
  }

  /// As ``schedule(at:_:)``, counted from ``time``.
  @discardableResult
  package func schedule(after delay: Duration, _ handler: @escaping () -> Void) -> TimerID {
    schedule(at: time.advanced(by: delay), handler)
  }

  /// Gives a timer another deadline. Later costs one store, however many timers there are: move an idle timer at every
  /// byte. False if it has fired or was cancelled.
  @discardableResult
  package func move(_ timer: TimerID, to deadline: LoopClock.Instant) -> Bool {
    assertOnLoop()
    return timers.move(timer, to: deadline.nanoseconds)
  }

  /// False if the timer has fired or was cancelled already.
  @discardableResult
  package func cancel(_ timer: TimerID) -> Bool {
    assertOnLoop()
    return timers.cancel(timer) != nil
  }

  /// Timers that have not fired.
  package var timerCount: Int { timers.count }

  func fireTimers() {
    // A handler that schedules for "now" is called in the next turn, so that timers cannot starve the kernel.
    let due = now
    while let (_, action) = timers.popDue(due) {
      switch action {
      case .handler(let handler): handler()
      case .sleeper(let sleeper): sleeper.wake()
      }
    }
  }

  /// At the end: sleepers are resumed, handlers dropped.
  func dropTimers() {
    while let (_, action) = timers.popFirst() {
      switch action {
      case .handler: break
      case .sleeper(let sleeper): sleeper.cancel()
      }
    }
  }
}
