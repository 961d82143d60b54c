public import OrderDomain

/// A broker's instruments of one day: immutable, compact, and resolving every way in which alerts name an instrument.
///
/// A view of a ``SymbolImage``: 48-byte rows, names in one stretch of bytes, and open-addressing indexes over bytes, read
/// where they lie and without allocating. It is all one whether the image is in memory or in a mapped file. `Instrument`
/// objects are made when somebody asks for one.
public final class SymbolTable: Sendable {
  package let image: SymbolImage
  private let rowPlace: MemoryPlace<SymbolRow>
  private let orderPlace: MemoryPlace<UInt32>
  private let runPlace: MemoryPlace<ExpiryRun>
  private let groupPlace: MemoryPlace<SymbolGroup>
  private let arenaPlace: MemoryPlace<UInt8>
  private let groupSlots: SlotPlaces
  private let identitySlots: SlotPlaces
  private let nameSlots: SlotPlaces
  let series: [String]
  let prefixesBrokerSymbol: Bool
  let instruments = InstrumentCache()
  /// Rows that were read, and why some are not here.
  public let counts: SymbolRowCounts

  /// Two of the file's bytes name a series; exchanges have some fifty.
  static let seriesLimit = 4_096

  private struct SlotPlaces {
    let tags: MemoryPlace<UInt8>
    let values: MemoryPlace<UInt32>
  }

  /// Believes the image; ``opened(_:)`` does not.
  init(_ image: SymbolImage) {
    func places(_ tags: SymbolSection, _ values: SymbolSection) -> SlotPlaces {
      SlotPlaces(tags: image.place(tags, of: UInt8.self), values: image.place(values, of: UInt32.self))
    }
    self.image = image
    rowPlace = image.place(.rows, of: SymbolRow.self)
    orderPlace = image.place(.order, of: UInt32.self)
    runPlace = image.place(.runs, of: ExpiryRun.self)
    groupPlace = image.place(.groups, of: SymbolGroup.self)
    arenaPlace = image.place(.arena, of: UInt8.self)
    groupSlots = places(.groupTags, .groupValues)
    identitySlots = places(.identityTags, .identityValues)
    nameSlots = places(.nameTags, .nameValues)
    series = SymbolTable.seriesTexts(image)
    prefixesBrokerSymbol = image.header.prefixesBrokerSymbol
    counts = image.header.counts
  }

  public var rowCount: Int { rowPlace.count }

  /// Bytes of the image; what ``Instrument`` objects take is bounded apart from it.
  public var byteCount: Int { image.memory.byteCount + InstrumentCache.byteCount }

  // MARK: Columns

  var rows: Span<SymbolRow> { @_lifetime(borrow self) get { rowPlace.span(heldBy: self) } }
  /// Row numbers by group, within a group by kind, expiry, strike, call before put.
  var order: Span<UInt32> { @_lifetime(borrow self) get { orderPlace.span(heldBy: self) } }
  var runs: Span<ExpiryRun> { @_lifetime(borrow self) get { runPlace.span(heldBy: self) } }
  var groups: Span<SymbolGroup> { @_lifetime(borrow self) get { groupPlace.span(heldBy: self) } }
  /// All names, one behind the other.
  var arena: Span<UInt8> { @_lifetime(borrow self) get { arenaPlace.span(heldBy: self) } }
  var groupIndex: SlotView { @_lifetime(borrow self) get { view(groupSlots) } }
  var identityIndex: SlotView { @_lifetime(borrow self) get { view(identitySlots) } }
  var nameIndex: SlotView { @_lifetime(borrow self) get { view(nameSlots) } }

  @inline(__always)
  @_lifetime(borrow self)
  private func view(_ places: SlotPlaces) -> SlotView {
    SlotView(tags: places.tags.span(heldBy: self), values: places.values.span(heldBy: self))
  }

  // MARK: Look-up

  /// The instrument with this identity.
  public func instrument(_ key: InstrumentKey) -> Instrument? {
    rowNumber(key).map { instrument(row: $0) }
  }

  /// The number of an instrument's row, for callers that only want to know whether it is there.
  public func rowNumber(_ key: InstrumentKey) -> UInt32? {
    guard let id = UInt32(exactly: key.securityID.number) else { return nil }
    let segment = key.segment.rawValue
    return identityIndex.first(SymbolHash.hash(segment: segment, securityID: id)) {
      rows[Int($0)].securityID == id && rows[Int($0)].segmentCode == segment
    }
  }

  /// The first row with this trading symbol, in any case of letters; others of the same name follow by
  /// ``SymbolRow/nextAlike``.
  public func rowNumber(named name: Span<UInt8>) -> UInt32? {
    nameIndex.first(SymbolHash.hash(name)) {
      isName(name, start: rows[Int($0)].nameStart, count: rows[Int($0)].nameCount)
    }
  }

  /// The instrument of a row; the same object as long as it stays in the cache.
  public func instrument(row number: UInt32) -> Instrument {
    if let known = instruments[number] { return known }
    let made = makeInstrument(rows[Int(number)])
    instruments[number] = made
    return made
  }

  /// Whether the name at `start` is this one, in any case of letters.
  func isName(_ text: Span<UInt8>, start: UInt32, count: UInt8) -> Bool {
    guard text.count == Int(count) else { return false }
    return SymbolHash.equal(text, nameBytes(start: start, count: count))
  }

  @inline(__always)
  @_lifetime(borrow self)
  func nameBytes(start: UInt32, count: UInt8) -> Span<UInt8> {
    arena.extracting(Int(start)..<Int(start) + Int(count))
  }

  func text(start: UInt32, count: UInt8) -> String {
    unsafe nameBytes(start: start, count: count).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  func name(_ row: SymbolRow) -> String { text(start: row.nameStart, count: row.nameCount) }
  func name(_ group: SymbolGroup) -> String { text(start: group.nameStart, count: group.nameCount) }

  private func makeInstrument(_ row: SymbolRow) -> Instrument {
    let name = name(row)
    let contract: Contract =
      switch row.kind {
      case .equity: .equity
      case .index: .index
      case .future: .future(expiry: row.expiryDate)
      case .call: .option(expiry: row.expiryDate, strike: row.strike.price, type: .call)
      case .put: .option(expiry: row.expiryDate, strike: row.strike.price, type: .put)
      }
    let lot = LotSize(Int64(row.lot)) ?? .one
    var freeze: FreezeQuantity?
    if row.freeze > 0, let published = Quantity(Int64(row.freeze)) {
      // Dhan publishes the first refused figure (1756 for a NIFTY lot of 65); Fyers' CSV publishes none.
      freeze = FreezeQuantity(firstRefused: published, lot: lot)
    }
    guard let tick = Price(tenThousandths: Int64(row.tick)).flatMap({ TickSize($0) }) else {
      preconditionFailure("neither the builder nor the opening of an image lets a row without a tick in")
    }
    return Instrument(
      key: InstrumentKey(segment: row.segment, securityID: SecurityID(UInt64(row.securityID))), contract: contract,
      underlying: self.name(groups[Int(row.group)]), tradingSymbol: name,
      brokerSymbol: prefixesBrokerSymbol ? row.segment.exchange.code + ":" + name : name,
      series: series[Int(row.series)], lotSize: lot, tickSize: tick, freezeQuantity: freeze,
      priceBand: row.bandHigh == .zero ? nil : row.bandLow.price...row.bandHigh.price)
  }

  private static func seriesTexts(_ image: SymbolImage) -> [String] {
    let place = image.header[.series]
    return (0..<place.count).map { number in
      let start = place.offset + 8 * number
      var rest: UInt64 = 0
      unsafe image.memory.bytes.extracting(start..<start + 8).withUnsafeBytes {
        unsafe rest = $0.load(as: UInt64.self)
      }
      var bytes: [UInt8] = []
      while rest != 0 {
        bytes.insert(UInt8(truncatingIfNeeded: rest), at: 0)
        rest >>= 8
      }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}
