extension Actor {
  /// `assumeIsolated` for the order path: a plain call on the actor's executor. Elsewhere it traps in a debug build, which
  /// is every test, simulation and sanitizer; a release does not ask, because asking costs more than most of the calls.
  ///
  /// `assumeIsolated` must assume that its closure escapes, and allocates for it and what it captures, about twice a call.
  /// Here the closure captures nothing and is handed its argument, so that nothing is allocated.
  @inlinable
  @inline(__always)
  public nonisolated func here<Argument, Answer>(
    _ argument: Argument, _ body: @escaping (isolated Self, Argument) -> Answer
  ) -> Answer {
    #if DEBUG
      preconditionIsolated()
    #endif
    // The two types differ in what the compiler demands of a caller alone, and that has just been checked.
    let plain = unsafe unsafeBitCast(body, to: ((Self, Argument) -> Answer).self)
    return plain(self, argument)
  }

  /// As above, for a closure that needs nothing but the actor.
  @inlinable
  @inline(__always)
  public nonisolated func here<Answer>(_ body: @escaping (isolated Self) -> Answer) -> Answer {
    #if DEBUG
      preconditionIsolated()
    #endif
    let plain = unsafe unsafeBitCast(body, to: ((Self) -> Answer).self)
    return plain(self)
  }
}
