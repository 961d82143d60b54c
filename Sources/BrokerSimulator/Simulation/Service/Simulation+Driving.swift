package import OrderDomain

/// For who drives a simulation without its control port.
extension Simulation {
  /// `false` when there are too many rules.
  package mutating func addFault(_ rule: FaultRule) -> Bool { faults.add(rule) != nil }

  package mutating func removeFaults() { faults.removeAll() }

  /// Brings the market to the moment, as a call would.
  package mutating func settle(wall: Timestamp) { floor.advance(to: clock.now(wall)) }

  /// A new token for a broker's first client, as a login there makes one. Dhan's ends the one before it.
  package mutating func issueToken(_ broker: Broker) -> String {
    switch broker {
    case .fyers: fyers.issue(to: 0, at: floor.now)
    case .dhan, .paper: dhan.issue(to: 0, consumer: "SELF", floor.settings, at: floor.now).text
    }
  }
}
