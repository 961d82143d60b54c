/// Where a broker answers: scheme, host and port of a web address, without a path. Plain `http` is for this machine alone,
/// where a simulator may stand in for the broker.
package struct BrokerAddress: Hashable, Sendable, CustomStringConvertible {
  /// Without a slash at its end, ready to put a path behind it.
  package let text: String
  /// Whether it is this very machine: no real order can leave for it.
  package let isLoopback: Bool

  package var description: String { text }

  /// `nil` for what is no such address, and for plain `http` to another machine.
  package init?(_ text: String) {
    var rest = Substring(text)
    while rest.last == "/" { rest.removeLast() }
    let isSecure = rest.hasPrefix("https://")
    guard isSecure || rest.hasPrefix("http://"), rest.utf8.count <= 200 else { return nil }
    let authority = rest.dropFirst(isSecure ? 8 : 7)
    guard let (host, port) = BrokerAddress.parts(authority), port.map({ (1...65_535).contains($0) }) ?? true else {
      return nil
    }
    isLoopback = BrokerAddress.isLoopback(host)
    guard isSecure || isLoopback else { return nil }
    self.text = String(rest)
  }

  private static func parts(_ authority: Substring) -> (host: Substring, port: Int?)? {
    let host: Substring
    var rest: Substring
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      host = authority[authority.index(after: authority.startIndex)..<end]
      rest = authority[authority.index(after: end)...]
      guard host.utf8.allSatisfy({ $0 == UInt8(ascii: ":") || isHexDigit($0) }), host.contains(":") else { return nil }
    } else {
      host = authority.prefix { $0 != ":" }
      rest = authority[host.endIndex...]
      guard !host.isEmpty, host.utf8.allSatisfy(isHostByte) else { return nil }
    }
    if rest.isEmpty { return (host, nil) }
    guard rest.removeFirst() == ":", rest.utf8.allSatisfy({ (48...57).contains($0) }), let port = Int(rest) else {
      return nil
    }
    return (host, port)
  }

  private static func isHostByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  /// By what is written, not by what a name resolves to: a name that somebody else can change is no loopback.
  private static func isLoopback(_ host: Substring) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    let octets = host.split(separator: ".", omittingEmptySubsequences: false)
    return octets.count == 4 && octets[0] == "127" && octets.dropFirst().allSatisfy { UInt8($0) != nil }
  }
}
