internal import Ring

/// What the TLS connections of one server share. Loop's thread only.
final class TLSDoor {
  let context: TLSContext
  /// Where records are opened, one at a time: what is in it is looked at before the next event.
  let plaintext = IOBuffer(capacity: TLSSession.recordLimit)
  /// Connections in their handshake, the oldest first.
  private var underWay: [ConnectionID] = []

  init(_ context: TLSContext) { self.context = context }

  /// A handshake begins.
  /// - Returns: the one that gives way to it, if there are too many.
  func began(_ id: ConnectionID, limit: Int) -> ConnectionID? {
    let oldest = underWay.count >= limit ? underWay.removeFirst() : nil
    underWay.append(id)
    return oldest
  }

  /// A handshake is over, whatever came of it. Told again, it does nothing.
  func ended(_ id: ConnectionID) {
    // Near the front, but for a while in which many say nothing; there are a thousand at most.
    if let index = underWay.firstIndex(of: id) { underWay.remove(at: index) }
  }

  var underWayCount: Int { underWay.count }
}
