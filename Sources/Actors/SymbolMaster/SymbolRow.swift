internal import OrderDomain

/// What a row is; the raw values sort a chain as futures, then calls before puts.
enum SymbolKind: UInt8 {
  case equity, index, future, call, put

  var isOption: Bool {
    switch self {
    case .call, .put: true
    case .equity, .index, .future: false
    }
  }
}

/// One instrument in 48 bytes; names lie in the table's arena.
///
/// As it lies in a ``SymbolImage``: numbers only, of which any bits are some number, and no byte between them that
/// nobody sets.
struct SymbolRow: BitwiseCopyable {
  var securityID: UInt32
  /// Ten-thousandths of a rupee; exchanges' ticks end far below the ₹429,496 that fit.
  var tick: UInt32
  var lot: UInt32
  /// As published; 0 for none.
  var freeze: UInt32 = 0
  var strike = PackedPrice.zero
  /// Both zero where no band is published.
  var bandLow = PackedPrice.zero
  var bandHigh = PackedPrice.zero
  var group: UInt32 = 0
  var nameStart: UInt32 = 0
  /// The next row with the very same name, or ``none``.
  var nextAlike = SymbolRow.none
  /// Days since 1970-01-01 (up to the year 2149); 0 for none.
  var expiry: UInt16 = 0
  var series: UInt16 = 0
  var nameCount: UInt8 = 0
  let segmentCode: UInt8
  private let kindCode: UInt8
  private let reserved: UInt8 = 0

  static let none = UInt32.max

  init(securityID: UInt32, tick: UInt32, lot: UInt32, segment: ExchangeSegment, kind: SymbolKind) {
    self.securityID = securityID
    self.tick = tick
    self.lot = lot
    segmentCode = segment.rawValue
    kindCode = kind.rawValue
  }

  var hasKnownCodes: Bool { ExchangeSegment(rawValue: segmentCode) != nil && SymbolKind(rawValue: kindCode) != nil }

  var segment: ExchangeSegment { ExchangeSegment(known: segmentCode) }

  var kind: SymbolKind {
    guard let kind = SymbolKind(rawValue: kindCode) else { preconditionFailure("a row of no known kind") }
    return kind
  }

  var expiryDate: CalendarDate { CalendarDate(daysSinceEpoch: Int32(expiry)) }

  /// Sorts the rows of one group: kind, expiry, strike, call before put.
  var chainKey: UInt64 {
    let rank: UInt64 =
      switch kind {
      case .equity: 0
      case .index: 1
      case .future: 2
      case .call, .put: 3
      }
    return rank << 49 | UInt64(expiry) << 33 | UInt64(strike.bits) << 1 | (kind == .put ? 1 : 0)
  }

  /// Whether a second row with the same key says the same; names are compared by the caller.
  func describesSame(as other: SymbolRow) -> Bool {
    tick == other.tick && lot == other.lot && freeze == other.freeze && strike == other.strike
      && bandLow == other.bandLow && bandHigh == other.bandHigh && group == other.group && expiry == other.expiry
      && series == other.series && kind == other.kind
  }
}

/// The rows of one mnemonic in one segment: a share's series, an underlying's futures and options.
struct SymbolGroup: BitwiseCopyable {
  let nameStart: UInt32
  /// Which letters and digits the name has, to skip most names when looking for a similar one.
  let letters: UInt32
  /// Its rows in the table's order.
  var first: UInt32 = 0
  var count: UInt32 = 0
  /// Its expiries in the table's runs.
  var firstRun: UInt32 = 0
  var runCount: UInt16 = 0
  let nameCount: UInt8
  let segmentCode: UInt8

  init(nameStart: UInt32, letters: UInt32, nameCount: UInt8, segment: ExchangeSegment) {
    self.nameStart = nameStart
    self.letters = letters
    self.nameCount = nameCount
    segmentCode = segment.rawValue
  }

  var hasKnownCode: Bool { ExchangeSegment(rawValue: segmentCode) != nil }

  var segment: ExchangeSegment { ExchangeSegment(known: segmentCode) }
}

/// The contracts of one group that share kind (future or option) and expiry; options sorted by strike, call first.
struct ExpiryRun: BitwiseCopyable {
  let first: UInt32
  var count: UInt32
  let expiry: UInt16
  private let optionCode: UInt8
  private let reserved: UInt8 = 0

  init(first: UInt32, count: UInt32, expiry: UInt16, isOption: Bool) {
    self.first = first
    self.count = count
    self.expiry = expiry
    optionCode = isOption ? 1 : 0
  }

  var isOption: Bool { optionCode != 0 }
}

extension ExchangeSegment {
  /// Of a code that was checked when it came in.
  fileprivate init(known code: UInt8) {
    guard let segment = ExchangeSegment(rawValue: code) else { preconditionFailure("a code of no known segment") }
    self = segment
  }
}
