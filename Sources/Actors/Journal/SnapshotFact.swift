import OrderDomain

/// One thing that a snapshot says. Written like the journal's records, with numbers of its own.
enum SnapshotFact {
  /// First of all. So many of the alerts that follow wait for their end; the rest are the latest ones.
  case summary(startCount: Int, newest: Timestamp, agingCount: Int)
  case remembered(JournalFold.Remembered)
  /// Followed by what is known of its orders.
  case alert(AcceptedAlert)
  case intended(IntendedOrder)
  case reported(OrderReport)
  case cancelSent(SentCancel)
  case position(Position)
  case lastTrade(InstrumentKey, JournalFold.LastTrade)
  case sent(AccountID, CalendarDate, Int)

  var type: UInt8 {
    switch self {
    case .summary: 1
    case .remembered(let alert): alert.isOfUsedKey ? 10 : 2
    case .alert(let accepted): accepted.isOfUsedKey ? 11 : 3
    case .intended: 4
    case .reported: 5
    case .position: 6
    case .lastTrade: 7
    case .sent: 8
    case .cancelSent: 9
    }
  }

  func encode(to writer: inout RecordWriter) {
    switch self {
    case .summary(let startCount, let newest, let agingCount):
      writer.put(variable: UInt64(startCount))
      writer.put(newest.nanoseconds)
      writer.put(variable: UInt64(agingCount))
    case .remembered(let alert):
      writer.put(alert.identity)
      writer.put(alert.bodyDigest)
      writer.put(alert.until.nanoseconds)
      if alert.isOfUsedKey { writer.put(alert.key) }
    case .alert(let accepted): accepted.encode(to: &writer)
    case .intended(let intended): intended.encode(to: &writer)
    case .reported(let report): report.encode(to: &writer)
    case .cancelSent(let cancel): cancel.encode(to: &writer)
    case .position(let position):
      writer.put(position.account)
      position.instrument.encode(to: &writer)
      writer.put(position.product.wire)
      writer.put(variable: position.boughtUnits)
      writer.put(position.boughtValue)
      writer.put(variable: position.soldUnits)
      writer.put(position.soldValue)
    case .lastTrade(let instrument, let trade):
      writer.put(instrument.segment.wire)
      writer.put(variable: instrument.securityID.number)
      writer.put(trade.time.nanoseconds)
      writer.put(trade.price)
    case .sent(let account, let date, let count):
      writer.put(account)
      writer.put(variable: Int64(date.daysSinceEpoch))
      writer.put(variable: UInt64(count))
    }
  }

  init(type: UInt8, reader: inout RecordReader) throws(RecordReader.Malformed) {
    switch type {
    case 1:
      let startCount = try reader.count()
      let newest = Timestamp(nanoseconds: try reader.signed64())
      self = .summary(startCount: startCount, newest: newest, agingCount: try reader.count())
    case 2, 10:
      let identity = try reader.identity()
      let digest = try reader.identity()
      let until = Timestamp(nanoseconds: try reader.signed64())
      let key = type == 10 ? try reader.identity() : identity.ledgerKey(digest)
      self = .remembered(JournalFold.Remembered(identity: identity, key: key, bodyDigest: digest, until: until))
    case 3: self = .alert(try AcceptedAlert(from: &reader))
    case 4: self = .intended(try IntendedOrder(from: &reader))
    case 5: self = .reported(try OrderReport(from: &reader))
    case 6:
      let account = try reader.account()
      let instrument = try Instrument(from: &reader)
      var position = Position(account: account, instrument: instrument, product: try reader.coded(ProductType.self))
      let boughtUnits = try reader.signedVariable()
      position.add(.buy, units: boughtUnits, value: try reader.money())
      let soldUnits = try reader.signedVariable()
      position.add(.sell, units: soldUnits, value: try reader.money())
      self = .position(position)
    case 7:
      let segment = try reader.coded(ExchangeSegment.self)
      let key = InstrumentKey(segment: segment, securityID: SecurityID(try reader.variable()))
      let time = Timestamp(nanoseconds: try reader.signed64())
      self = .lastTrade(key, JournalFold.LastTrade(time: time, price: try reader.price()))
    case 8:
      let account = try reader.account()
      let date = try reader.date()
      self = .sent(account, date, try reader.count())
    case 9: self = .cancelSent(try SentCancel(from: &reader))
    case 11: self = .alert(try AcceptedAlert(from: &reader, isOfUsedKey: true))
    default: throw reader.malformed
    }
    guard reader.isAtEnd else { throw reader.malformed }
  }
}

extension RecordWriter {
  fileprivate mutating func put(_ money: Money) {
    put(UInt64(truncatingIfNeeded: money.tenThousandths))
    put(UInt64(truncatingIfNeeded: money.tenThousandths >> 64))
  }
}

extension RecordReader {
  fileprivate mutating func money() throws(Malformed) -> Money {
    let low = try fixed64()
    return Money(tenThousandths: Int128(truncatingIfNeeded: UInt128(try fixed64()) << 64 | UInt128(low)))
  }

  fileprivate mutating func count() throws(Malformed) -> Int {
    guard let count = Int(exactly: try variable()) else { throw malformed }
    return count
  }

  fileprivate mutating func account() throws(Malformed) -> AccountID {
    guard let account = AccountID(try text()) else { throw malformed }
    return account
  }
}
