internal import OrderDomain

/// A list of answers in one answer: `{"s":"ok","code":200,"data":[{"statusCode":200,"body":{…}},…]}`.
struct FyersItems {
  struct Item {
    let status: Int64?
    let body: FyersEnvelope?

    /// As if it had come alone, under its own status.
    func verdict(now: Timestamp) -> FyersVerdict {
      guard let body, let status, (100...599).contains(status) else {
        return .unproven(BrokerFault.strangeAnswer.refusal("an item without a status or a body"))
      }
      return FyersVerdict(BrokerAnswer(status: Int(status), body: []), body, now: now)
    }
  }

  private(set) var envelope = FyersEnvelope()
  /// `nil` when there is no list.
  private(set) var items: [Item]?

  /// `nil` when the body is not one whole object that says everything once.
  init?(_ body: [UInt8]) {
    do throws(JSONError) {
      var reader = WireReader(body.span)
      try read(&reader)
      try reader.scanner.finish()
    } catch {
      return nil
    }
  }

  private mutating func read(_ reader: inout WireReader) throws(JSONError) {
    try reader.scanner.beginObject()
    while let key = try reader.nextKey() {
      if try envelope.take(key, &reader) { continue }
      guard key == "data", try reader.scanner.peek() == .array else {
        try reader.scanner.skipValue()
        continue
      }
      if items != nil { throw JSONError(.duplicateKey, at: reader.scanner.position) }
      var list: [Item] = []
      try reader.scanner.beginArray()
      while try reader.scanner.nextElement() { list.append(try FyersItems.item(&reader)) }
      items = list
    }
  }

  private static func item(_ reader: inout WireReader) throws(JSONError) -> Item {
    var status: Int64?
    var body: FyersEnvelope?
    guard try reader.beginsObject() else { return Item(status: nil, body: nil) }
    while let key = try reader.nextKey() {
      switch key {
      case "statusCode":
        if status != nil { throw JSONError(.duplicateKey, at: reader.scanner.position) }
        status = try reader.integer()
      case "body":
        if body != nil { throw JSONError(.duplicateKey, at: reader.scanner.position) }
        if try reader.scanner.peek() == .object {
          body = try FyersEnvelope(&reader)
        } else {
          try reader.scanner.skipValue()
        }
      default: try reader.scanner.skipValue()
      }
    }
    return Item(status: status, body: body)
  }
}
