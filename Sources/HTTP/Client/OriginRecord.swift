/// What a client knows of one origin: how its transfers went, and which of them wait for a connection. Loop's thread only.
final class OriginRecord {
  let origin: HTTPOrigin
  /// `scheme://host:port`.
  let text: String
  var timings = OriginTimings()
  /// Transfers that libcurl has.
  private(set) var runningCount = 0
  /// One connection carries many transfers (HTTP/2), so none has to wait for one.
  var isMultiplexed = false
  private var queue: [(transfer: Transfer, number: UInt64)] = []
  private var head = 0

  init(_ origin: HTTPOrigin) {
    self.origin = origin
    text = origin.text
  }

  /// Whether one more finds a connection. One that libcurl has and no connection for is set up twice: so it waits here.
  func hasRoom(_ limit: Int) -> Bool { isMultiplexed || runningCount < limit }

  /// Whether anybody waits.
  var isAwaited: Bool { head < queue.count }

  func begins() { runningCount += 1 }

  func ended() { runningCount -= 1 }

  func enqueue(_ transfer: Transfer) { queue.append((transfer, transfer.number)) }

  /// The one that has waited longest; those that ended meanwhile are passed over.
  func dequeue() -> Transfer? {
    while head < queue.count {
      let (transfer, number) = queue[head]
      head += 1
      if head == queue.count {
        queue.removeAll(keepingCapacity: true)
        head = 0
      } else if head >= 1024, head * 2 >= queue.count {
        queue.removeFirst(head)
        head = 0
      }
      if transfer.isWaiting, transfer.number == number { return transfer }
    }
    return nil
  }
}
