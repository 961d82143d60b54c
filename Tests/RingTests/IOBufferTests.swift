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
