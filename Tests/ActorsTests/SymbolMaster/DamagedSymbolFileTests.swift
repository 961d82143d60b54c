import BrokerSimulation
import OrderDomain
import TestSupport
import Testing

@testable import Actors

@Suite struct DamagedSymbolFileTests {
  static func row(_ text: String) -> String { SymbolFileTests.compactHeader + text }
  static let good = "NSE,E,2885,EQUITY,0,RELIANCE,1.0,Reliance,,,,10.0000,NA,ES,EQ,RELIANCE LTD\n"

  @Test(
    "a damaged file is refused whole, with line, column and reason",
    arguments: [
      ("<!DOCTYPE html><html>", 1, nil as String?, "symbols.notASymbolFile"),
      ("", 1, nil, "symbols.notASymbolFile"),
      ("{\"error\":1}", 1, nil, "symbols.notASymbolFile"),
      ("a,b,c\n1,2,3\n", 1, "SEM_EXM_EXCH_ID", "symbols.missingColumn"),
      (
        SymbolFileTests.compactHeader.replacing("SEM_SERIES", with: "SEM_SEGMENT"), 1, "SEM_SEGMENT",
        "symbols.columnNamedTwice"
      ),
      (row(good + "NSE,E,2886,EQUITY\n" + good), 3, nil, "symbols.rowTooShort"),
      (row(good + "NSE,E,2886,EQUITY"), 3, nil, "symbols.truncated"),
      (row(good.replacing("Reliance", with: "Reliance, Ltd")), 2, nil, "symbols.rowTooLong"),
      (row(good.replacing("2885", with: "28x5")), 2, "SEM_SMST_SECURITY_ID", "symbols.impossibleValue"),
      (row(good.replacing("2885", with: "99999999999")), 2, "SEM_SMST_SECURITY_ID", "symbols.impossibleValue"),
      (row(good.replacing("1.0,", with: "1.5,")), 2, "SEM_LOT_UNITS", "symbols.impossibleValue"),
      (row(good.replacing("10.0000", with: "ten")), 2, "SEM_TICK_SIZE", "symbols.impossibleValue"),
      (row(good.replacing("10.0000", with: "0.0010")), 2, "SEM_TICK_SIZE", "symbols.impossibleValue"),
      (row(good + good.replacing("10.0000", with: "5.0000")), 3, nil, "symbols.conflictingDuplicate"),
      (row(good.replacing("Reliance", with: "Rel\0iance")), 2, nil, "symbols.containsNUL"),
      (row(good.replacing("Reliance", with: "Rel\"iance")), 2, nil, "symbols.malformedCSV"),
      (
        row("NSE,D,1,OPTIDX,0,NIFTY-Sep2026-1-CE,65,N,29/09/26,1.0,CE,5.0,W,OP,,\n"), 2, "SEM_EXPIRY_DATE",
        "symbols.impossibleValue"
      ),
      (
        row("NSE,D,1,OPTIDX,0,NIFTY-Sep2026-1-CE,65,N,2026-09-29,1.0,XX,5.0,W,OP,,\n"), 2, "SEM_OPTION_TYPE",
        "symbols.impossibleValue"
      ),
    ]) func refused(text: String, line: Int, column: String?, code: String)
  {
    let error = #expect(throws: SymbolFileError.self) { try table(text, .dhanCompact) }
    #expect(error?.code == code)
    #expect(error?.line == line)
    #expect(error?.column == column)
    #expect(error?.file == "test.csv")
    #expect(error?.fix.isEmpty == false)
  }

  @Test("bytes that are no UTF-8 are refused with their line")
  func encoding() {
    var bytes = Array(Self.row(Self.good).utf8)
    bytes[bytes.count - 3] = 0xFF
    let error = #expect(throws: SymbolFileError.self) {
      try SymbolTable.read([SymbolFile(name: "test.csv", format: .dhanCompact, content: bytes)])
    }
    #expect(error == SymbolFileError(file: "test.csv", line: 2, reason: .invalidUTF8))
  }

  @Test("a whole last row needs no line end, and a row may come twice")
  func tolerated() throws {
    let repeated = try table(Self.row(Self.good + Self.good + String(Self.good.dropLast())), .dhanCompact)
    #expect(repeated.rowCount == 1)
    #expect(repeated.counts.repeated == 2)
    #expect(try repeated.find("RELIANCE", on: day(2026, 9, 9)).get().key.securityID == SecurityID(2_885))
  }

  @Test("a last number without a line end behind it makes no price band")
  func cutBand() throws {
    let text =
      SymbolFileTests.compactHeader.isEmpty
      ? ""
      : """
      EXCH_ID,SEGMENT,SECURITY_ID,INSTRUMENT,UNDERLYING_SYMBOL,SYMBOL_NAME,SERIES,LOT_SIZE,SM_EXPIRY_DATE,STRIKE_PRICE,OPTION_TYPE,TICK_SIZE,SM_UPPER_LIMIT,SM_LOWER_LIMIT
      NSE,E,1,EQUITY,AAA,AAA LTD,EQ,1,,,,5,1446.6,1183.6
      """
    #expect(try table(text, .dhanDetailed).find("AAA", on: day(2026, 9, 9)).get().priceBand == nil)
    #expect(try table(text + "\n", .dhanDetailed).find("AAA", on: day(2026, 9, 9)).get().priceBand != nil)
  }

  @Test("rows without a lot or tick are counted, and refused when they are many")
  func unusable() throws {
    var text = Self.row("")
    for id in 1...100 { text += Self.good.replacing("2885", with: "\(id)").replacing("RELIANCE,", with: "R\(id),") }
    let bad = Self.good.replacing("2885", with: "900").replacing("10.0000", with: "0.0")
    #expect(try table(text + bad, .dhanCompact).counts.unusable == 1)
    let error = #expect(throws: SymbolFileError.self) {
      try table(text + (0..<6).map { _ in bad }.joined(), .dhanCompact)
    }
    #expect(error?.reason == .tooManyUnusableRows(count: 6, limit: 5))
  }

  @Test("a table far smaller than the one before is refused")
  func tooFew() throws {
    var limits = SymbolTableLimits()
    limits.previousRowCount = 3
    #expect(try table(Self.row(Self.good), .dhanCompact, limits: limits).rowCount == 1)
    limits.previousRowCount = 4
    let error = #expect(throws: SymbolFileError.self) { try table(Self.row(Self.good), .dhanCompact, limits: limits) }
    #expect(error?.reason == .tooFewRows(count: 1, minimum: 2))
  }

  static let small = SymbolFileGenerator(seed: 11, today: day(2026, 11, 23), percent: 1)

  @Test(
    "a file cut anywhere is refused, or ends with a whole row",
    arguments: [SymbolFileFormat.dhanCompact, .dhanDetailed, .fyers])
  func truncation(format: SymbolFileFormat) throws {
    let whole = Self.bytes(format)
    let lineCount = { (bytes: ArraySlice<UInt8>) in bytes.count { $0 == UInt8(ascii: "\n") } }
    // Every offset of the last three rows, and some everywhere.
    for cut in Array((whole.count - 400)..<whole.count) + stride(from: 1, to: whole.count, by: whole.count / 24) {
      do {
        let table = try SymbolTable.read([SymbolFile(name: "cut.csv", format: format, content: Array(whole[..<cut]))])
        // Only whole rows: the cut hit a line end, or the end of a last field.
        let rows = lineCount(whole[..<cut]) - (format == .fyers ? 0 : 1)
        #expect(table.counts.read - rows <= 1)
        #expect(table.counts.read >= rows)
      } catch {
        #expect(error.file == "cut.csv")
        #expect(!error.description.isEmpty)
      }
    }
  }

  @Test(
    "random damage never traps, and what is read can be asked",
    arguments: [SymbolFileFormat.dhanCompact, .dhanDetailed, .fyers])
  func damage(format: SymbolFileFormat) {
    var state: UInt64 = 0x5EED
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let whole = Array(Self.bytes(format).prefix(40_000))
    let end = (whole.lastIndex(of: UInt8(ascii: "\n")) ?? 0) + 1
    var refusedCount = 0
    for _ in 0..<60 {
      var bytes = Array(whole[..<end])
      for _ in 0...next(3) { bytes[next(bytes.count)] = UInt8(next(256)) }
      do {
        let table = try SymbolTable.read([SymbolFile(name: "bad.csv", format: format, content: bytes)])
        for row in 0..<min(20, table.rowCount) {
          let name = table.instrument(row: UInt32(row)).tradingSymbol
          _ = table.find(name, on: day(2026, 11, 23))
        }
      } catch {
        refusedCount += 1
        #expect(error.line != nil || error.reason == .tooManyUnusableRows(count: 0, limit: 0))
      }
    }
    #expect(refusedCount > 0)
  }

  static func bytes(_ format: SymbolFileFormat) -> [UInt8] {
    switch format {
    case .dhanCompact: Array(small.dhanCompact().prefix(120_000))
    case .dhanDetailed: Array(small.dhanDetailed().prefix(120_000))
    case .fyers: Array(small.fyers(.nseDerivatives).prefix(120_000))
    }
  }
}
