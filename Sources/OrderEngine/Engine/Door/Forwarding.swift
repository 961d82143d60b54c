import HTTP

/// Finds out who sent a request that came through a proxy, by `X-Forwarded-For`.
///
/// The field is believed only from proxies that TRUSTED_PROXIES names. Each proxy adds, at the right, the address that it
/// was called from; what stands left of that was said by the caller and may be invented. So the list is read from the
/// right, over the trusted proxies, and the first other address is the sender. What an attacker writes into the field
/// stands left of his own address, and is never reached.
///
/// What is no address, where it is reached, was written by a trusted proxy: then the sender is not known. The request
/// counts as the proxy's own and as shared, as one without the field does: it meets the allow-list under the proxy's
/// address, and locks nobody else out.
struct Forwarding: Sendable {
  /// Addresses that are read of one request; a chain of proxies is shorter.
  static let addressLimit = 16
  /// The longest value that is looked at, in bytes.
  static let valueLimit = 1_024

  private let trusted: AddressList

  init(trusted: AddressList) { self.trusted = trusted }

  enum Finding: Equatable, Sendable {
    case plain
    /// A trusted proxy's field cannot be read.
    case malformed
    /// A proxy on this machine, it seems, that TRUSTED_PROXIES does not name: its field is not believed.
    case unnamedProxy
  }

  func caller(of request: borrowing HTTPRequestView) -> (caller: Caller, finding: Finding) {
    let peer = SenderAddress(high: request.peer.high, low: request.peer.low)
    let isProxy = !trusted.isEmpty && trusted.contains(peer)
    if !isProxy {
      // From elsewhere the field proves nothing: anybody could write it to be taken for many.
      guard peer.isLoopback, request.fieldIndex("x-forwarded-for") != nil else { return (known(peer), .plain) }
      return (Caller(peer, isShared: true), .unnamedProxy)
    }
    var lines: [Int] = []
    var next = request.fieldIndex("x-forwarded-for")
    while let index = next {
      // More lines than addresses: nobody's proxies.
      guard lines.count < Forwarding.addressLimit else { return (Caller(peer, isShared: true), .malformed) }
      lines.append(index)
      next = request.fieldIndex("x-forwarded-for", from: index + 1)
    }
    var walk = Walk(trusted: trusted, nearest: peer)
    // Several lines are one list, in their order (RFC 9110 5.3).
    for index in lines.reversed() {
      switch walk.read(request.fieldValue(at: index)) {
      case .goOn: continue
      case .sender(let address): return (known(address), .plain)
      case .malformed: return (Caller(peer, isShared: true), .malformed)
      }
    }
    // Proxies all the way: what asks is one of them, for itself or for whom it does not name.
    return (Caller(walk.nearest, isShared: true), .plain)
  }

  /// Whether the sender's connection is encrypted, as a trusted proxy says.
  func isEncrypted(_ request: borrowing HTTPRequestView) -> Bool {
    trusted.contains(SenderAddress(high: request.peer.high, low: request.peer.low))
      && request.fieldText("x-forwarded-proto")?.lowercased() == "https"
  }

  private func known(_ address: SenderAddress) -> Caller {
    Caller(address, isShared: AddressList.tradingView.contains(address))
  }

  /// The way from the nearest proxy outwards.
  struct Walk {
    enum Step: Equatable { case goOn, sender(SenderAddress), malformed }

    private let trusted: AddressList
    private(set) var nearest: SenderAddress
    private var count = 0

    init(trusted: AddressList, nearest: SenderAddress) {
      self.trusted = trusted
      self.nearest = nearest
    }

    /// One field line, from its right end.
    mutating func read(_ value: Span<UInt8>) -> Step {
      guard value.count <= Forwarding.valueLimit else { return .malformed }
      var end = value.count
      while true {
        var start = end
        while start > 0, value[start - 1] != UInt8(ascii: ",") { start -= 1 }
        count += 1
        guard count <= Forwarding.addressLimit, let address = Walk.address(value.extracting(start..<end)) else {
          return .malformed
        }
        nearest = address
        if !trusted.contains(address) { return .sender(address) }
        if start == 0 { return .goOn }
        end = start - 1
      }
    }

    /// An address as proxies write it: alone, `192.0.2.1:4711`, `[2001:db8::1]` or `[2001:db8::1]:4711`.
    private static func address(_ text: Span<UInt8>) -> SenderAddress? {
      var (start, end) = (0, text.count)
      while start < end, isBlank(text[start]) { start += 1 }
      while end > start, isBlank(text[end - 1]) { end -= 1 }
      guard start < end else { return nil }
      let colon = UInt8(ascii: ":")
      if text[start] == UInt8(ascii: "[") {
        var close = start
        while close < end, text[close] != UInt8(ascii: "]") { close += 1 }
        guard close < end, close + 1 == end || isPort(text.extracting(close + 1..<end)) else { return nil }
        return SenderAddress(text.extracting(start + 1..<close))
      }
      var (firstColon, colonCount) = (end, 0)
      for index in start..<end where text[index] == colon {
        if colonCount == 0 { firstColon = index }
        colonCount += 1
      }
      guard colonCount == 1 else { return SenderAddress(text.extracting(start..<end)) }
      guard isPort(text.extracting(firstColon..<end)) else { return nil }
      return SenderAddress(text.extracting(start..<firstColon))
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }

    /// A colon and one to five digits.
    private static func isPort(_ text: Span<UInt8>) -> Bool {
      guard (2...6).contains(text.count), text[0] == UInt8(ascii: ":") else { return false }
      for index in 1..<text.count where text[index] &- UInt8(ascii: "0") > 9 { return false }
      return true
    }
  }
}
