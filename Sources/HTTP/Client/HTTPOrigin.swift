/// Where a URL leads: scheme, host and port, as the URL spells them.
struct HTTPOrigin: Hashable, Sendable {
  let isSecure: Bool
  /// `host` or `host:port`.
  let authority: String

  /// Takes `http://` and `https://` with a host, maybe a port, path and query. No user, no fragment, nothing that would
  /// have to be escaped: the text is passed on as it stands, and two parsers must not differ about it.
  init?(_ url: String) {
    let bytes = Array(url.utf8)
    guard !bytes.isEmpty, bytes.count <= Self.lengthLimit, bytes.allSatisfy(ByteClass.isTarget),
      bytes.first != UInt8(ascii: "/"),
      bytes.first != UInt8(ascii: "*")
    else { return nil }
    let target: RequestTarget
    do { target = try RequestTarget(bytes.span, 0..<bytes.count, .get) } catch { return nil }
    guard let authority = target.authority else { return nil }
    isSecure = authority.lowerBound == 8
    self.authority = String(decoding: bytes[authority], as: UTF8.self)
  }

  private static let lengthLimit = 8192

  /// `localhost` or a literal address of this machine.
  var isLoopback: Bool {
    var host = authority.lowercased()
    if let end = host.lastIndex(of: ":"), !host.hasSuffix("]") { host = String(host[..<end]) }
    if host == "localhost" || host == "[::1]" { return true }
    let octets = host.split(separator: ".", omittingEmptySubsequences: false)
    return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
  }

  /// As it is shown and counted under.
  var text: String { (isSecure ? "https://" : "http://") + authority }
}
