/// How long a call may take before its outcome is called unknown.
package struct BrokerDeadlines: Hashable, Sendable {
  /// Placing, modifying and cancelling. Slow answers of several seconds were seen at both brokers at busy times, and an
  /// answer that is waited for proves more than a book that is read.
  package let orders: Duration
  package let reads: Duration

  package init(orders: Duration = .seconds(10), reads: Duration = .seconds(10)) {
    self.orders = orders
    self.reads = reads
  }

  package subscript(endpoint: BrokerEndpoint) -> Duration {
    switch endpoint {
    case .order, .cancel: orders
    case .data, .quote, .other, .login: reads
    }
  }
}
