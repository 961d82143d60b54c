import HTTP

/// Which calls meet a fault: by endpoint or path, method, tag, and by their number among those.
package struct FaultRule: Sendable {
  package let fault: Fault
  /// An endpoint's name such as `dhan.place`, or a path; `*` at the end stands for anything.
  package var target: String
  /// In upper case.
  package var method: String?
  /// What the body must contain: a tag, a symbol.
  package var containing: [UInt8]?
  /// Matching calls that pass before the first fault.
  package var skip = 0
  /// Faults in all; 0 for no end.
  package var count = 1
  /// Of the calls after those that pass, each so-manieth.
  package var every = 1
  /// In millionths, of the calls that it would meet.
  package var chance = 1_000_000

  package internal(set) var number = 0
  package internal(set) var matched = 0
  package internal(set) var performed = 0

  package init(_ fault: Fault, on target: String) {
    self.fault = fault
    self.target = target
  }

  package var isSpent: Bool { count > 0 && performed >= count }

  func matches(_ request: BrokerRequest, endpoint: String) -> Bool {
    if let method, method != request.method.name.description { return false }
    guard isTarget(endpoint) || isTarget(request.path) else { return false }
    guard let containing else { return true }
    return request.body.contains(containing)
  }

  private func isTarget(_ name: String) -> Bool {
    target.hasSuffix("*") ? name.hasPrefix(target.dropLast()) : name == target
  }

  /// Counts a matching call. True if it is one that meets the fault.
  mutating func meets(draw: UInt64) -> Bool {
    let index = matched - skip
    matched += 1
    guard index >= 0, index % every == 0, !isSpent, draw % 1_000_000 < UInt64(chance) else { return false }
    performed += 1
    return true
  }
}

extension [UInt8] {
  /// Whether `part` stands anywhere in it.
  func contains(_ part: [UInt8]) -> Bool {
    guard !part.isEmpty, count >= part.count else { return part.isEmpty }
    return (0...(count - part.count)).contains { start in
      part.indices.allSatisfy { self[start + $0] == part[$0] }
    }
  }
}
