import Testing

@testable import Ring

struct IOBufferTests {
  @Test("A buffer grows, keeps its bytes, and keeps its memory when emptied")
  func growth() {
    let buffer = IOBuffer(capacity: 16)
    for index in 0..<1000 { buffer.append(UInt8(truncatingIfNeeded: index)) }
    #expect(buffer.count == 1000)
    for index in 0..<1000 { #expect(buffer.bytes[index] == UInt8(truncatingIfNeeded: index)) }
    let capacity = buffer.capacity
    buffer.removeAll()
    #expect(buffer.isEmpty && buffer.capacity == capacity)
  }

  @Test("Text, spans and bytes written in place follow each other")
  func appending() {
    struct Stop: Error {}
    let buffer = IOBuffer("a")
    buffer.append("b\u{e9}" as StaticString)
    buffer.append("c" as String)
    buffer.append([1, 2].span)
    buffer.append(capacity: 8) { output in
      output.append(3)
      output.append(4)
    }
    #expect(throws: Stop.self) {
      try buffer.append(capacity: 8) { (output) throws(Stop) in
        output.append(5)
        throw Stop()
      }
    }
    buffer.replace(at: 0, with: [9].span)
    #expect(buffer.bytes.withUnsafeBufferPointer { Array($0) } == [9] + Array("b\u{e9}c".utf8) + [1, 2, 3, 4, 5])
    buffer.truncate(to: 1)
    #expect(buffer.count == 1)
  }

  @Test("What is kept becomes the first, and zeros fill a buffer up to whole units")
  func keepingAndPadding() {
    let buffer = IOBuffer(capacity: 16, alignment: 4096)
    let hundred = (0..<100).map { UInt8($0) }
    buffer.append(hundred.span)
    buffer.keep(40..<90)
    #expect(buffer.bytes.withUnsafeBufferPointer { Array($0) } == (40..<90).map { UInt8($0) })
    buffer.pad(toMultipleOf: 64)
    #expect(
      buffer.bytes.withUnsafeBufferPointer { Array($0) } == (40..<90).map { UInt8($0) } + Array(repeating: 0, count: 14)
    )
    buffer.pad(toMultipleOf: 64)
    #expect(buffer.count == 64)
    buffer.keep(64..<64)
    #expect(buffer.isEmpty)
    buffer.pad(toMultipleOf: 64)
    #expect(buffer.isEmpty)
  }

  @Test("Changing a buffer that is lent is a bug")
  func lent() async {
    await #expect(processExitsWith: .failure) {
      let buffer = IOBuffer("x")
      buffer.lend()
      buffer.append(1)
    }
  }

  @Test("A buffer may be lent more than once")
  func flights() {
    let buffer = IOBuffer("x")
    buffer.lend()
    buffer.lend()
    buffer.giveBack()
    #expect(buffer.isInFlight)
    buffer.giveBack()
    #expect(!buffer.isInFlight)
  }
}
