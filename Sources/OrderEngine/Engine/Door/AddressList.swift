/// Addresses that are next to each other: `192.0.2.0/24`, `2001:db8::/32`, or one alone.
///
/// A net of IPv4 addresses holds them however they arrive, plain or mapped into IPv6; a net of IPv6 addresses holds no
/// IPv4 one, so that `::/0` does not let the whole of the old Internet in.
package struct AddressNet: Hashable, Sendable {
  private let base: UInt128
  private let mask: UInt128
  private let isIPv4: Bool

  /// `nil` when it is no net, or has bits behind its length, which says that somebody meant another one.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let address = SenderAddress(String(parts[0])) else { return nil }
    let isWrittenAsIPv4 = !text.contains(":")
    var length = 128
    if parts.count == 2 {
      guard let number = Int(parts[1]), String(number) == parts[1], (0...(isWrittenAsIPv4 ? 32 : 128)).contains(number)
      else { return nil }
      length = isWrittenAsIPv4 ? number + 96 : number
    }
    base = address.bits
    mask = length == 0 ? 0 : UInt128.max << UInt128(128 - length)
    isIPv4 = address.isIPv4 && length >= 96
    guard base & ~mask == 0 else { return nil }
  }

  package func contains(_ address: SenderAddress) -> Bool {
    address.isIPv4 == isIPv4 && address.bits & mask == base
  }
}

/// Nets that a setting names.
package struct AddressList: Hashable, Sendable {
  /// So many are looked through for each request.
  package static let limit = 256

  private let nets: [AddressNet]

  package init(_ nets: [AddressNet] = []) { self.nets = nets }

  package var isEmpty: Bool { nets.isEmpty }

  package func contains(_ address: SenderAddress) -> Bool {
    for net in nets where net.contains(address) { return true }
    return false
  }

  /// Which senders' alerts TradingView posts from, whoever the customer is.
  ///
  /// From TradingView's page on webhooks (https://www.tradingview.com/support/solutions/43000529348), as of November 2026.
  /// When TradingView changes them, name the new ones in WEBHOOK_ALLOWED_ADDRESSES beside `tradingview`.
  package static let tradingView = AddressList(
    ["52.89.214.238", "34.212.75.30", "54.218.53.128", "52.32.178.7"].compactMap { AddressNet($0) })

  /// Reads a setting: nets with commas between, `tradingview` for ``tradingView``. What is neither is named.
  static func read(_ texts: [String]) -> Result<AddressList, Unreadable> {
    var nets: [AddressNet] = []
    for text in texts {
      let word = text.filter { $0 != " " }
      if word.lowercased() == "tradingview" {
        nets += tradingView.nets
      } else if let net = AddressNet(word) {
        nets.append(net)
      } else {
        return .failure(Unreadable(text: word))
      }
    }
    return .success(AddressList(nets))
  }

  struct Unreadable: Error, Equatable {
    let text: String
  }
}
