import Testing

/// A text, and what the engine says to it: `nil` takes it, else the code of the refusal.
struct JSONCase: Sendable, CustomTestStringConvertible {
  var bytes: [UInt8]
  var code: String?

  init(_ text: String, _ code: String? = nil) {
    bytes = Array(text.utf8)
    self.code = code
  }

  init(_ bytes: [UInt8], _ code: String? = nil) {
    self.bytes = bytes
    self.code = code
  }

  var testDescription: String { String(decoding: bytes.prefix(60), as: UTF8.self) }
}

/// The kinds of cases that the public JSON test suites agree on, each in bytes of our own. Where RFC 8259 leaves the
/// answer open, ours stands beside it.
enum JSONCases {
  /// A string of these raw bytes between quotes, in an array.
  private static func quoted(_ bytes: [UInt8]) -> [UInt8] { Array("[\"".utf8) + bytes + Array("\"]".utf8) }

  static let valid: [JSONCase] = [
    // Names that are not unique (section 4): nobody reads these fields.
    JSONCase("{\"a\":\"b\",\"a\":\"c\"}"), JSONCase("{\"a\":\"b\",\"a\":\"b\"}"),
    JSONCase(#"{"a":1,"\u0061":2}"#), JSONCase("{\"\":1,\"\":2}"),
    JSONCase("[{\"k\":{\"x\":1,\"y\":2,\"x\":3}}]"),
    // Arrays
    JSONCase("[]"), JSONCase("[ ]"), JSONCase("[[]  ]"), JSONCase("[\"\"]"), JSONCase("[7]\n"), JSONCase(" [7]"),
    JSONCase("[7] "), JSONCase("[7\n]"), JSONCase("[null,true,\"x\",{},[],2.5]"), JSONCase("[0,null,null,null,4]"),
    JSONCase("\t[\r\n]\t"), JSONCase("[false]"), JSONCase("[null]"), JSONCase("[true]"), JSONCase("[ 4]"),
    JSONCase("[[[[[]]]]]"), JSONCase("[{},{}]"),
    // Numbers
    JSONCase("[0]"), JSONCase("[-0]"), JSONCase("[-0.0]"), JSONCase("[-7]"), JSONCase("[-45]"), JSONCase("[907]"),
    JSONCase("[45.678]"), JSONCase("[0.5]"), JSONCase("[0e1]"), JSONCase("[0e+1]"), JSONCase("[0E-0]"),
    JSONCase("[3e5]"), JSONCase("[3E5]"), JSONCase("[3E+5]"), JSONCase("[3E-5]"), JSONCase("[3e-2]"),
    JSONCase("[45.6e7]"), JSONCase("[45.6E-07]"), JSONCase("[1e00]"), JSONCase("[1.000]"), JSONCase("[10]"),
    JSONCase("[-0.0000000000000000000000000000000000000000000000000000000000000000000000000001]"),
    // Far beyond every fixed-size number: legal where nobody reads the value.
    JSONCase("[45.6e-789]"), JSONCase("[0.4e00669999999999999999999999999999999999999999999]"), JSONCase("[-1e+9999]"),
    JSONCase("[2.5e+9999]"), JSONCase("[-45600e10000]"), JSONCase("[45600e10000]"), JSONCase("[7e-10000000]"),
    JSONCase("[-987987987987987987987987987987]"), JSONCase("[200000000000000000000]"),
    JSONCase("[-347462374623746732932847982347982749827498]"), JSONCase("[9223372036854775808]"),
    // Objects
    JSONCase("{}"), JSONCase("{ }"), JSONCase("{\"k\":\"v\",\"l\":\"w\"}"), JSONCase("{\"k\":[]}"),
    JSONCase("{\"\":0}"), JSONCase("{\"\\u0000k\":7}"), JSONCase("{\"lo\":-2.0e+28,\"hi\":2.0e+28}"),
    JSONCase("{\"long\":\"\(String(repeating: "x", count: 300))\"}"), JSONCase("{\n\"k\":\n\"v\"\n}"),
    JSONCase("{\"k\":{\"k\":{\"k\":7}}}"), JSONCase("{\"a\":1,\"A\":2}"), JSONCase("{\"k\":\"\\u041F\\u043E\"}"),
    JSONCase("[{\"k\":1},{\"k\":1}]"), JSONCase("{\"a\":{\"k\":1},\"b\":{\"k\":1},\"k\":1}"),
    JSONCase("{\"é\":1,\"e\":2}"),
    // Strings: escapes
    JSONCase(#"["\"\\\/\b\f\n\r\t"]"#), JSONCase(#"["\u0041\u00e9\u20AC"]"#), JSONCase(#"["\u0000"]"#),
    JSONCase(#"["\\u0000"]"#), JSONCase(#"["\""]"#), JSONCase(#"["\\a"]"#), JSONCase(#"["\\n"]"#),
    JSONCase(#"["\u0012"]"#), JSONCase(#"["\u005C"]"#), JSONCase(#"["\u0022"]"#), JSONCase(#"["\u000A"]"#),
    JSONCase(#"["\u00A0"]"#), JSONCase(#"["\u200B\u2064"]"#), JSONCase(#"["\uA66D"]"#), JSONCase(#"["new\u000Aline"]"#),
    JSONCase(#"["\uFFFF"]"#), JSONCase(#"["\uFFFE"]"#), JSONCase(#"["\uFDD0"]"#), JSONCase(#"["\u0821"]"#),
    JSONCase(#"["\uABCD\uabcd\uAbCd"]"#),
    // Strings: surrogate pairs
    JSONCase(#"["\uD800\uDC00"]"#), JSONCase(#"["\uD83d\ude39\uD83D\uDC8D"]"#), JSONCase(#"["\uDBFF\uDFFF"]"#),
    JSONCase(#"["\uDBFF\uDFFE"]"#), JSONCase(#"["\uD83F\uDFFE"]"#), JSONCase(#"["\uD834\uDd1e"]"#),
    // Strings: raw UTF-8
    JSONCase("[\"é\"]"), JSONCase("[\"€\"]"), JSONCase("[\"𝄞\"]"), JSONCase("[\"é€𝄞\"]"), JSONCase("[\"\u{7F}\"]"),
    JSONCase("[\"x\u{7F}y\"]"), JSONCase("[\"\u{2028}\"]"), JSONCase("[\"\u{2029}\"]"), JSONCase("[\"π\"]"),
    JSONCase("[\"\u{10FFFF}\"]"), JSONCase("[\"\u{FFFF}\"]"), JSONCase("[\"\u{1BFFF}\"]"), JSONCase("[\"\u{80}\"]"),
    JSONCase("[\"\u{7FF}\u{800}\"]"), JSONCase("[\"\u{D7FF}\u{E000}\"]"), JSONCase("[\"\u{FFFD}\u{10000}\"]"),
    JSONCase("[\"\u{FEFF}\"]"), JSONCase("[\"日本\"]"), JSONCase("[\"a/*b*/c/*d//e\"]"), JSONCase("[\" \"]"),
    JSONCase("[\"asd\"]"), JSONCase("[ \"asd\"]"), JSONCase("[\"Ā\",\"ā\"]"),
    // Anything may stand at the top (RFC 8259 section 2).
    JSONCase("false"), JSONCase("true"), JSONCase("null"), JSONCase("42"), JSONCase("-0.1"), JSONCase("\"asd\""),
    JSONCase("\"\""), JSONCase(" 7 "), JSONCase("\"é\"\n"),
    // At the limit of depth; one more is among the refused.
    JSONCase(String(repeating: "[", count: 32) + String(repeating: "]", count: 32)),
    JSONCase(String(repeating: "{\"k\":", count: 31) + "[]" + String(repeating: "}", count: 31)),
  ]

  static let invalid: [JSONCase] = [
    // Arrays
    JSONCase("[1 true]", "json.expectedComma"), JSONCase("[\"\": 1]", "json.expectedComma"),
    JSONCase("[\"\"],", "json.trailingBytes"), JSONCase("[,7]", "json.expectedValue"),
    JSONCase("[1,,2]", "json.expectedValue"), JSONCase("[\"x\",,]", "json.expectedValue"),
    JSONCase("[\"x\"]]", "json.trailingBytes"), JSONCase("[\"x\",]", "json.trailingComma"),
    JSONCase("[\"x\"", "json.truncated"), JSONCase("[x", "json.expectedValue"),
    JSONCase("[3[4]]", "json.expectedComma"), JSONCase("[1:2]", "json.expectedComma"),
    JSONCase("[,]", "json.expectedValue"), JSONCase("[-]", "json.badNumber"),
    JSONCase("[   , \"\"]", "json.expectedValue"), JSONCase("[\"a\",\n4\n,1,", "json.truncated"),
    JSONCase("[1,]", "json.trailingComma"), JSONCase("[1,,]", "json.expectedValue"),
    JSONCase("[\"\u{0B}a\"\\f]", "json.controlCharacter"), JSONCase("[*]", "json.expectedValue"),
    JSONCase("[\"\"", "json.truncated"), JSONCase("[1,", "json.truncated"), JSONCase("[1,\n1\n,1", "json.truncated"),
    JSONCase("[{}", "json.truncated"), JSONCase("[1;2]", "json.expectedComma"),
    JSONCase(Array("[a".utf8) + [0xE5, 0x5D], "json.expectedValue"),
    JSONCase(Array("[".utf8) + [0xFF, 0x5D], "json.expectedValue"),
    // Literals
    JSONCase("[fals]", "json.expectedValue"), JSONCase("[nul]", "json.expectedValue"),
    JSONCase("[tru]", "json.expectedValue"), JSONCase("[True]", "json.expectedValue"),
    JSONCase("[NULL]", "json.expectedValue"), JSONCase("[truee]", "json.expectedComma"),
    JSONCase("nul", "json.truncated"),
    JSONCase("[undefined]", "json.expectedValue"), JSONCase("[tRue]", "json.expectedValue"),
    // Numbers
    JSONCase("[12 000]", "json.expectedComma"), JSONCase("[++12]", "json.badNumber"),
    JSONCase("[+1]", "json.badNumber"),
    JSONCase("[+Inf]", "json.badNumber"), JSONCase("[-01]", "json.badNumber"),
    JSONCase("[-1.0.]", "json.expectedComma"),
    JSONCase("[-2.]", "json.badNumber"), JSONCase("[-NaN]", "json.badNumber"), JSONCase("[.-1]", "json.badNumber"),
    JSONCase("[.2e-3]", "json.badNumber"), JSONCase("[0.1.2]", "json.expectedComma"),
    JSONCase("[0.3e+]", "json.badNumber"),
    JSONCase("[0.3e]", "json.badNumber"), JSONCase("[0.e1]", "json.badNumber"), JSONCase("[0E+]", "json.badNumber"),
    JSONCase("[0E]", "json.badNumber"), JSONCase("[0e+]", "json.badNumber"), JSONCase("[0e]", "json.badNumber"),
    JSONCase("[1.0e+]", "json.badNumber"), JSONCase("[1.0e-]", "json.badNumber"), JSONCase("[1.0e]", "json.badNumber"),
    JSONCase("[1_000]", "json.expectedComma"), JSONCase("[1eE2]", "json.badNumber"),
    JSONCase("[2.e+3]", "json.badNumber"),
    JSONCase("[2.e-3]", "json.badNumber"), JSONCase("[2.e3]", "json.badNumber"), JSONCase("[9.e+]", "json.badNumber"),
    JSONCase("[Inf]", "json.badNumber"), JSONCase("[NaN]", "json.badNumber"), JSONCase("[１]", "json.expectedValue"),
    JSONCase("[1+2]", "json.expectedComma"), JSONCase("[0x1]", "json.expectedComma"),
    JSONCase("[0x42]", "json.expectedComma"),
    JSONCase("[Infinity]", "json.badNumber"), JSONCase("[0e+-1]", "json.badNumber"),
    JSONCase("[-Infinity]", "json.badNumber"),
    JSONCase("[-foo]", "json.badNumber"), JSONCase("[- 1]", "json.badNumber"), JSONCase("[-012]", "json.badNumber"),
    JSONCase("[-.123]", "json.badNumber"), JSONCase("[-1x]", "json.expectedComma"), JSONCase("[1ea]", "json.badNumber"),
    JSONCase("[1.]", "json.badNumber"), JSONCase("[.123]", "json.badNumber"),
    JSONCase("[1.2a-3]", "json.expectedComma"),
    JSONCase("[012]", "json.badNumber"), JSONCase("[00]", "json.badNumber"), JSONCase("[-00.0]", "json.badNumber"),
    JSONCase("[00e0]", "json.badNumber"), JSONCase("[-00e0]", "json.badNumber"), JSONCase("[00.0]", "json.badNumber"),
    JSONCase("[1e1.5]", "json.expectedComma"), JSONCase("[1 2]", "json.expectedComma"), JSONCase("-", "json.truncated"),
    JSONCase("1.", "json.truncated"), JSONCase("1e", "json.truncated"),
    JSONCase(Array("[123".utf8) + [0xE5, 0x5D], "json.expectedComma"),
    JSONCase(Array("[1e1".utf8) + [0xE5, 0x5D], "json.expectedComma"),
    JSONCase(Array("[0".utf8) + [0xE5, 0x5D], "json.expectedComma"),
    JSONCase(Array("[1e".utf8) + [0xE5, 0x5D], "json.badNumber"),
    // Objects
    JSONCase("[\"x\", truth]", "json.expectedValue"), JSONCase("{[: \"x\"}", "json.expectedKey"),
    JSONCase("{\"x\", null}", "json.expectedColon"), JSONCase("{\"x\"::\"b\"}", "json.expectedValue"),
    JSONCase("{🇨🇭}", "json.expectedKey"), JSONCase("{\"a\":\"a\" 123}", "json.expectedComma"),
    JSONCase("{key: 'value'}", "json.expectedKey"), JSONCase("{\"a\" b}", "json.expectedColon"),
    JSONCase("{:\"b\"}", "json.expectedKey"), JSONCase("{\"a\" \"b\"}", "json.expectedColon"),
    JSONCase("{\"a\":", "json.truncated"), JSONCase("{\"a\"", "json.truncated"), JSONCase("{1:1}", "json.expectedKey"),
    JSONCase("{9999E9999:1}", "json.expectedKey"), JSONCase("{null:null,null:null}", "json.expectedKey"),
    JSONCase("{\"id\":0,,,,,}", "json.expectedKey"), JSONCase("{'a':0}", "json.expectedKey"),
    JSONCase("{\"id\":0,}", "json.trailingComma"), JSONCase("{\"a\":\"b\"}/**/", "json.trailingBytes"),
    JSONCase("{\"a\":\"b\"}/**//", "json.trailingBytes"), JSONCase("{\"a\":\"b\"}//", "json.trailingBytes"),
    JSONCase("{\"a\":\"b\"}/", "json.trailingBytes"), JSONCase("{\"a\":\"b\",,\"c\":\"d\"}", "json.expectedKey"),
    JSONCase("{a: \"b\"}", "json.expectedKey"), JSONCase("{\"a\":\"a", "json.truncated"),
    JSONCase("{ \"foo\" : \"bar\", \"a\" }", "json.expectedColon"), JSONCase("{\"a\":\"b\"}#", "json.trailingBytes"),
    JSONCase("{\"a\":}", "json.expectedValue"), JSONCase("{,}", "json.expectedKey"),
    JSONCase("{\"a\":1]", "json.expectedComma"),
    JSONCase(Array("{\"".utf8) + [0xB9] + Array("\":\"0\",}".utf8), "json.badUTF8"),
    // Strings
    JSONCase(#"["\uD800\"]"#, "json.loneSurrogate"), JSONCase(#"["\uD800\u"]"#, "json.badEscape"),
    JSONCase(#"["\uD800\u1"]"#, "json.badEscape"), JSONCase(#"["\uD800\u1x"]"#, "json.badEscape"),
    JSONCase("[é]", "json.expectedValue"), JSONCase(Array("[\"\\".utf8) + [0, 0x22, 0x5D], "json.badEscape"),
    JSONCase(#"["\x00"]"#, "json.badEscape"), JSONCase(#"["\\\"]"#, "json.truncated"),
    JSONCase("[\"\\\t\"]", "json.badEscape"),
    JSONCase("[\"\\🌀\"]", "json.badEscape"), JSONCase(#"["\"]"#, "json.truncated"),
    JSONCase(#"["\u00A"]"#, "json.badEscape"),
    JSONCase(#"["\uD834\uDd"]"#, "json.badEscape"), JSONCase(#"["\uD800\uD800\x"]"#, "json.loneSurrogate"),
    JSONCase(#"["\a"]"#, "json.badEscape"), JSONCase(#"["\uqqqq"]"#, "json.badEscape"),
    JSONCase(Array(#"["\"#.utf8) + [0xE5] + Array("\"]".utf8), "json.badEscape"),
    JSONCase(Array(#"["\u"#.utf8) + [0xE5] + Array("\"]".utf8), "json.badEscape"),
    JSONCase(#"[\u0020"asd"]"#, "json.expectedValue"),
    JSONCase(#"[\n]"#, "json.expectedValue"), JSONCase("\"", "json.truncated"),
    JSONCase("['single']", "json.expectedValue"),
    JSONCase("abc", "json.expectedValue"), JSONCase("[\"\\", "json.truncated"),
    JSONCase("[\"a\u{0}a\"]", "json.controlCharacter"),
    JSONCase("[\"new\nline\"]", "json.controlCharacter"), JSONCase("[\"\t\"]", "json.controlCharacter"),
    JSONCase("[\"\u{1F}\"]", "json.controlCharacter"), JSONCase(#"["\UA66D"]"#, "json.badEscape"),
    JSONCase("\"\"x", "json.trailingBytes"), JSONCase("[\"\u{0}\"]", "json.controlCharacter"),
    JSONCase(#"["\u12"#, "json.truncated"),
    // Structure
    JSONCase("", "json.empty"), JSONCase(" ", "json.empty"), JSONCase("\n\t", "json.empty"),
    JSONCase("<.>", "json.expectedValue"), JSONCase("[<null>]", "json.expectedValue"),
    JSONCase("[1]x", "json.trailingBytes"),
    JSONCase("[1]]", "json.trailingBytes"), JSONCase("[\"asd]", "json.truncated"), JSONCase("aå", "json.expectedValue"),
    JSONCase("1]", "json.trailingBytes"), JSONCase("{\"x\": true,", "json.truncated"),
    JSONCase("[][]", "json.trailingBytes"),
    JSONCase("]", "json.expectedValue"), JSONCase("}", "json.expectedValue"), JSONCase("[", "json.truncated"),
    JSONCase("[\u{0}]", "json.expectedValue"), JSONCase("2@", "json.trailingBytes"),
    JSONCase("{}}", "json.trailingBytes"),
    JSONCase("{\"\":", "json.truncated"), JSONCase("{\"a\":/*comment*/\"b\"}", "json.expectedValue"),
    JSONCase("{\"a\": true} \"x\"", "json.trailingBytes"), JSONCase("['", "json.expectedValue"),
    JSONCase("[,", "json.expectedValue"),
    JSONCase("[{", "json.truncated"), JSONCase("[\"a", "json.truncated"), JSONCase("[\"a\"", "json.truncated"),
    JSONCase("{", "json.truncated"), JSONCase("{]", "json.expectedKey"), JSONCase("{,", "json.expectedKey"),
    JSONCase("{[", "json.expectedKey"), JSONCase("{\"a", "json.truncated"), JSONCase("{'a'", "json.expectedKey"),
    JSONCase(#"["\{["\{["#, "json.badEscape"), JSONCase("*", "json.expectedValue"),
    JSONCase("{\"a\":\"b\"}#{}", "json.trailingBytes"),
    JSONCase(#"[\u000A""]"#, "json.expectedValue"), JSONCase("[1", "json.truncated"),
    JSONCase("[ false, nul", "json.truncated"),
    JSONCase("[ true, fals", "json.truncated"), JSONCase("[ false, tru", "json.truncated"),
    JSONCase("{\"asd\":\"asd\"", "json.truncated"), JSONCase("å", "json.expectedValue"),
    JSONCase("[\u{2060}]", "json.expectedValue"),
    JSONCase("[\u{0C}]", "json.expectedValue"), JSONCase("[\u{A0}]", "json.expectedValue"),
    JSONCase("[\u{0B}]", "json.expectedValue"),
    JSONCase([0xEF, 0xBB, 0xBF], "json.byteOrderMark"), JSONCase([0xEF, 0xBB], "json.expectedValue"),
    JSONCase([0xE9], "json.expectedValue"), JSONCase([0xFF], "json.expectedValue"), JSONCase([0], "json.expectedValue"),
    // Depth, refused at the 33rd bracket whatever follows.
    JSONCase(String(repeating: "[", count: 33) + String(repeating: "]", count: 33), "json.tooDeep"),
    JSONCase(String(repeating: "[", count: 500) + String(repeating: "]", count: 500), "json.tooDeep"),
    JSONCase(String(repeating: "[", count: 100_000), "json.tooDeep"),
    JSONCase(String(repeating: "[{\"\":", count: 50_000), "json.tooDeep"),
    JSONCase(String(repeating: "{\"k\":", count: 33) + "0", "json.tooDeep"),
  ]

  /// Grammatical, or a matter of encoding, where RFC 8259 lets the receiver choose: we refuse.
  static let chosen: [JSONCase] = [
    // Halves of surrogate pairs (section 8.2).
    JSONCase(#"{"\uDFAA":0}"#, "json.loneSurrogate"), JSONCase(#"["\uDADA"]"#, "json.loneSurrogate"),
    JSONCase(#"["\uD888\u1234"]"#, "json.loneSurrogate"), JSONCase(#"["\uD800\n"]"#, "json.loneSurrogate"),
    JSONCase(#"["\uDd1ea"]"#, "json.loneSurrogate"), JSONCase(#"["\uD800\uD800\n"]"#, "json.loneSurrogate"),
    JSONCase(#"["\ud800"]"#, "json.loneSurrogate"), JSONCase(#"["\ud800abc"]"#, "json.loneSurrogate"),
    JSONCase(#"["\uDd1e\uD834"]"#, "json.loneSurrogate"), JSONCase(#"["\uDFAA"]"#, "json.loneSurrogate"),
    // Bytes that are not UTF-8 (section 8.1, RFC 3629).
    JSONCase(quoted([0xFF]), "json.badUTF8"), JSONCase(quoted([0xE9]), "json.badUTF8"),
    JSONCase(quoted([0x81]), "json.badUTF8"),
    JSONCase(quoted([0xE6, 0x97, 0xA5, 0xD1, 0x88, 0xFA]), "json.badUTF8"),
    JSONCase(quoted([0xED, 0xA0, 0x80]), "json.badUTF8"),
    JSONCase(quoted([0xED, 0xBF, 0xBF]), "json.badUTF8"), JSONCase(quoted([0xF4, 0xBF, 0xBF, 0xBF]), "json.badUTF8"),
    JSONCase(quoted([0xF4, 0x90, 0x80, 0x80]), "json.badUTF8"), JSONCase(quoted([0xC0, 0xAF]), "json.badUTF8"),
    JSONCase(quoted([0xC1, 0xBF]), "json.badUTF8"), JSONCase(quoted([0xE0, 0x9F, 0xBF]), "json.badUTF8"),
    JSONCase(quoted([0xF0, 0x8F, 0xBF, 0xBF]), "json.badUTF8"),
    JSONCase(quoted([0xFC, 0x83, 0xBF, 0xBF, 0xBF, 0xBF]), "json.badUTF8"),
    JSONCase(quoted([0xFC, 0x80, 0x80, 0x80, 0x80, 0x80]), "json.badUTF8"),
    JSONCase(quoted([0xE0, 0xFF]), "json.badUTF8"),
    JSONCase(quoted([0xC3]), "json.badUTF8"), JSONCase(quoted([0xE2, 0x82]), "json.badUTF8"),
    JSONCase(quoted([0xF0, 0x9D, 0x84]), "json.badUTF8"),
    JSONCase(quoted([0xF5, 0x80, 0x80, 0x80]), "json.badUTF8"),
    JSONCase(Array("[\"".utf8) + [0xE2, 0x82], "json.truncated"),
    // A byte order mark, and other encodings than UTF-8.
    JSONCase([0xEF, 0xBB, 0xBF, 0x7B, 0x7D], "json.byteOrderMark"),
    JSONCase([0xFF, 0xFE, 0x5B, 0, 0x5D, 0], "json.expectedValue"), JSONCase([0x5B, 0, 0x5D, 0], "json.expectedValue"),
    JSONCase([0, 0x5B, 0, 0x5D], "json.expectedValue"),
  ]
}
