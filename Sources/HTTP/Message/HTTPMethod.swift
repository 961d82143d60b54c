/// A request method that this server implements; any other is refused with 501 (RFC 9110 15.6.2).
///
/// Methods are case-sensitive (RFC 9110 9.1). `CONNECT` is left out on purpose: this is not a proxy.
public enum HTTPMethod: UInt8, Sendable, CaseIterable {
  case get, head, post, put, delete, options, patch, trace

  /// The method as it stands on the wire.
  public var name: StaticString {
    switch self {
    case .get: "GET"
    case .head: "HEAD"
    case .post: "POST"
    case .put: "PUT"
    case .delete: "DELETE"
    case .options: "OPTIONS"
    case .patch: "PATCH"
    case .trace: "TRACE"
    }
  }

  /// Whether a request with this method asks for no change (RFC 9110 9.2.1).
  public var isSafe: Bool {
    switch self {
    case .get, .head, .options, .trace: true
    case .post, .put, .delete, .patch: false
    }
  }

  /// The method that `bytes` spell, or nil where we do not implement it.
  init?(_ bytes: Span<UInt8>) {
    let candidate: HTTPMethod
    switch bytes.count {
    case 3: candidate = bytes[0] == UInt8(ascii: "G") ? .get : .put
    case 4: candidate = bytes[0] == UInt8(ascii: "P") ? .post : .head
    case 5: candidate = bytes[0] == UInt8(ascii: "P") ? .patch : .trace
    case 6: candidate = .delete
    case 7: candidate = .options
    default: return nil
    }
    guard bytes.equals(candidate.name) else { return nil }
    self = candidate
  }
}
