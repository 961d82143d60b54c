/// The trader's name for one account at one broker; unique in the engine. 1 to 32 of `[A-Za-z0-9_-]`.
public struct AccountID: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let packed: PackedText

  /// A name written in the program itself.
  public init(staticName: StaticString) {
    guard let account = AccountID(staticName.description) else { preconditionFailure("\(staticName) is no legal name") }
    self = account
  }

  public init?(_ name: String) {
    guard name.utf8.count <= 32, let packed = PackedText(name, isLegal: AccountID.isLegal) else { return nil }
    self.packed = packed
  }

  private static func isLegal(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  /// Made anew each time; where only its bytes are wanted, ``write(to:)`` and ``byteCount`` cost less.
  public var name: String { packed.text }
  /// Bytes of ``name``.
  public var byteCount: Int { packed.count }
  /// Appends ``name``.
  public func write(to bytes: inout [UInt8]) { packed.write(to: &bytes) }

  public static func < (left: AccountID, right: AccountID) -> Bool { left.packed < right.packed }
  public var description: String { name }
}

/// The broker's number for an order, known only after it answered. 1 to 40 visible ASCII characters.
public struct BrokerOrderID: Hashable, Comparable, Sendable, CustomStringConvertible {
  private let packed: PackedText

  public init?(_ text: String) {
    guard let packed = PackedText(text, isLegal: { $0 > 0x20 && $0 < 0x7F }) else { return nil }
    self.packed = packed
  }

  /// Made anew each time; where only its bytes are wanted, ``write(to:)`` and ``byteCount`` cost less.
  public var text: String { packed.text }
  /// Bytes of ``text``.
  public var byteCount: Int { packed.count }
  /// One of them, from 0 to below ``byteCount``.
  public func byte(_ index: Int) -> UInt8 { packed.byte(index) }
  /// Appends ``text``.
  public func write(to bytes: inout [UInt8]) { packed.write(to: &bytes) }

  public static func < (left: BrokerOrderID, right: BrokerOrderID) -> Bool { left.packed < right.packed }
  public var description: String { text }
}

/// The number of a trade at the broker; fills are counted once by it.
public struct TradeID: Hashable, Sendable, CustomStringConvertible {
  private let packed: PackedText

  public init?(_ text: String) {
    guard let packed = PackedText(text, isLegal: { $0 > 0x20 && $0 < 0x7F }) else { return nil }
    self.packed = packed
  }

  public var text: String { packed.text }
  public var description: String { text }
}
