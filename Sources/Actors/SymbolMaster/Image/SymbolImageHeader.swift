package import OrderDomain

/// What a table was made of, and by whom: a kept image serves only where all of it is the same.
package struct SymbolImageIdentity: Hashable, Sendable {
  /// Whatever is another in another build of the program: a build may read the same files in another way.
  package var program: UInt64
  /// The trading day that the files are of.
  package var day: CalendarDate
  /// Digest of the files' layouts, sizes and bytes; see ``SymbolSourceDigest``.
  package var sources: UInt64

  package init(program: UInt64, day: CalendarDate, sources: UInt64) {
    self.program = program
    self.day = day
    self.sources = sources
  }
}

/// The columns of an image, in the order in which they lie in it.
enum SymbolSection: Int, CaseIterable {
  case rows, order, runs, groups, series
  case groupTags, groupValues, identityTags, identityValues, nameTags, nameValues
  case arena

  /// Bytes from one element to the next.
  var stride: Int {
    switch self {
    case .rows: MemoryLayout<SymbolRow>.stride
    case .groups: MemoryLayout<SymbolGroup>.stride
    case .runs: MemoryLayout<ExpiryRun>.stride
    case .series: MemoryLayout<UInt64>.stride
    case .order, .groupValues, .identityValues, .nameValues: MemoryLayout<UInt32>.stride
    case .groupTags, .identityTags, .nameTags, .arena: MemoryLayout<UInt8>.stride
    }
  }

  /// Where a column begins and how many elements it has.
  struct Place: Hashable {
    var offset = 0
    var count = 0
  }
}

/// The first 512 bytes of an image: 64 words in the byte order of the machine that wrote them.
///
/// | word | holds |
/// |---|---|
/// | 0, 1, 2 | ``magic``; ``byteOrder``; ``version`` |
/// | 3 | bytes of the whole image |
/// | 4, 5, 6 | the identity: program, day as days since 1970-01-01, sources |
/// | 7 | 1 where the broker's symbols carry the exchange, else 0 |
/// | 8 … 11 | rows read, unsupported, unusable, repeated |
/// | 12 … 35 | offset and count of each ``SymbolSection`` |
/// | 62 | digest of everything behind the header |
/// | 63 | digest of words 0 … 62 |
///
/// Words in between are zero. Offsets count from the start of the image, so that it can lie anywhere.
package struct SymbolImageHeader: Hashable, Sendable {
  package static let byteCount = 512
  /// `OESYMBOL`, as bytes on a little-endian machine.
  static let magic: UInt64 = 0x4C4F_424D_5953_454F
  /// Reads as another number on a machine of the other byte order.
  static let byteOrder: UInt64 = 0x0102_0304_0506_0708
  /// Raised with whatever changes the layout, or what is made of the same file. A test compares the image of a known
  /// file with what this version made of it.
  package static let version: UInt64 = 1

  package var identity: SymbolImageIdentity
  var prefixesBrokerSymbol = false
  package var counts = SymbolRowCounts()
  /// Of the whole image.
  package var byteCount = SymbolImageHeader.byteCount
  package var bodyDigest: UInt64 = 0
  private var places = [SymbolSection.Place](repeating: .init(), count: SymbolSection.allCases.count)

  private static let wordCount = byteCount / 8
  private static let firstPlaceWord = 12

  init(identity: SymbolImageIdentity) { self.identity = identity }

  subscript(section: SymbolSection) -> SymbolSection.Place { places[section.rawValue] }

  /// Sets the sections one behind the other, each at a cache line's start.
  mutating func lay(_ section: SymbolSection, count: Int) {
    places[section.rawValue] = SymbolSection.Place(offset: byteCount, count: count)
    let end = byteCount + section.stride * count
    byteCount = (end + ReadOnlyMemory.alignment - 1) & ~(ReadOnlyMemory.alignment - 1)
  }

  // MARK: Bytes

  /// As it is written.
  package var bytes: [UInt8] {
    var words = [UInt64](repeating: 0, count: SymbolImageHeader.wordCount)
    words[0] = SymbolImageHeader.magic
    words[1] = SymbolImageHeader.byteOrder
    words[2] = SymbolImageHeader.version
    words[3] = UInt64(byteCount)
    words[4] = identity.program
    words[5] = UInt64(bitPattern: Int64(identity.day.daysSinceEpoch))
    words[6] = identity.sources
    words[7] = prefixesBrokerSymbol ? 1 : 0
    let numbers = [counts.read, counts.unsupported, counts.unusable, counts.repeated]
    for (index, number) in numbers.enumerated() { words[8 + index] = UInt64(number) }
    for (index, place) in places.enumerated() {
      words[SymbolImageHeader.firstPlaceWord + 2 * index] = UInt64(place.offset)
      words[SymbolImageHeader.firstPlaceWord + 2 * index + 1] = UInt64(place.count)
    }
    words[SymbolImageHeader.wordCount - 2] = bodyDigest
    words[SymbolImageHeader.wordCount - 1] = SymbolImageHeader.digest(words)
    return words.flatMap { word in unsafe withUnsafeBytes(of: word) { unsafe Array($0) } }
  }

  /// Reads the header of an image that came from outside. Nothing behind the header is looked at but its size.
  ///
  /// - Throws: the first thing that speaks against the image; an identity is read, not judged.
  init(reading image: Span<UInt8>) throws(SymbolImageFault) {
    guard image.count >= SymbolImageHeader.byteCount else {
      throw .truncated(byteCount: image.count, expected: SymbolImageHeader.byteCount)
    }
    var words: [UInt64] = []
    for index in 0..<SymbolImageHeader.wordCount {
      words.append(
        unsafe image.bytes.unsafeLoadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
    }
    guard words[0] == SymbolImageHeader.magic else { throw .notAnImage }
    guard words[1] == SymbolImageHeader.byteOrder else { throw .otherByteOrder }
    guard words[2] == SymbolImageHeader.version else { throw .otherVersion(words[2]) }
    guard words[SymbolImageHeader.wordCount - 1] == SymbolImageHeader.digest(words) else { throw .damaged(.header) }
    guard words[3] == UInt64(image.count) else {
      throw .truncated(byteCount: image.count, expected: Int(clamping: words[3]))
    }
    guard let days = Int32(exactly: Int64(bitPattern: words[5])), words[7] <= 1 else { throw .outOfRange("header") }
    identity = SymbolImageIdentity(
      program: words[4], day: CalendarDate(daysSinceEpoch: days), sources: words[6])
    prefixesBrokerSymbol = words[7] == 1
    byteCount = image.count
    bodyDigest = words[SymbolImageHeader.wordCount - 2]
    counts.read = try SymbolImageHeader.number(words[8])
    counts.unsupported = try SymbolImageHeader.number(words[9])
    counts.unusable = try SymbolImageHeader.number(words[10])
    counts.repeated = try SymbolImageHeader.number(words[11])
    for section in SymbolSection.allCases {
      let word = SymbolImageHeader.firstPlaceWord + 2 * section.rawValue
      let place = SymbolSection.Place(
        offset: try SymbolImageHeader.number(words[word]), count: try SymbolImageHeader.number(words[word + 1]))
      guard place.offset >= SymbolImageHeader.byteCount, place.offset % ReadOnlyMemory.alignment == 0,
        place.offset <= byteCount, place.count <= (byteCount - place.offset) / section.stride
      else { throw .outOfRange("\(section)") }
      places[section.rawValue] = place
    }
  }

  private static func digest(_ words: [UInt64]) -> UInt64 {
    let bytes = words.dropLast().flatMap { word in unsafe withUnsafeBytes(of: word) { unsafe Array($0) } }
    return XXH64.digest(of: bytes.span)
  }

  /// No count or offset comes near this: sums of two cannot overflow.
  private static func number(_ word: UInt64) throws(SymbolImageFault) -> Int {
    guard word < 1 << 40 else { throw .outOfRange("header") }
    return Int(word)
  }
}
