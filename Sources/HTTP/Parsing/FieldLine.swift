/// Where one field line's name and value (without surrounding white space) stand in the message's head.
///
/// A head is bounded by ``HTTPLimits``, far below 4 GiB.
public struct FieldLine: Sendable, Equatable {
  var nameStart: UInt32
  var nameEnd: UInt32
  var valueStart: UInt32
  var valueEnd: UInt32

  var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
  var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}
