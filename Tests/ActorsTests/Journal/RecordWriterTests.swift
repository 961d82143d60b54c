import TestSupport
import Testing

@testable import Actors

struct RecordWriterTests {
  private func bytes(_ write: (inout RecordWriter) -> Void) -> [UInt8] {
    var writer = RecordWriter()
    write(&writer)
    return writer.bytes
  }

  @Test func `integers stand little end first, short ones in few bytes`() {
    #expect(bytes { $0.put(UInt32(0x0102_0304)) } == [4, 3, 2, 1])
    #expect(bytes { $0.put(UInt64(0x0102_0304_0506_0708)) } == [8, 7, 6, 5, 4, 3, 2, 1])
    #expect(bytes { $0.put(Int64(-2)) } == [0xFE] + [UInt8](repeating: 0xFF, count: 7))
    #expect(bytes { $0.put(variable: UInt64(127)) } == [0x7F])
    #expect(bytes { $0.put(variable: UInt64(300)) } == [0xAC, 0x02])
    #expect(bytes { $0.put(variable: Int64(-1)) } == [1])
    #expect(bytes { $0.put(variable: Int64(1)) } == [2])
    #expect(bytes { $0.put("é") } == [2, 0xC3, 0xA9])
    #expect(bytes { $0.put(optional: nil) } == [0])
    #expect(bytes { $0.put(optional: "") } == [1, 0])
  }

  @Test func `whatever is written reads back`() throws {
    var random = SeededGenerator(seed: 12)
    var signed: [Int64] = [0, 1, -1, .min, .max, 63, 64, -64, -65]
    for shift in 0..<64 { signed.append(Int64.random(in: .min ... .max, using: &random) >> Int64(shift)) }
    for value in signed {
      var reader = RecordReader(
        bytes {
          $0.put(variable: value)
          $0.put(variable: UInt64(bitPattern: value))
          $0.put(value)
          $0.put(UInt32(truncatingIfNeeded: value))
          $0.put("\(value)")
        })
      #expect(try reader.signedVariable() == value)
      #expect(try reader.variable() == UInt64(bitPattern: value))
      #expect(try reader.signed64() == value)
      #expect(try reader.fixed32() == UInt32(truncatingIfNeeded: value))
      #expect(try reader.text() == "\(value)")
      #expect(reader.isAtEnd)
    }
  }

  @Test(
    arguments: [
      [], [0x80], [UInt8](repeating: 0x80, count: 10), [UInt8](repeating: 0xFF, count: 9) + [2],
      [UInt8](repeating: 0xFF, count: 11),
    ] as [[UInt8]])
  func `a variable integer that does not end, or overflows, is malformed`(bytes: [UInt8]) {
    #expect(throws: RecordReader.Malformed.self) {
      var reader = RecordReader(bytes)
      _ = try reader.variable()
    }
  }

  @Test(
    arguments: [[1], [2, 0x41], [1, 0xFF], [2, 0xC0, 0x80], [UInt8](repeating: 0xFF, count: 9) + [1]] as [[UInt8]])
  func `text that is cut, not UTF-8, or longer than all there is, is malformed`(bytes: [UInt8]) {
    #expect(throws: RecordReader.Malformed.self) {
      var reader = RecordReader(bytes)
      _ = try reader.text()
    }
  }

  @Test func `a presence mark is 0 or 1, and nothing is read past the end`() throws {
    var reader = RecordReader([2, 0])
    #expect(throws: RecordReader.Malformed.self) { _ = try reader.optionalText() }
    var short = RecordReader([1, 2, 3])
    #expect(throws: RecordReader.Malformed(offset: 0)) { _ = try short.fixed32() }
    #expect(throws: RecordReader.Malformed(offset: 0)) { _ = try short.fixed64() }
    #expect(throws: RecordReader.Malformed(offset: 0)) { _ = try short.raw(4) }
    var part = RecordReader([1, 2, 3, 4, 5], range: 1..<3)
    #expect(try part.raw(2) == [2, 3])
    #expect(throws: RecordReader.Malformed(offset: 3)) { _ = try part.byte() }
  }
}
