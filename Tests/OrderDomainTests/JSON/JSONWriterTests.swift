import OrderDomain
import Testing

@Suite("What the writer writes, the scanner reads")
struct JSONWriterTests {
  @Test("Commas, brackets and names stand where they belong")
  func layout() {
    var writer = JSONWriter()
    writer.object { writer in
      writer.string("a", "x")
      writer.array("b") { writer in
        writer.integer(nil, -1)
        writer.object { _ in }
        writer.null()
        writer.boolean(nil, true)
      }
      writer.number("c", decimalText: "120.05")
      writer.optionalString("d", nil)
      writer.string(named: "e\"f", "")
    }
    let text = String(decoding: writer.bytes, as: UTF8.self)
    #expect(text == #"{"a":"x","b":[-1,{},null,true],"c":120.05,"d":null,"e\"f":""}"#)
  }

  @Test("Every character comes back as it went in")
  func characters() throws {
    let text = String(String.UnicodeScalarView((0..<0x250).compactMap(Unicode.Scalar.init))) + "𝄞</script>€"
    var writer = JSONWriter()
    writer.string(nil, text)
    #expect(!writer.bytes.contains(UInt8(ascii: "<")))
    let bytes = writer.bytes
    var scanner = JSONScanner(bytes.span)
    let string = try scanner.string()
    try scanner.finish()
    #expect(scanner.text(string) == text)
  }
}
