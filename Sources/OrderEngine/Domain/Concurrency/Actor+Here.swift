extension Actor {
  /// `assumeIsolated` for the order path: traps off the actor's executor, and on it is a plain call.
  ///
  /// `assumeIsolated` must assume that its closure escapes, and allocates for it and what it captures, about twice a call.
  /// Here the closure captures nothing and is handed its argument, so that nothing is allocated.
  @inlinable
  @inline(__always)
  public nonisolated func here<Argument, Answer>(
    _ argument: Argument, _ body: @escaping (isolated Self, Argument) -> Answer
  ) -> Answer {
    preconditionIsolated()
    // The two types differ in what the compiler demands of a caller alone, and that has just been checked.
    let plain = unsafe unsafeBitCast(body, to: ((Self, Argument) -> Answer).self)
    return plain(self, argument)
  }

  /// As above, for a closure that needs nothing but the actor.
  @inlinable
  @inline(__always)
  public nonisolated func here<Answer>(_ body: @escaping (isolated Self) -> Answer) -> Answer {
    preconditionIsolated()
    let plain = unsafe unsafeBitCast(body, to: ((Self) -> Answer).self)
    return plain(self)
  }
}
