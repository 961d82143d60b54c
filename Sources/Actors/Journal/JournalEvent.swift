public import OrderDomain

/// A fact worth keeping. Ledger, orders, positions and history are folds over these.
public enum JournalEvent: Sendable {
  case engineStarted(EngineStart)
  case alertAccepted(AcceptedAlert)
  /// An order whose terms were not known when its alert was accepted (an exit priced by its entry's fill) is about to be
  /// sent.
  case orderIntended(IntendedOrder)
  case orderReported(OrderReport)
  /// A cancel went out: it counts against the broker's limits like an order.
  case cancelSent(SentCancel)
  /// A clean end: everything before was flushed.
  case engineStopped
  /// The disk had been full, and takes records again.
  case writingResumed
  /// Other settings hold from here on.
  case configurationChanged(ConfigurationChange)

  /// Whether it is the first of its kind to be known, so that it can be refused while the disk is full.
  var beginsSomething: Bool {
    switch self {
    case .alertAccepted: true
    case .engineStarted, .orderIntended, .orderReported, .cancelSent, .engineStopped, .writingResumed: false
    // A person's wish, which can be uttered again.
    case .configurationChanged: true
    }
  }

  var type: UInt8 {
    switch self {
    case .engineStarted: 1
    case .alertAccepted(let alert): alert.isOfUsedKey ? 8 : 2
    case .orderIntended: 3
    case .orderReported: 4
    case .engineStopped: 5
    case .writingResumed: 6
    case .cancelSent: 7
    case .configurationChanged: 9
    }
  }

  func encode(to writer: inout RecordWriter) {
    switch self {
    case .engineStarted(let start): writer.put(start.version)
    case .alertAccepted(let alert): alert.encode(to: &writer)
    case .orderIntended(let order): order.encode(to: &writer)
    case .orderReported(let report): report.encode(to: &writer)
    case .cancelSent(let cancel): cancel.encode(to: &writer)
    case .configurationChanged(let change): change.encode(to: &writer)
    case .engineStopped, .writingResumed: break
    }
  }

  /// Reads a record's payload; throws when it is not what its type promises.
  public init(type: UInt8, reader: inout RecordReader) throws(RecordReader.Malformed) {
    switch type {
    case 1: self = .engineStarted(EngineStart(version: try reader.text()))
    case 2: self = .alertAccepted(try AcceptedAlert(from: &reader))
    case 3: self = .orderIntended(try IntendedOrder(from: &reader))
    case 4: self = .orderReported(try OrderReport(from: &reader))
    case 5: self = .engineStopped
    case 6: self = .writingResumed
    case 7: self = .cancelSent(try SentCancel(from: &reader))
    case 8: self = .alertAccepted(try AcceptedAlert(from: &reader, isOfUsedKey: true))
    case 9: self = .configurationChanged(try ConfigurationChange(from: &reader))
    default: throw reader.malformed
    }
    guard reader.isAtEnd else { throw reader.malformed }
  }
}

public struct EngineStart: Sendable {
  public let version: String
  public init(version: String) { self.version = version }
}

/// An alert that was answered 200, with all that a restart needs to go on with it.
public struct AcceptedAlert: Sendable {
  public let identity: AlertIdentity
  /// What a repeat is recognised by.
  public let key: AlertIdentity
  /// SHA-256 of the body, its first 16 bytes: the same key with another body is a conflict.
  public let bodyDigest: AlertIdentity
  public let receivedAt: Timestamp
  /// Until when the same identity is a duplicate.
  public let rememberedUntil: Timestamp
  public let format: AlertFormat
  /// The body with its secret blanked out: what a replay feeds to the planner again.
  public let body: [UInt8]
  public let plan: ExecutionPlan

  public init(
    identity: AlertIdentity, key: AlertIdentity? = nil, bodyDigest: AlertIdentity, receivedAt: Timestamp,
    rememberedUntil: Timestamp, format: AlertFormat, body: [UInt8], plan: ExecutionPlan
  ) {
    self.identity = identity
    self.key = key ?? identity.ledgerKey(bodyDigest)
    self.bodyDigest = bodyDigest
    self.receivedAt = receivedAt
    self.rememberedUntil = rememberedUntil
    self.format = format
    self.body = body
    self.plan = plan
  }
}

/// The terms of an exit, fixed at the moment its entry had filled.
public struct IntendedOrder: Sendable {
  public let correlationID: CorrelationID
  public let alert: AlertIdentity
  public let type: OrderType
  public let quantity: Quantity

  public init(correlationID: CorrelationID, alert: AlertIdentity, type: OrderType, quantity: Quantity) {
    self.correlationID = correlationID
    self.alert = alert
    self.type = type
    self.quantity = quantity
  }
}

/// That the broker was asked to cancel an order, and when.
public struct SentCancel: Hashable, Sendable {
  public let correlationID: CorrelationID
  public let at: Timestamp

  public init(correlationID: CorrelationID, at: Timestamp) {
    self.correlationID = correlationID
    self.at = at
  }
}
