/// A place in a ``SlotTable`` and which of its tenants is meant.
struct SlotID: Hashable, Sendable {
  static let generationMask: UInt32 = 0xff_ffff

  let slot: UInt32
  let generation: UInt32
}
