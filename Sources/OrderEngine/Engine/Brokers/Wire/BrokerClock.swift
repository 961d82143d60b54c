package import OrderDomain
internal import Synchronization

/// How far this machine's clock is behind a broker's, as its last answer told.
package final class BrokerClock: Sendable {
  private let last = Mutex<Duration?>(nil)

  package init() {}

  /// To a second, which is as exact as HTTP tells the time (RFC 9110 section 5.6.7).
  package var offset: Duration? { last.withLock { $0 } }

  func learn(_ date: String?, sent: Timestamp, received: Timestamp) {
    guard let theirs = date.flatMap({ IndianTime.imfFixdate(Array($0.utf8)) }) else { return }
    // The fraction that is not told is half a second on the average, and the answer was written half way.
    let middle = sent.adding(nanoseconds: received.nanoseconds(since: sent) / 2)
    let offset = theirs.adding(nanoseconds: 500_000_000).nanoseconds(since: middle)
    last.withLock { $0 = .nanoseconds(offset) }
  }
}

/// Listens to the time that a broker tells. Only where nobody hurries: calls about orders pass as they are.
package struct DatedTransport: BrokerTransport {
  private let base: any BrokerTransport
  private let clock: BrokerClock
  private let wallClock: any WallClock

  package init(_ base: any BrokerTransport, clock: BrokerClock, wallClock: any WallClock) {
    self.base = base
    self.clock = clock
    self.wallClock = wallClock
  }

  package func send(_ call: BrokerCall, deadline: Duration) async -> BrokerTransportResult {
    guard call.endpoint == .other else { return await base.send(call, deadline: deadline) }
    let sent = wallClock.now()
    let result = await base.send(call, deadline: deadline)
    if case .answer(let answer) = result { clock.learn(answer.date, sent: sent, received: wallClock.now()) }
    return result
  }
}
