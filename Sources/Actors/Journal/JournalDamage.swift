public import OrderDomain

/// Why a segment cannot be believed: it says where, and nothing is executed on top of it.
public struct JournalDamage: Error, Equatable, Sendable {
  public enum Kind: Equatable, Sendable {
    case notAJournal
    case unknownVersion(UInt32)
    case headerChecksum
    /// The segment does not continue the one before it.
    case doesNotContinue
    /// The segment is not there.
    case missing
    case checksum
    case length(UInt32)
    case sequence(expected: UInt64, found: UInt64)
    case chain
    case payload(type: UInt8)
  }

  public let segment: UInt64
  /// Byte offset in the segment's file.
  public let offset: Int
  /// The sequence that was due there.
  public let sequence: UInt64
  public let kind: Kind

  public init(segment: UInt64, offset: Int, sequence: UInt64, kind: Kind) {
    self.segment = segment
    self.offset = offset
    self.sequence = sequence
    self.kind = kind
  }

  public var refusal: Refusal {
    Refusal(
      code: "journal.damaged",
      cause: "segment \(segment) is damaged at offset \(offset), sequence \(sequence): \(kind)",
      fix: "restore the segment from a copy; the engine does not start on a journal with a hole, because orders behind "
        + "it could be sent twice")
  }
}

extension JournalDamage.Kind: CustomStringConvertible {
  public var description: String {
    switch self {
    case .notAJournal: "this is no journal segment"
    case .unknownVersion(let version): "it was written in version \(version) of the format"
    case .headerChecksum: "the header's checksum does not fit"
    case .doesNotContinue: "it does not continue the segment before it"
    case .missing: "the segment is missing"
    case .checksum: "the record's checksum does not fit"
    case .length(0): "zeros where a record was written"
    case .length(let length): "a record cannot have the length \(length)"
    case .sequence(let expected, let found): "record \(found) stands where \(expected) was due"
    case .chain: "the seal does not fit the records before it"
    case .payload(let type): "the content of a record of type \(type) makes no sense"
    }
  }
}
