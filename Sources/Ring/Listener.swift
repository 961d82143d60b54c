/// One listening socket, as the loop's table holds it.
struct Listener {
  let descriptor: Int32
  let handler: any ListenerHandler
  /// Accepting is armed in the kernel.
  var isArmed = false
  /// Waits for its last completion, then the descriptor is closed.
  var isClosing = false
}
