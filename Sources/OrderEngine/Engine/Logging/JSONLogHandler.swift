internal import Dispatch
internal import Glibc
package import Logging
internal import OrderDomain
internal import Synchronization

/// One JSON object a line on standard output, for whoever collects logs.
package struct JSONLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  private var ownLevel: Logger.Level?
  private let label: String

  package init(label: String) { self.label = label }

  /// The program's, which may change, unless this logger was given its own.
  package var logLevel: Logger.Level {
    get { ownLevel ?? LogThreshold.level }
    set { ownLevel = newValue }
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var json = JSONWriter(reserving: 256)
    json.object { json in
      json.string("time", SystemWallClock().now().description)
      json.string("level", event.level.rawValue)
      json.string("logger", label)
      json.string("event", event.message.description)
      for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: {
        $0.key < $1.key
      }) {
        json.string(named: key, value.description)
      }
    }
    LogOutput.write(json.bytes + [UInt8(ascii: "\n")])
  }
}

/// Lines for a person at a terminal.
package struct TerminalLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  private var ownLevel: Logger.Level?

  package init() {}

  package var logLevel: Logger.Level {
    get { ownLevel ?? LogThreshold.level }
    set { ownLevel = newValue }
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    let time = SystemWallClock().now().indianDescription.dropFirst(11).prefix(12)
    var line = "\(time) \(event.level.rawValue.uppercased()) \(event.message)"
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }).sorted(by: { $0.key < $1.key }
    ) {
      line += "  \(key)=\(value)"
    }
    LogOutput.write(Array((line + "\n").utf8))
  }
}

/// Standard output behind a queue of its own: a reader that is slow or gone never holds up the engine's thread.
package enum LogOutput {
  /// Bytes that may wait; lines beyond them are dropped, and the next line that fits says how many.
  private static let backlogLimit = 1 << 20
  private static let queue = DispatchQueue(label: "order-engine.log")
  private static let backlog = Atomic<Int>(0)
  private static let droppedCount = Atomic<Int>(0)

  static func write(_ line: [UInt8]) {
    let waiting = backlog.add(line.count, ordering: .relaxed).newValue
    guard waiting <= backlogLimit else {
      backlog.subtract(line.count, ordering: .relaxed)
      droppedCount.add(1, ordering: .relaxed)
      return
    }
    queue.async {
      let dropped = droppedCount.exchange(0, ordering: .relaxed)
      if dropped > 0 {
        put(Array("{\"level\":\"warning\",\"event\":\"log lines dropped\",\"count\":\(dropped)}\n".utf8))
      }
      put(line)
      backlog.subtract(line.count, ordering: .relaxed)
    }
  }

  /// Until all that was logged has been written: for the end of the program.
  package static func flush() { queue.sync {} }

  private static func put(_ bytes: [UInt8]) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(STDOUT_FILENO, buffer.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      // Nobody reads any more; there is nowhere to say so.
      guard count > 0 else { return }
      written += count
    }
  }
}
