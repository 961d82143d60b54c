/// How one transfer spent its time. Each moment is counted from the start of the transfer; a step that a kept connection
/// spared took no time.
package struct TransferTiming: Sendable, Hashable {
  /// The name was resolved.
  package var nameLookup = Duration.zero
  /// TCP was connected.
  package var connected = Duration.zero
  /// TLS was established.
  package var secured = Duration.zero
  /// The request was about to leave.
  package var requested = Duration.zero
  /// The answer's first byte came.
  package var firstByte = Duration.zero
  package var total = Duration.zero
  /// Over a connection that was opened for it.
  package var isNewConnection = false
  package var isHTTP2 = false

  package init() {}
}
