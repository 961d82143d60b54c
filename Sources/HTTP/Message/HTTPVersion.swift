/// The minor versions of HTTP/1 that differ for us. A higher minor is treated as 1.1 (RFC 9110 2.5).
public enum HTTPVersion: UInt8, Sendable {
  case http10, http11
}
