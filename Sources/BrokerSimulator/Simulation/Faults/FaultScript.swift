import SimulatedExchange

/// The rules in force, in the order of their coming. A call meets the first that applies to it.
package struct FaultScript: Sendable {
  /// More than a person writes, few enough to look through at each call.
  package static let ruleLimit = 1_000

  package private(set) var rules: [FaultRule] = []
  private var nextNumber = 1
  private var generator: SeededGenerator

  package init(seed: UInt64) { generator = SeededGenerator(seed: seed ^ 0xFA_17) }

  /// - Returns: the rule's number; `nil` when there are too many.
  package mutating func add(_ rule: FaultRule) -> Int? {
    guard rules.count < FaultScript.ruleLimit else { return nil }
    var rule = rule
    rule.number = nextNumber
    nextNumber += 1
    rules.append(rule)
    return rule.number
  }

  package mutating func remove(_ number: Int) -> Bool {
    let count = rules.count
    rules.removeAll { $0.number == number }
    return rules.count < count
  }

  package mutating func removeAll() { rules = [] }

  mutating func fault(for request: BrokerRequest, endpoint: String) -> Fault? {
    for index in rules.indices where rules[index].matches(request, endpoint: endpoint) {
      let draw = rules[index].chance < 1_000_000 ? generator.next() : 0
      if rules[index].meets(draw: draw) { return rules[index].fault }
    }
    return nil
  }
}
