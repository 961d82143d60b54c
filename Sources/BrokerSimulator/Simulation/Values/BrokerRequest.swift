package import HTTP

/// A request as the dialects read it: its own memory, and of the header only what brokers look at.
package struct BrokerRequest: Sendable {
  package var method: HTTPMethod
  /// Escapes undone, without the query.
  package var path: String
  /// Names and values in their order, escapes undone.
  package var query: [(name: String, value: String)]
  /// By lower-case name: ``heeded`` alone.
  package var fields: [String: String]
  package var body: [UInt8]
  /// Without the port.
  package var peer: String

  static let heeded: [StaticString] = [
    "access-token", "client-id", "dhanclientid", "authorization", "app_id", "app_secret", "partner_id",
    "partner_secret", "upgrade", "sec-websocket-key",
  ]

  package init(
    _ method: HTTPMethod, _ path: String, query: [(name: String, value: String)] = [], fields: [String: String] = [:],
    body: String = "", peer: String = "127.0.0.1"
  ) {
    self.method = method
    self.path = path
    self.query = query
    self.fields = fields
    self.body = Array(body.utf8)
    self.peer = peer
  }

  /// `nil` where the path or the query does not decode.
  package init?(_ view: borrowing HTTPRequestView) {
    guard let path = PercentCoding.decode(view.path), let query = BrokerRequest.pairs(view.query) else { return nil }
    method = view.method
    self.path = path
    self.query = query
    fields = [:]
    for name in BrokerRequest.heeded {
      if let value = view.fieldText(name) { fields[name.description] = value }
    }
    body = []
    body.append(view.body)
    peer = view.peer.description
  }

  package func queryValue(_ name: String) -> String? { query.first { $0.name == name }?.value }

  private static func pairs(_ query: Span<UInt8>) -> [(name: String, value: String)]? {
    var pairs: [(name: String, value: String)] = []
    var start = 0
    while start < query.count {
      var end = start
      while end < query.count, query[end] != UInt8(ascii: "&") { end += 1 }
      var equals = start
      while equals < end, query[equals] != UInt8(ascii: "=") { equals += 1 }
      guard let name = PercentCoding.decode(query.extracting(start..<equals), plusIsSpace: true),
        let value = PercentCoding.decode(query.extracting(min(equals + 1, end)..<end), plusIsSpace: true)
      else { return nil }
      if !name.isEmpty { pairs.append((name, value)) }
      start = end + 1
    }
    return pairs
  }
}
