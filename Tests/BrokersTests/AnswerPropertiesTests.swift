import Brokers
import OrderDomain
import TestSupport
import Testing

/// What no answer may do, however it was cut or changed on its way.
struct AnswerPropertiesTests {
  /// A broker's readers of answers to one placing and to one cancel.
  struct Reader: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let field: String
    let placings: [[UInt8]]
    let changes: [[UInt8]]
    let changed: BrokerOrderID
    let placement: @Sendable (BrokerAnswer) -> PlacementOutcome
    let slices: @Sendable (BrokerAnswer) -> [PlacementOutcome]
    let change: @Sendable (BrokerAnswer, BrokerOrderID) -> CancelOutcome
    let reads: [@Sendable (BrokerAnswer) -> BrokerReadFailure?]
  }

  static let readers: [Reader] = [
    Reader(
      testDescription: "Dhan", field: "orderId",
      placings: DhanAnswersTests.placements.map { Array($0.body.utf8) } + [
        Array(#"[{"orderId":"1","orderStatus":"TRANSIT"},{"orderId":"2","orderStatus":"TRANSIT"}]"#.utf8)
      ],
      changes: [Array(#"{"orderId":"112111182198","orderStatus":"CANCELLED"}"#.utf8)],
      changed: BrokerSample.id("112111182198"),
      placement: { DhanAnswers.placement($0, now: BrokerSample.now) },
      slices: { DhanAnswers.slices($0, now: BrokerSample.now) },
      change: { DhanAnswers.change($0, of: $1, now: BrokerSample.now) },
      reads: [
        failure(DhanBooks.orders), failure(DhanBooks.trades), failure(DhanBooks.positions), failure(DhanBooks.holdings),
        failure(DhanAccountAnswers.funds), failure(DhanAccountAnswers.profile),
        failure { answer, now throws(BrokerReadFailure) in
          try DhanAccountAnswers.quotes(answer, for: [], now: now)
        },
      ]),
    Reader(
      testDescription: "Fyers", field: "id",
      placings: FyersAnswersTests.placements.map { Array($0.body.utf8) } + [
        Array(
          #"{"code":1101,"data":[{"statusCode":200,"body":{"s":"ok","code":1101,"id":"1"}},{"statusCode":200,"body":{"s":"ok","code":1101,"id":"2"}}]}"#
            .utf8)
      ],
      changes: [Array(#"{"s":"ok","code":1103,"message":"","id":"112111182198"}"#.utf8)],
      changed: BrokerSample.id("112111182198"),
      placement: { FyersAnswers.placement($0, now: BrokerSample.now) },
      slices: { FyersAnswers.slices($0, now: BrokerSample.now) },
      change: { FyersAnswers.change($0, of: $1, now: BrokerSample.now) },
      reads: [
        failure(FyersBooks.orders), failure(FyersBooks.trades), failure(FyersBooks.positions),
        failure(FyersBooks.holdings), failure(FyersAccountAnswers.funds), failure(FyersAccountAnswers.profile),
        failure { answer, now throws(BrokerReadFailure) in
          try FyersAccountAnswers.quotes(answer, for: [], now: now)
        },
      ]),
  ]

  private static func failure<Value>(
    _ read: @escaping @Sendable (BrokerAnswer, Timestamp) throws(BrokerReadFailure) -> Value
  ) -> @Sendable (BrokerAnswer) -> BrokerReadFailure? {
    { answer in
      do throws(BrokerReadFailure) {
        _ = try read(answer, BrokerSample.now)
        return nil
      } catch {
        return error
      }
    }
  }

  private static let statuses = [200, 202, 400, 401, 429, 500]

  @Test("an answer that was cut anywhere is neither an acceptance nor a refusal", arguments: readers)
  func truncation(_ reader: Reader) {
    for body in reader.placings where Self.isJSON(body) && body.first != UInt8(ascii: "n") {
      for end in 0..<body.count {
        for status in Self.statuses {
          let answer = BrokerAnswer(status: status, body: Array(body[..<end]))
          for outcome in [reader.placement(answer)] + reader.slices(answer) {
            let expected = status == 401 ? "tokenRefused" : status == 429 ? "rateLimited" : "unknown"
            // Below a status that refuses by itself, only the status speaks.
            if outcome.kind != expected {
              Issue.record("\(status), \(outcome.kind): \(String(decoding: body[..<end], as: UTF8.self))")
            }
          }
        }
      }
    }
    for body in reader.changes {
      for end in 0..<body.count {
        let answer = BrokerAnswer(status: 200, body: Array(body[..<end]))
        #expect(reader.change(answer, reader.changed).kind == "unknown")
      }
    }
  }

  @Test("a book that was cut anywhere is no book, and no shorter one")
  func cutBooks() {
    let dhan = Array(("[" + DhanBooksTests.row() + "," + DhanBooksTests.row() + "]").utf8)
    let fyers = Array(#"{"s":"ok","code":200,"orderBook":[\#(FyersBooksTests.row()),\#(FyersBooksTests.row())]}"#.utf8)
    let books = [(dhan, Self.failure(DhanBooks.orders)), (fyers, Self.failure(FyersBooks.orders))]
    for (body, read) in books {
      #expect(read(BrokerAnswer(status: 200, body: body)) == nil)
      for end in 0..<body.count where read(BrokerAnswer(status: 200, body: Array(body[..<end]))) == nil {
        Issue.record("read from \(String(decoding: body[..<end], as: UTF8.self))")
      }
    }
  }

  @Test("an answer with changed bytes is judged only while it is whole, and by what stands in it", arguments: readers)
  func mutation(_ reader: Reader) {
    var random = SeededGenerator(seed: 20_261_124)
    for round in 0..<10_000 {
      guard var body = reader.placings.randomElement(using: &random), !body.isEmpty else { continue }
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let index = Int.random(in: 0..<body.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: body[index] = UInt8.random(in: 0...255, using: &random)
        case 1: body.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: index)
        case 2 where body.count > 1: body.remove(at: index)
        default: body[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        }
      }
      let status = Self.statuses.randomElement(using: &random) ?? 200
      let answer = BrokerAnswer(status: status, body: body)
      let text = String(decoding: body, as: UTF8.self)
      let isWhole = Self.isJSON(body)
      for outcome in [reader.placement(answer)] + reader.slices(answer) {
        let isSound =
          switch outcome {
          case .accepted(let id):
            isWhole && (200..<300).contains(status) && text.contains("\"\(reader.field)\"") && text.contains(id.text)
          case .rejected: isWhole && status < 500
          case .tokenRefused: isWhole || status == 401
          case .rateLimited: isWhole || status == 429
          case .unknown: true
          case .notSent, .denied: false
          }
        if !isSound { Issue.record("round \(round), status \(status), \(outcome): \(text)") }
      }
      for read in reader.reads where !isWhole && read(answer) == nil {
        Issue.record("round \(round): read from \(text)")
      }
    }
  }

  @Test("a megabyte of anything is answered", arguments: readers)
  func size(_ reader: Reader) {
    let million = 1 << 20
    let bodies = [
      [UInt8](repeating: UInt8(ascii: "["), count: million), [UInt8](repeating: UInt8(ascii: " "), count: million),
      [UInt8](repeating: 0, count: million), [UInt8](repeating: UInt8(ascii: "9"), count: million),
      Array("{\"\(reader.field)\":\"".utf8) + [UInt8](repeating: UInt8(ascii: "7"), count: million) + Array("\"}".utf8),
      Array("{\"errorMessage\":\"".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: million)
        + Array(#"","errorCode":"DH-906","s":"error","code":-99}"#.utf8),
      Array("[".utf8) + [UInt8](repeating: UInt8(ascii: ","), count: million),
      Array("[0".utf8) + Array(repeatElement(Array(",0".utf8), count: million / 2).joined()) + Array("]".utf8),
    ]
    for body in bodies {
      let answer = BrokerAnswer(status: 200, body: body)
      for outcome in [reader.placement(answer)] + reader.slices(answer) {
        if case .accepted = outcome { Issue.record("accepted") }
        #expect((outcome.refusal?.cause.utf8.count ?? 0) < 1_000)
      }
      for read in reader.reads.prefix(2) { #expect(read(answer) != nil) }
    }
  }

  @Test("numbers beyond all bounds are no numbers, and trap nowhere", arguments: readers)
  func numbers(_ reader: Reader) {
    let numbers = [
      "1e999999999999999999", "-1e999999999", "1e-999999999999", "9223372036854775808", "-9223372036854775809",
      "99999999999999999999999999999999999999", "0.00000000000000000000000000000000000001", "1.0000000000000000000001",
      "-0", "\"1e5\"", "\"0x10\"", "\"٣\"", "\"-\"", "\"+1\"", "true", "[]", "{}", "1e18", "-1e18",
    ]
    for number in numbers {
      for field in ["quantity", "filledQty", "averageTradedPrice", "price", "securityId", "orderId"] {
        let answer = BrokerAnswer(200, "[" + DhanBooksTests.row([field: number]) + "]")
        _ = reader.reads.map { $0(answer) }
      }
      for field in ["qty", "filledQty", "tradedPrice", "limitPrice", "status", "side", "fyToken", "id"] {
        let row = FyersBooksTests.row([field: number])
        let answer = BrokerAnswer(200, #"{"s":"ok","code":200,"orderBook":[\#(row)]}"#)
        _ = reader.reads.map { $0(answer) }
      }
      _ = reader.placement(BrokerAnswer(200, #"{"s":"ok","code":\#(number),"orderId":\#(number),"id":\#(number)}"#))
      _ = reader.placement(BrokerAnswer(400, #"{"s":"error","code":\#(number),"errorCode":\#(number)}"#))
    }
  }

  private static func isJSON(_ body: [UInt8]) -> Bool {
    var scanner = JSONScanner(body.span)
    do throws(JSONError) {
      try scanner.skipValue()
      try scanner.finish()
      return true
    } catch {
      return false
    }
  }
}
