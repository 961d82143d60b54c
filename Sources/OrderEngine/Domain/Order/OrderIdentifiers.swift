/// The trader's name for one account at one broker; unique in the engine. 1 to 32 of `[A-Za-z0-9_-]`.
public struct AccountID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let name: String

  /// A name written in the program itself.
  public init(staticName: StaticString) {
    guard let account = AccountID(staticName.description) else { preconditionFailure("\(staticName) is no legal name") }
    self = account
  }

  public init?(_ name: String) {
    let isLegal = name.utf8.allSatisfy {
      ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || ($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z"))
        || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
    }
    guard isLegal, (1...32).contains(name.utf8.count) else { return nil }
    self.name = name
  }

  public static func < (left: AccountID, right: AccountID) -> Bool { left.name < right.name }
  public var description: String { name }
}

/// The broker's number for an order, known only after it answered. 1 to 40 visible ASCII characters.
public struct BrokerOrderID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String

  public init?(_ text: String) {
    guard (1...40).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    self.text = text
  }

  public static func < (left: BrokerOrderID, right: BrokerOrderID) -> Bool { left.text < right.text }
  public var description: String { text }
}

/// The number of a trade at the broker; fills are counted once by it.
public struct TradeID: Hashable, Sendable, CustomStringConvertible {
  public let text: String

  public init?(_ text: String) {
    guard (1...40).contains(text.utf8.count), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return nil }
    self.text = text
  }

  public var description: String { text }
}
