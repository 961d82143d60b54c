/// What a loop has counted since it was made. Events, not bytes, unless the name says so.
package struct EventLoopCounters: Sendable, Hashable {
  package var turns: UInt64 = 0
  package var completions: UInt64 = 0
  package var jobs: UInt64 = 0
  package var acceptedStreams: UInt64 = 0
  /// Connections closed at once because `streamLimit` was reached.
  package var refusedStreams: UInt64 = 0
  /// Times that accepting paused because descriptors or kernel memory ran out.
  package var acceptPauses: UInt64 = 0
  /// Times that a receive found no free buffer and was armed again.
  package var buffersExhausted: UInt64 = 0
  /// Sends of which the kernel took only a part at first.
  package var shortSends: UInt64 = 0
  /// Wake-ups by other threads.
  package var wakeUps: UInt64 = 0
}
