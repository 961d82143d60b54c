/// How much of each part of a request is believed before it is refused.
public struct HTTPLimits: Sendable, Equatable {
  /// Bytes of the method. Nothing we implement is longer than seven; a longer one gets 501 (RFC 9112 3).
  public var methodLength = 24
  /// Bytes of the request target; a longer one gets 414. RFC 9112 3 asks for 8,000 at least.
  public var targetLength = 8 * 1024
  /// Bytes from the first field line to the end of the empty line after the last; more gets 431.
  public var headerSectionLength = 16 * 1024
  /// Field lines of the header section, and again of a trailer section; more gets 431.
  public var fieldCount = 100
  /// Bytes of content after decoding; more gets 413.
  public var bodyLength = 64 * 1024
  /// Empty lines ahead of a request line (RFC 9112 2.2 asks for one at least).
  public var leadingEmptyLineCount = 4
  /// Digits of a chunk size: sixteen hold any 64-bit number, so more can only be zeros.
  public var chunkSizeDigitCount = 16
  /// Bytes of all chunk extensions of one message together (RFC 9112 7.1.1 asks for a limit).
  public var chunkExtensionLength = 1024

  public init() {}
}
