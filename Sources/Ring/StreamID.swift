/// Names one accepted or connected stream of one event loop. Stays harmless after the stream is gone: calls with a
/// stale id do nothing.
package struct StreamID: Hashable, Sendable, CustomStringConvertible {
  let id: SlotID

  init(_ id: SlotID) { self.id = id }

  /// The stream's place in its loop's table, 0 to `EventLoopConfiguration.streamLimit` - 1: no two open streams share
  /// it, so that a handler may keep state of its own in an array.
  package var index: Int { Int(id.slot) }

  package var description: String { "stream \(id.slot).\(id.generation)" }
}

/// Names one listener of one event loop.
package struct ListenerID: Hashable, Sendable {
  let id: SlotID
}

/// Names one watch over a foreign descriptor of one event loop.
package struct WatchID: Hashable, Sendable {
  let id: SlotID
}
