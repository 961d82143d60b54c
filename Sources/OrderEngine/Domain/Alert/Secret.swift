/// Bytes that must never be printed: every way of turning one into text says so instead. Only ``matches(_:)`` and the
/// one place that needs the bytes read it.
public struct Secret: Sendable {
  private let bytes: [UInt8]

  public init(_ bytes: [UInt8]) { self.bytes = bytes }
  public init(_ text: String) { bytes = Array(text.utf8) }

  public var isEmpty: Bool { bytes.isEmpty }

  /// Whether both hold the same bytes, in a time that depends on the lengths alone.
  public func matches(_ candidate: Secret) -> Bool {
    var difference: UInt8 = bytes.count == candidate.bytes.count ? 0 : 1
    let count = bytes.count
    for index in 0..<candidate.bytes.count {
      let own = count == 0 ? 0 : bytes[index % count]
      difference |= own ^ candidate.bytes[index]
    }
    return difference == 0
  }

  /// The bytes, for the one who must send or hash them.
  public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(bytes.span)
  }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  public var description: String { "<redacted>" }
  public var debugDescription: String { "<redacted>" }
  public var customMirror: Mirror { Mirror(self, children: []) }
}
