/// A log in numbered segments that only grows, as the journal needs it. The journal says where each write goes; the log
/// remembers nothing but its open files.
public protocol AppendLog: Sendable {
  typealias Ending = @Sendable (Result<Void, AppendLogFailure>) -> Void

  /// Begins to write `bytes` at `place`, in a segment that was there at the start or has been prepared since; the disk works
  /// on it from the moment that this returns. Called on the executor of the journal.
  ///
  /// `ended` is called once, later or at once: when the bytes are in the file, so that the end of the process loses nothing of
  /// them; with `isDurable` when they would survive a power cut (fdatasync). The caller has one write in flight at a time.
  /// After a failure of kind ``AppendLogFailure/Kind/noSpace`` the last byte, at least, is not in the file, and the place may
  /// be written again: what was taken of the first attempt is taken of the next.
  func write(_ bytes: [UInt8], at place: LogPlace, isDurable: Bool, ended: @escaping Ending)

  /// Makes every write to `segment` durable that had returned before this call. One is in flight at a time; a write may
  /// run beside it. After a failure nothing is known of those writes, and a later success would prove nothing.
  func sync(_ segment: UInt64) async throws(AppendLogFailure)

  /// Makes `segment` ahead of need: `byteCount` bytes of zeros on the disk, name and all, so that writing over them meets
  /// no full disk and flushing them changes no metadata. Takes as long as it takes, and keeps no write waiting. What a
  /// failed attempt has taken of the disk is given back.
  func prepare(_ segment: UInt64, byteCount: UInt64) async throws(AppendLogFailure)

  /// Fails with ``AppendLogFailure/Kind/noSpace`` while the disk has less than `byteCount` bytes left.
  func checkRoom(_ byteCount: UInt64) async throws(AppendLogFailure)
}

/// Where bytes stand in a log.
public struct LogPlace: Hashable, Sendable {
  /// Counted from 1.
  public let segment: UInt64
  /// Bytes from the segment's start.
  public let offset: UInt64

  public init(segment: UInt64, offset: UInt64) {
    self.segment = segment
    self.offset = offset
  }
}

/// Why the log could not be written.
public struct AppendLogFailure: Error, Sendable {
  public enum Kind: Hashable, Sendable {
    /// The disk was full: what was to be written is not there as a whole, and can be tried again when there is room.
    case noSpace
    /// What is on the disk is unknown, and stays so.
    case unknown
  }

  public let kind: Kind
  public let refusal: Refusal

  public init(_ kind: Kind = .unknown, _ refusal: Refusal) {
    self.kind = kind
    self.refusal = refusal
  }
}
