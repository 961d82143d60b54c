/// How a listening socket is made.
package struct ListenOptions: Sendable {
  /// Connections that may wait to be accepted: 1...65535; the kernel cuts it at `net.core.somaxconn`.
  package var backlog = 4096
  /// Several loops (or processes of one user) share the port, the kernel spreads connections over them.
  package var reusePort = false
  /// Small answers leave at once instead of waiting for the peer's acknowledgement. Accepted streams inherit it.
  package var noDelay = true
  /// An IPv6 socket takes IPv6 connections only.
  package var ipv6Only = true

  package init() {}
}
