/// What happens on one stream. Every call is made on the loop's thread, and never from inside a call that the handler
/// itself makes on the loop (`send`, `close`, … return first).
///
/// The loop holds the handler strongly from `accepted` or `connect` until ``closed(_:)`` has returned.
package protocol StreamHandler: AnyObject {
  /// Bytes arrived. The span is valid during this call only: its buffer goes back to the pool afterwards.
  func received(_ bytes: Span<UInt8>, on stream: StreamID)

  /// The peer will send nothing more. The stream stays open for sending until the handler closes it.
  func peerFinished(_ stream: StreamID)

  /// All bytes of `buffer` have been taken by the kernel (not: by the peer). The buffer is the handler's again.
  func sendFinished(_ buffer: IOBuffer, on stream: StreamID)

  /// The stream broke and is closed already; ``closed(_:)`` follows.
  func failed(_ error: RingError, on stream: StreamID)

  /// The last call for this stream, made exactly once for each, whoever closed it: the kernel holds nothing of it any
  /// more, a buffer that was being sent included.
  func closed(_ stream: StreamID)
}

/// What happens on one listener, on the loop's thread. Held strongly until the listener is closed.
package protocol ListenerHandler: AnyObject {
  /// A connection came in. Receiving starts after this returns, with the handler given back; nil closes it at once.
  func accepted(_ stream: StreamID, from peer: SocketAddress, on listener: ListenerID) -> (any StreamHandler)?
}
