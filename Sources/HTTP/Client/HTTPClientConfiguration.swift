package import Ring

/// The limits and choices of one client. Checked when the client is made. What cannot be chosen: peers' certificates and
/// names are always verified, redirects never followed, proxies never used, and only HTTP is spoken.
package struct HTTPClientConfiguration: Sendable {
  /// Where `http://` may be spoken.
  package enum PlainText: Sendable, Hashable {
    /// Only to 127.0.0.0/8, `::1` and `localhost`: a simulator or a proxy on this machine.
    case loopback
    case anywhere
    case nowhere
  }

  /// A PEM file of certificate authorities that are trusted besides the system's.
  package var extraAuthorities: String?
  package var plainText = PlainText.loopback
  /// Without it only IPv4 is used: brokers register one address, and IPv6 would leave by another.
  package var usesIPv6 = false
  /// The local address that connections leave by; nil lets the kernel choose.
  package var sourceAddress: SocketAddress.Host?
  /// Offers HTTP/2 over TLS (ALPN); without it every transfer is HTTP/1.1.
  package var offersHTTP2 = true
  /// Name lookup, TCP and TLS together: 1 ms...5 min.
  package var connectLimit = Duration.seconds(3)
  /// Open connections in all: 1...1000. Transfers beyond it wait, unsent.
  package var connectionLimit = 64
  /// Open connections to one host: 1...`connectionLimit`. Transfers beyond it wait, unsent.
  package var connectionsPerHostLimit = 16
  /// A connection unused for longer is not used again: 1 s...1 day. Below what the peers allow, so that we leave first.
  package var idleLimit = Duration.seconds(110)
  /// Transfers under way or waiting: 1...100,000. Further ones are refused at once.
  package var transferLimit = 1024
  /// Bytes of an answer's head, interim answers included: 1 KiB...1 MiB.
  package var headLimit = 64 * 1024
  /// Fields of an answer's head: 1...1000.
  package var fieldLimit = 200
  /// The `User-Agent` of requests that bring none; nil sends none.
  package var userAgent: String?

  package init() {}

  /// What is out of range, or nil.
  var flaw: String? {
    if !(Duration.milliseconds(1)...Duration.seconds(300)).contains(connectLimit) { return "connectLimit" }
    if !(1...1000).contains(connectionLimit) { return "connectionLimit" }
    if !(1...connectionLimit).contains(connectionsPerHostLimit) { return "connectionsPerHostLimit" }
    if !(Duration.seconds(1)...Duration.seconds(86_400)).contains(idleLimit) { return "idleLimit" }
    if !(1...100_000).contains(transferLimit) { return "transferLimit" }
    if !(1024...1 << 20).contains(headLimit) { return "headLimit" }
    if !(1...1000).contains(fieldLimit) { return "fieldLimit" }
    if let userAgent, !userAgent.utf8.allSatisfy(ByteClass.isFieldContent) { return "userAgent" }
    return nil
  }
}
