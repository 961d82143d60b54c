/// A foreign descriptor that the loop polls, as its table holds it.
struct Watch {
  let descriptor: Int32
  let handler: (Readiness) -> Void
  var interest: Readiness
  /// A poll is armed in the kernel.
  var isArmed = false
  /// Waits for the armed poll to come back.
  var isClosing = false
}
