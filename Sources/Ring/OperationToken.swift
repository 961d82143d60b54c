/// What kind of operation a completion belongs to.
enum OperationKind: UInt8 {
  case accept = 1
  case receive, send, connect
  case poll
  /// A file write that stands alone.
  case write
  /// The write of a linked write-and-sync: completes by itself only when it failed or came up short.
  case writeBeforeSync
  case sync, allocate
  /// The eventfd by which other threads end the loop's sleep.
  case wake
  /// A cancellation or a close: its own completion is of no interest.
  case cancel, close
}

/// What travels with an operation through the kernel: its kind, and the slot and generation of its owner.
///
/// A descriptor's number comes back after a close; a generation does not (it is 24 bits wide: 16 million reuses of one slot).
struct OperationToken: Equatable {
  let rawValue: UInt64

  @inline(__always)
  init(rawValue: UInt64) { self.rawValue = rawValue }

  @inline(__always)
  init(_ kind: OperationKind, _ id: SlotID) {
    rawValue = UInt64(kind.rawValue) << 56 | UInt64(id.generation & SlotID.generationMask) << 32 | UInt64(id.slot)
  }

  @inline(__always)
  var kind: OperationKind? { OperationKind(rawValue: UInt8(truncatingIfNeeded: rawValue >> 56)) }

  @inline(__always)
  var id: SlotID {
    SlotID(
      slot: UInt32(truncatingIfNeeded: rawValue),
      generation: UInt32(truncatingIfNeeded: rawValue >> 32) & SlotID.generationMask)
  }
}
