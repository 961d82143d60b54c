import BrokerSimulation
import OrderDomain
import TestSupport
import Testing

@testable import Actors

@Suite struct SymbolImageTests {
  static let today = day(2026, 11, 23)
  static let identity = SymbolImageIdentity(program: 7, day: today, sources: 11)

  static func files(_ format: SymbolFileFormat, seed: UInt64, percent: Int = 1) -> [SymbolFile] {
    let generator = SymbolFileGenerator(seed: seed, today: today, percent: percent)
    switch format {
    case .dhanCompact: return [SymbolFile(name: "dhan.csv", format: format, content: generator.dhanCompact())]
    case .dhanDetailed: return [SymbolFile(name: "dhan.csv", format: format, content: generator.dhanDetailed())]
    case .fyers:
      return FyersFile.allCases.map { SymbolFile(name: $0.rawValue, format: format, content: generator.fyers($0)) }
    }
  }

  @Test(
    "every look-up in an image that was written and read again says what the parsed table says",
    arguments: SymbolFileFormat.allCases, [1, 2, 3] as [UInt64])
  func sameAnswers(format: SymbolFileFormat, seed: UInt64) throws {
    let parsed = try SymbolTable.read(Self.files(format, seed: seed))
    let kept = try opened(imageBytes(parsed, Self.identity))
    #expect(kept.rowCount == parsed.rowCount)
    #expect(kept.counts == parsed.counts)
    #expect(kept.byteCount == parsed.byteCount)
    #expect(SymbolTableDifference(from: parsed, to: kept).isEmpty)
    for symbol in SymbolFileGenerator(seed: seed, today: Self.today, percent: 1).symbols {
      let key = InstrumentKey(segment: symbol.segment, securityID: SecurityID(UInt64(symbol.id)))
      let number = try #require(kept.rowNumber(key))
      #expect(kept.instrument(key) == parsed.instrument(key))
      #expect(kept.label(number) == parsed.label(number))
      for name in [symbol.dhanTradingSymbol, symbol.dhanDisplayName, symbol.fyersTicker, kept.label(number)] {
        #expect(kept.find(name, on: Self.today) == parsed.find(name, on: Self.today), "\(name)")
      }
      #expect(
        kept.optionExpiries(of: symbol.underlying, today: Self.today)
          == parsed.optionExpiries(of: symbol.underlying, today: Self.today))
    }
    for name in ["RELIANSE", "BANKNFTY1!", "NIFTY", "", "2885", "NIFTY24000CE"] {
      #expect(kept.find(name, on: Self.today) == parsed.find(name, on: Self.today), "\(name)")
    }
  }

  @Test("a damaged byte anywhere is found", arguments: [1, 2] as [UInt64])
  func damage(seed: UInt64) throws {
    let table = sampleTable(today: Self.today)
    let good = imageBytes(table, Self.identity)
    var generator = SeededGenerator(seed: seed)
    var places = Array(0..<SymbolImageHeader.byteCount)
    for section in SymbolSection.allCases {
      let place = table.image.header[section]
      let range = place.offset..<place.offset + place.count * section.stride
      places += [range.lowerBound, range.lowerBound + range.count / 2, range.upperBound - 1]
      places += (0..<50).map { _ in Int.random(in: range, using: &generator) }
    }
    for place in places {
      var bytes = good
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      #expect(throws: SymbolImageFault.self, "byte \(place)") { try opened(bytes) }
    }
    #expect(try opened(good).rowCount == table.rowCount)
  }

  @Test("an image cut at any border, or longer than it says, is found")
  func truncation() throws {
    let table = sampleTable(today: Self.today)
    let good = imageBytes(table, Self.identity)
    var counts = [0, 1, 8, 511, 512, good.count - 1]
    for section in SymbolSection.allCases {
      let place = table.image.header[section]
      let end = place.offset + place.count * section.stride
      counts += [place.offset - 1, place.offset, place.offset + 1, end - 1, end].filter { $0 < good.count }
    }
    for count in counts {
      #expect(throws: SymbolImageFault.self, "\(count) bytes") { try opened(Array(good[..<count])) }
    }
    #expect(throws: SymbolImageFault.truncated(byteCount: good.count + 1, expected: good.count)) {
      try opened(good + [0])
    }
  }

  @Test("what is no image, or another version's, is named")
  func foreign() throws {
    let good = imageBytes(sampleTable(today: Self.today), Self.identity)
    #expect(throws: SymbolImageFault.notAnImage) { try opened(changing(good, word: 0, to: 0)) }
    #expect(throws: SymbolImageFault.otherByteOrder) {
      try opened(changing(good, word: 1, to: SymbolImageHeader.byteOrder.byteSwapped))
    }
    #expect(throws: SymbolImageFault.otherVersion(2)) { try opened(changing(good, word: 2, to: 2)) }
    #expect(throws: SymbolImageFault.notAnImage) { try opened([UInt8](repeating: 0, count: 4_096)) }
    let fault = SymbolImageFault.otherVersion(2)
    #expect(fault.isExpected)
    #expect(fault.code == "symbols.cacheForeign")
  }

  @Test("the header says what the image is of")
  func header() throws {
    let bytes = imageBytes(sampleTable(today: Self.today), Self.identity)
    #expect(try SymbolImage(reading: memory(bytes)).header.identity == Self.identity)
  }

  /// Column, place and size in its first element, and what is written there.
  typealias Change = (section: SymbolSection, offset: Int, byteCount: Int, value: UInt32)

  @Test(
    "a number that leads nowhere is refused, though the digests fit",
    arguments: [
      // Tick, lower band, group, name, next of the same name, series, segment, kind.
      (.rows, 4, 4, 0), (.rows, 20, 4, 0x7FFF_FFFF), (.rows, 28, 4, .max), (.rows, 32, 4, .max),
      (.rows, 36, 4, .max - 1), (.rows, 42, 2, .max), (.rows, 45, 1, .max), (.rows, 46, 1, .max),
      (.order, 0, 4, .max), (.runs, 0, 4, .max), (.runs, 4, 4, 0), (.runs, 4, 4, .max),
      // Name, first row, rows, first run, runs, segment.
      (.groups, 0, 4, .max), (.groups, 8, 4, .max), (.groups, 12, 4, .max), (.groups, 16, 4, .max),
      (.groups, 20, 2, .max), (.groups, 23, 1, .max),
    ] as [Change])
  func places(change: Change) throws {
    let table = sampleTable(today: Self.today)
    var bytes = imageBytes(table, Self.identity)
    let start = table.image.header[change.section].offset + change.offset
    withUnsafeBytes(of: change.value) {
      bytes.replaceSubrange(start..<start + change.byteCount, with: $0[..<change.byteCount])
    }
    expectOutOfRange(resealed(bytes))
  }

  @Test(
    "an index that leads nowhere or never ends is refused, though the digests fit",
    arguments: [
      (SymbolSection.groupTags, SymbolSection.groupValues), (.identityTags, .identityValues), (.nameTags, .nameValues),
    ])
  func indexes(tags: SymbolSection, values: SymbolSection) throws {
    let table = sampleTable(today: Self.today)
    let good = imageBytes(table, Self.identity)
    let (tagPlace, valuePlace) = (table.image.header[tags], table.image.header[values])
    let used = try #require((0..<tagPlace.count).first { good[tagPlace.offset + $0] != 0 })
    var bytes = good
    bytes[valuePlace.offset + 4 * used + 3] = 0x7F
    expectOutOfRange(resealed(bytes))

    bytes = good
    for slot in 0..<tagPlace.count { bytes[tagPlace.offset + slot] |= 1 }
    expectOutOfRange(resealed(bytes))

    let word = 12 + 2 * tags.rawValue + 1
    expectOutOfRange(resealed(changing(good, word: word, to: UInt64(tagPlace.count) / 2)))
    expectOutOfRange(resealed(changing(good, word: word, to: 0)))
    expectOutOfRange(resealed(changing(good, word: word, to: .max)))
    expectOutOfRange(resealed(changing(good, word: word - 1, to: UInt64(good.count))))
    expectOutOfRange(resealed(changing(good, word: word - 1, to: UInt64(tagPlace.offset + 1))))
  }

  /// What a writer that is wrong could leave behind, or a liar: digests that fit, and numbers that do not.
  @Test("an image that lies is refused, or answers", arguments: 1...8 as ClosedRange<UInt64>)
  func lies(seed: UInt64) throws {
    let table = sampleTable(today: Self.today)
    let good = imageBytes(table, Self.identity)
    var generator = SeededGenerator(seed: seed)
    var refusedCount = 0
    for _ in 0..<60 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        let place = Int.random(in: 24..<bytes.count, using: &generator)
        bytes[place] = [0, 1, 0xFF, UInt8.random(in: 0...255, using: &generator)].randomElement(using: &generator) ?? 0
      }
      do throws(SymbolImageFault) {
        let lying = try opened(resealed(bytes))
        for name in ["RELIANCE", "NIFTY1!", "NIFTY-Nov2026-26000-CE", "NSE:SBIN-EQ", "900010", "M_M", "RELIANSE"] {
          _ = lying.find(name, on: Self.today)
        }
        _ = lying.option("BANKNIFTY", 58_000, .put, .monthly, on: Self.today)
        for row in 0..<UInt32(lying.rowCount) { _ = (lying.instrument(row: row), lying.label(row)) }
      } catch {
        refusedCount += 1
      }
    }
    #expect(refusedCount > 0)
  }

  /// An image must not outlive the rules that it was made by. When this fails, the same file has come to mean something
  /// else: raise ``SymbolImageHeader/version``, and write the new digest down here.
  @Test(
    "this version makes this of a known file",
    arguments: [
      (SymbolFileFormat.dhanCompact, 0xA11A_0409_19B6_01C3), (.dhanDetailed, 0x9862_518F_3781_FB2B),
      (.fyers, 0x61B3_5E1B_592F_0AD7),
    ] as [(SymbolFileFormat, UInt64)])
  func pinned(format: SymbolFileFormat, digest: UInt64) throws {
    #expect(SymbolImageHeader.version == 1)
    let image = try SymbolTable.read(Self.files(format, seed: 42)).image
    #expect(XXH64.digest(of: image.body) == digest, "\(String(XXH64.digest(of: image.body), radix: 16))")
  }

  @Test("no byte of an element is nobody's")
  func strides() {
    #expect(MemoryLayout<SymbolRow>.size == 48 && MemoryLayout<SymbolRow>.stride == 48)
    #expect(MemoryLayout<SymbolGroup>.size == 24 && MemoryLayout<SymbolGroup>.stride == 24)
    #expect(MemoryLayout<ExpiryRun>.size == 12 && MemoryLayout<ExpiryRun>.stride == 12)
  }
}

// MARK: Images as bytes

private func memory(_ bytes: [UInt8]) -> ReadOnlyMemory {
  ReadOnlyMemory.made(byteCount: bytes.count) { $0.copy(bytes.span, to: 0) }
}

private func opened(_ bytes: [UInt8]) throws(SymbolImageFault) -> SymbolTable {
  try SymbolTable.opened(SymbolImage(reading: memory(bytes)))
}

/// As it is kept in a file.
private func imageBytes(_ table: SymbolTable, _ identity: SymbolImageIdentity) -> [UInt8] {
  let image = table.image
  let body = image.body
  return image.headerBytes(for: identity) + body.indices.map { body[$0] }
}

private func expectOutOfRange(_ bytes: [UInt8], _ place: SourceLocation = #_sourceLocation) {
  do throws(SymbolImageFault) {
    _ = try opened(bytes)
    Issue.record("believed", sourceLocation: place)
  } catch {
    guard case .outOfRange = error else {
      Issue.record("\(error)", sourceLocation: place)
      return
    }
  }
}

private func changing(_ bytes: [UInt8], word: Int, to value: UInt64) -> [UInt8] {
  var bytes = bytes
  withUnsafeBytes(of: value) { bytes.replaceSubrange(8 * word..<8 * word + 8, with: $0) }
  return bytes
}

/// With digests that fit.
private func resealed(_ bytes: [UInt8]) -> [UInt8] {
  let sealed = changing(bytes, word: 62, to: XXH64.digest(of: bytes.span.extracting(512..<bytes.count)))
  return changing(sealed, word: 63, to: XXH64.digest(of: sealed.span.extracting(0..<504)))
}
