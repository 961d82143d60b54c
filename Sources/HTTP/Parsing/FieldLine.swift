/// Where one field line's name and value (without surrounding white space) stand in the message's head.
///
/// A head is bounded by ``HTTPLimits``, far below 4 GiB.
public struct FieldLine: Sendable, Equatable {
  private let nameStart: UInt32
  private let nameEnd: UInt32
  private let valueStart: UInt32
  private let valueEnd: UInt32

  @inline(__always)
  init(name: Range<Int>, value: Range<Int>) {
    nameStart = UInt32(truncatingIfNeeded: name.lowerBound)
    nameEnd = UInt32(truncatingIfNeeded: name.upperBound)
    valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
    valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
  }

  @inline(__always)
  var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
  @inline(__always)
  var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}
