import Actors
import OrderDomain

/// What a walk over a journal has found.
package struct JournalVerdict: Sendable {
  var segmentCount = 0
  var commitCount = 0
  var byteCount: UInt64 = 0
  var starts = 0
  var stops = 0
  var alerts = 0
  var intents = 0
  var reports = 0
  var cancels = 0
  var resumptions = 0
  var changes = 0
  var firstTime: Timestamp?
  var lastTime: Timestamp?
  var end = JournalPosition.start
  /// Behind the last whole commit: of one that is being written, or was cut short.
  var unfinishedByteCount = 0
  var damage: JournalDamage?
  /// Each snapshot, and what is wrong with it.
  var snapshots: [(name: String, damage: String?)] = []

  package var isGood: Bool { damage == nil && snapshots.allSatisfy { $0.damage == nil } }
  var recordCount: Int { starts + stops + alerts + intents + reports + cancels + resumptions + changes }

  mutating func count(_ event: JournalEvent) {
    switch event {
    case .engineStarted: starts += 1
    case .engineStopped: stops += 1
    case .alertAccepted: alerts += 1
    case .orderIntended: intents += 1
    case .orderReported: reports += 1
    case .cancelSent: cancels += 1
    case .writingResumed: resumptions += 1
    case .configurationChanged: changes += 1
    }
  }

  package var words: String {
    var lines = [
      "segments    \(segmentCount), \(byteCount) bytes in \(commitCount) commits",
      "records     \(recordCount): \(alerts) alerts, \(intents) exits' terms, \(reports) reports, "
        + "\(cancels) cancels, \(starts) starts, \(stops) clean stops",
    ]
    if let firstTime, let lastTime {
      lines.append("time        \(firstTime.indianDescription) to \(lastTime.indianDescription)")
    }
    for snapshot in snapshots { lines.append("snapshot    \(snapshot.name): \(snapshot.damage ?? "whole")") }
    if unfinishedByteCount > 0 {
      lines.append(
        "tail        \(unfinishedByteCount) bytes of a commit that is being written, or was cut short; the next start cuts "
          + "them off")
    }
    if let damage {
      lines.append("DAMAGED     \(damage.refusal.cause)")
      lines.append("            \(damage.refusal.fix)")
      lines.append("            the figures above are of what comes before it")
    } else {
      lines.append("next        sequence \(end.nextSequence), in segment \(end.place.segment) at \(end.place.offset)")
      lines.append("chain       \(chain)")
      lines.append(isGood ? "the journal is whole" : "the journal is whole; a snapshot is not, and is left aside")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  package var json: [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.boolean("whole", isGood)
      json.integer("segments", segmentCount)
      json.integer("bytes", byteCount)
      json.integer("commits", commitCount)
      json.integer("records", recordCount)
      json.integer("alerts", alerts)
      json.integer("intents", intents)
      json.integer("reports", reports)
      json.integer("starts", starts)
      json.integer("stops", stops)
      json.integer("configuration_changes", changes)
      json.optionalString("first_time", firstTime?.description)
      json.optionalString("last_time", lastTime?.description)
      json.integer("next_sequence", end.nextSequence)
      json.string("chain", chain)
      json.integer("unfinished_bytes", unfinishedByteCount)
      if let damage {
        json.object("damage") { json in
          json.integer("segment", damage.segment)
          json.integer("offset", damage.offset)
          json.integer("sequence", damage.sequence)
          json.string("kind", "\(damage.kind)")
        }
      } else {
        json.null("damage")
      }
      json.array("snapshots") { json in
        for snapshot in snapshots {
          json.object { json in
            json.string("name", snapshot.name)
            json.optionalString("damage", snapshot.damage)
          }
        }
      }
    }
    return json.bytes
  }

  private var chain: String {
    let digits = Array("0123456789abcdef")
    return String(end.chain.bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }
}
