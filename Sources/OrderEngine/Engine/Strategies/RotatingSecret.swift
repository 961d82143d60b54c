package import OrderDomain

/// A secret that is being changed: the present one, and the next one that may be used already.
package struct RotatingSecret: Sendable {
  package var current: Secret?
  package var next: Secret?
  /// From then on only ``next`` is taken; `nil` takes both until the settings say otherwise.
  package var until: Timestamp?

  package init(current: Secret?, next: Secret? = nil, until: Timestamp? = nil) {
    self.current = current
    self.next = next
    self.until = until
  }

  package var isSet: Bool { current != nil || next != nil }

  /// Whether it is one of them, in a time that depends on lengths alone.
  package func matches(_ offered: Secret, at now: Timestamp) -> Bool {
    // Both are compared, whichever holds.
    let isCurrent = current?.matches(offered) ?? false
    let isNext = next?.matches(offered) ?? false
    let isOver = until.map { now >= $0 } ?? false
    return isNext || (isCurrent && !isOver)
  }

  /// Whether one secret stands in both.
  func shares(_ other: RotatingSecret) -> Bool {
    [current, next].contains { own in
      guard let own else { return false }
      return other.current?.matches(own) == true || other.next?.matches(own) == true
    }
  }
}
