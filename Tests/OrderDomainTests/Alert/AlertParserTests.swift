import OrderDomain
import Testing

@Suite("Telling formats apart, and saying what is wrong")
struct AlertParserTests {
  private static let leg = #"{"transactionType":"B","orderType":"MKT","quantity":1,"symbol":"INFY","productType":"C"}"#

  @Test(
    "A body that is none of the formats, or two of them, is refused",
    arguments: [
      ("{}", "alert.unknownFormat"), (#"{"hello":"world"}"#, "alert.unknownFormat"),
      (#"{"legs":[]}"#, "alert.unknownFormat"), (#"{"symbol":"INFY"}"#, "alert.unknownFormat"),
      ("[]", "alert.notAnObject"), ("[\(leg)]", "alert.notAnObject"), ("7", "alert.notAnObject"),
      ("\"text\"", "alert.notAnObject"), ("null", "alert.notAnObject"),
      (#"{"order_legs":[],"strikeprice":1}"#, "alert.mixedFormats"),
      (#"{"alertType":"multi_leg_order","qty":1}"#, "alert.mixedFormats"),
      (#"{"format":"order-engine/1","order_legs":[]}"#, "alert.mixedFormats"),
      (#"{"format":"order-engine/1","action":"BUY"}"#, "alert.mixedFormats"),
      (#"{"format":7}"#, "alert.badValue"), (#"{"format":null}"#, "alert.badValue"),
      (#"{"format":"order-engine/1"}"#, "alert.missingFields"),
      (#"{"secret":"a","token":"a","order_legs":[\#(leg)]}"#, "alert.secretTwice"),
      (#"{"secret":7,"order_legs":[\#(leg)]}"#, "alert.badType"),
    ])
  func formats(_ text: String, _ code: String) throws {
    let error = try refusal(of: text)
    #expect(error.code == code)
    #expect(error.kind == .refused)
  }

  @Test("An error becomes the refusal that answers carry")
  func refusalOfError() throws {
    let error = try refusal(of: #"{"order_legs":[\#(AlertParserTests.leg),{"quantity":0}]}"#)
    let answer = Refusal(error)
    #expect(answer == Refusal(code: error.code, cause: error.cause, fix: error.fix, leg: 2))
  }

  @Test("A broken body with a placeholder left in it is told so")
  func templateHint() throws {
    let error = try refusal(of: #"{"qty": {{strategy.order.contracts}}, "symbol": "X"}"#)
    #expect(error.kind == .notJSON)
    #expect(error.code == "json.expectedKey")
    #expect(error.offset == 9)
    #expect(error.fix.contains("{{…}}"))
    #expect(try !refusal(of: "Buy now!").fix.contains("{{"))
  }

  @Test("A wrong value is shown cut and printable")
  func shown() throws {
    let long = String(repeating: "é", count: 500)
    let error = try refusal(
      of:
        #"{"order_legs":[{"transactionType":"\#(long)","orderType":"MKT","quantity":1,"symbol":"I","productType":"C"}]}"#
    )
    #expect(error.cause.unicodeScalars.count < 120)
    let dirty = try refusal(
      of:
        #"{"order_legs":[{"transactionType":"a\u0000\u001b[31m\u200b","orderType":"MKT","quantity":1,"symbol":"I","productType":"C"}]}"#
    )
    #expect(dirty.cause.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x200B })
  }

  // MARK: The secret

  @Test(
    "The secret is known whatever else is wrong, wherever it stands",
    arguments: [
      #"{"order_legs":[\#(leg)],"secret":"s3"}"#, #"{"secret":"s3","order_legs":[7]}"#, #"{"secret":"s3"}"#,
      #"{"x":{"secret":"no"},"secret":"s3","order_legs":[{"secret":"no"}]}"#, #"{"secret":"s3","order_legs":[tru"#,
      #"{"secret":"s3","a":1,"a":2}"#, #"{"secret":"s3","deep":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["#,
      #"{"token":"s3","action":"BUY"}"#, #"{"s\u0065cret":"\u00733","qty":0}"#, #"{"format":"x","secret":"s3"}"#,
    ])
  func secretFound(_ text: String) throws {
    let bytes = Array(text.utf8)
    #expect(AlertParser.secret(in: bytes.span)?.matches(Secret("s3")) == true)
    do throws(AlertError) {
      #expect(try parsed(bytes).secret?.matches(Secret("s3")) == true)
    } catch {
      #expect(error.secret?.matches(Secret("s3")) == true)
    }
  }

  @Test(
    "A secret elsewhere than at the top, or not a string, is none",
    arguments: [
      #"{"x":{"secret":"s3"}}"#, #"["secret"]"#, #"{"order_legs":[{"secret":"s3"}]}"#, #"{"secret":3}"#, "", "secret",
    ])
  func secretAbsent(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(AlertParser.secret(in: bytes.span) == nil)
  }

  @Test("No error prints the secret")
  func secretNotPrinted() throws {
    for text in [
      #"{"secret":"hunter2","order_legs":7}"#,
      #"{"secret":"hunter2","token":"hunter2","order_legs":[\#(AlertParserTests.leg)]}"#,
      #"{"secret":["hunter2"],"order_legs":[\#(AlertParserTests.leg)]}"#, #"{"secret":"hunter2","#,
    ] {
      let error = try refusal(of: text)
      #expect(!"\(error)".contains("hunter2"))
      #expect(!String(reflecting: error).contains("hunter2"))
    }
  }

  // MARK: Names and times

  @Test("Field and word tables know every name that they were given, and no other")
  func tables() throws {
    for extra in ["secret ", "Secret", "secre", "order_leg", "orderLegs", "this_is_longer_than_16"] {
      #expect(try parsed(#"{"\#(extra)":1,"order_legs":[\#(AlertParserTests.leg)]}"#).ignoredFields == [extra])
    }
  }

  @Test("A name with a zero byte behind it is another name")
  func zeroByte() throws {
    let alert = try parsed(#"{"secret\u0000":"x","secret":"s","order_legs":[\#(AlertParserTests.leg)]}"#)
    #expect(alert.secret?.matches(Secret("s")) == true)
    #expect(alert.ignoredFields == ["secret?"])
    let error = try refusal(
      of:
        #"{"order_legs":[{"transactionType":"B\u0000","orderType":"MKT","quantity":1,"symbol":"I","productType":"C"}]}"#
    )
    #expect(error.code == "alert.badValue")
  }

  @Test(
    "The double of a field that is read is refused, however it is spelt",
    arguments: [
      (#"{"secret":"s","secret":"s"}"#, 14), (#"{"qty":1,"x":0,"qty":1}"#, 15), (#"{"qty":1,"\u0071ty":1}"#, 9),
      (#"{"order_legs":[{"symbol":"A","symbol":"A"}]}"#, 29), (#"{"order_legs":[],"order_legs":[]}"#, 17),
    ])
  func doubles(_ body: String, offset: Int) throws {
    let error = try refusal(of: body)
    #expect(error.code == "json.duplicateKey")
    #expect(error.kind == .notJSON)
    #expect(error.cause.contains("\(offset)"), "\(error.cause)")
  }

  @Test("A name is recognised at the very end of the body too")
  func endOfBody() throws {
    #expect(try refusal(of: #"{"qty":1}"#).code == "alert.missingFields")
    #expect(try refusal(of: #"{"format":1}"#).code == "alert.badValue")
  }

  @Test(
    "Times are RFC 3339",
    arguments: [
      ("2026-11-24T03:45:00Z", 1_795_491_900_000_000_000), ("2026-11-24T09:15:00+05:30", 1_795_491_900_000_000_000),
      ("2026-11-23T22:45:00-05:00", 1_795_491_900_000_000_000), ("2026-11-24t03:45:00z", 1_795_491_900_000_000_000),
      ("2026-11-24T03:45:00.125Z", 1_795_491_900_125_000_000),
      ("2026-11-24T03:45:00.000000001Z", 1_795_491_900_000_000_001),
      ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.5Z", -500_000_000),
      ("2024-02-29T23:59:59Z", 1_709_251_199_000_000_000),
      ("2026-11-24T03:45Z", nil), ("2026-11-24 03:45:00Z", nil), ("2026-11-24T03:45:00", nil),
      ("2026-11-24T24:00:00Z", nil),
      ("2026-11-24T03:60:00Z", nil), ("2026-11-24T23:59:60Z", nil), ("2026-02-30T00:00:00Z", nil),
      ("2026-11-24T03:45:00.Z", nil),
      ("2026-11-24T03:45:00.0000000001Z", nil), ("2026-11-24T03:45:00+0530", nil), ("2026-11-24T03:45:00+24:00", nil),
      ("2026-11-24T03:45:00+05:60", nil), ("2026-11-24T03:45:00+05:3", nil), ("2026-11-24T03:45:00Zx", nil), ("", nil),
      ("9999-12-31T23:59:59Z", nil), ("0001-01-01T00:00:00Z", nil), ("2026-11-24T03:45:00.5", nil),
      ("2026-11-24T03:45:00+", nil),
    ] as [(String, Int64?)])
  func times(_ text: String, _ nanoseconds: Int64?) {
    let bytes = Array(text.utf8)
    #expect(Timestamp(rfc3339: bytes.span)?.nanoseconds == nanoseconds)
  }
}
