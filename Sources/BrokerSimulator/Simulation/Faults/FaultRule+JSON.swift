import OrderDomain
import SimulatedExchange

/// Why a rule, or another wish at the control port, was not understood.
package struct ControlRefusal: Error, Hashable, Sendable {
  package let message: String
  package var status: UInt16 = 400

  package init(_ message: String, status: UInt16 = 400) {
    self.message = message
    self.status = status
  }
}

extension FaultRule {
  private static let names: Set<String> = [
    "fault", "on", "method", "containing", "skip", "count", "every", "chance_percent", "milliseconds", "status", "body",
    "retry_after", "taken", "bytes", "quantity", "words", "ending", "interim_count",
  ]

  /// Reads a rule, such as `{"fault":"reset_after","on":"dhan.place","skip":3,"count":2}`.
  package init(_ json: JSONValue) throws(ControlRefusal) {
    guard let members = json.members else { throw ControlRefusal("a rule is an object") }
    if let unknown = members.first(where: { !FaultRule.names.contains($0.name) }) {
      throw ControlRefusal("a rule has no field \(unknown.name)")
    }
    guard let target = json["on"]?.text, !target.isEmpty else {
      throw ControlRefusal("\"on\" names an endpoint (dhan.place) or a path; a * at its end stands for anything")
    }
    self.init(try FaultRule.fault(json), on: target)
    method = json["method"]?.text?.uppercased()
    containing = json["containing"]?.text.map { Array($0.utf8) }
    skip = try FaultRule.integer(json, "skip", 0...Int64(Int32.max)) ?? 0
    count = try FaultRule.integer(json, "count", 0...Int64(Int32.max)) ?? 1
    every = try FaultRule.integer(json, "every", 1...Int64(Int32.max)) ?? 1
    if let percent = json["chance_percent"] {
      // Four decimals of a percent are a millionth.
      guard let millionths = percent.decimal?.units(scale: 4), (0...1_000_000).contains(millionths) else {
        throw ControlRefusal("chance_percent is 0 to 100, with up to four decimals")
      }
      chance = Int(millionths)
    }
  }

  private static func fault(_ json: JSONValue) throws(ControlRefusal) -> Fault {
    let isTaken = json["taken"]?.flag
    let status = UInt16(try integer(json, "status", 200...599) ?? 500)
    let retryAfter = json["retry_after"]?.text ?? json["retry_after"]?.integer.map { String($0) }
    let words = json["words"]?.text ?? "RMS: rejected by script"
    switch json["fault"]?.text {
    case "delay_before": return .delay(.before, nanoseconds: try nanoseconds(json))
    case "delay_after": return .delay(.after, nanoseconds: try nanoseconds(json))
    case "blackhole_before": return .silence(.before)
    case "blackhole_after", "timeout_after_acceptance": return .silence(.after)
    case "reset_before": return .reset(.before)
    case "reset_after": return .reset(.after)
    case "close_before": return .close(.before)
    case "close_after", "stale_keepalive": return .close(.after)
    case "cut":
      guard let ending = Fault.Ending(rawValue: json["ending"]?.text ?? "reset") else {
        throw ControlRefusal("\"ending\" is reset, close or silence")
      }
      return .cut(ending)
    case "status":
      return .status(status, body: json["body"]?.text, retryAfter: retryAfter, isTaken: isTaken ?? false)
    case "status_after": return .status(status, body: json["body"]?.text, retryAfter: retryAfter, isTaken: true)
    case "too_many_calls": return .tooManyCalls(retryAfter: retryAfter)
    case "token_death": return .tokenDeath
    case "wrong_address": return .wrongAddress
    case "html": return .page(json["status"] == nil ? 200 : status, isTaken: isTaken ?? true)
    case "empty": return .empty(isTaken: isTaken ?? true)
    case "broken_json": return .brokenJSON(isTaken: isTaken ?? true)
    case "garbage": return .garbage(isTaken: isTaken ?? true)
    case "huge": return .huge(byteCount: try integer(json, "bytes", 1...(1 << 30)) ?? 50_000_000)
    case "drip": return .drip(nanoseconds: try nanoseconds(json))
    case "twice": return .twice
    case "interim": return .interim(count: try integer(json, "interim_count", 1...1_000) ?? 1)
    case "unacknowledged": return .unacknowledged(isTaken: isTaken ?? true)
    case "stuck_in_transit": return .fate(.stuckInTransit)
    case "reject": return .fate(.rejected(words))
    case "partial_then_reject":
      guard let units = try integer(json, "quantity", 1...100_000_000), let quantity = Quantity(Int64(units)) else {
        throw ControlRefusal("\"quantity\" is how much fills before the rejection")
      }
      return .fate(.partlyFilledThenRejected(quantity, words))
    case "stale_books": return .staleBooks(nanoseconds: try nanoseconds(json))
    case let other: throw ControlRefusal("there is no fault \(other ?? "without a name")")
    }
  }

  private static func nanoseconds(_ json: JSONValue) throws(ControlRefusal) -> Int64 {
    guard let milliseconds = try integer(json, "milliseconds", 0...86_400_000) else {
      throw ControlRefusal("\"milliseconds\" says for how long")
    }
    return Int64(milliseconds) * 1_000_000
  }

  private static func integer(
    _ json: JSONValue, _ name: String, _ range: ClosedRange<Int64>
  ) throws(ControlRefusal) -> Int? {
    guard let value = json[name] else { return nil }
    guard let integer = value.integer, range.contains(integer) else {
      throw ControlRefusal("\"\(name)\" is \(range.lowerBound) to \(range.upperBound)")
    }
    return Int(integer)
  }
}
