import OrderDomain

extension WebhookDoorSettings {
  init(reading reader: inout SettingsReader) {
    self.init()
    signatureSecrets = ["WEBHOOK_HMAC_SECRET", "WEBHOOK_HMAC_SECRET_OLD"].compactMap { reader.secret($0) }
    authentication =
      reader.choice(
        "WEBHOOK_AUTH", Dictionary(uniqueKeysWithValues: Authentication.allCases.map { ($0.rawValue, $0) }))
      ?? (signatureSecrets.isEmpty ? .secret : .either)
    if authentication != .secret, reader.text("WEBHOOK_HMAC_SECRET") == nil {
      reader.refuseMissing(
        "WEBHOOK_HMAC_SECRET", "WEBHOOK_AUTH asks for signatures, and there is no key to check them with",
        "set it to what the senders sign with, or WEBHOOK_AUTH to secret")
    }
    signatureWindowSeconds = reader.integer("WEBHOOK_HMAC_WINDOW_SECONDS", 1...3_600, unit: "seconds") ?? 300
    if reader.text("WEBHOOK_ALLOWED_ADDRESSES") != nil {
      allowedAddresses = reader.addresses("WEBHOOK_ALLOWED_ADDRESSES")
    }
    trustedProxies = reader.addresses("TRUSTED_PROXIES")
    if let (count, seconds) = reader.countInSeconds("LOCK_OUT") {
      (lockOutLimit, lockOutWindowSeconds) = (count, seconds)
    }
  }
}

extension SettingsReader {
  /// Addresses and nets with commas between.
  mutating func addresses(_ name: String) -> AddressList {
    let texts = list(name)
    guard texts.count <= AddressList.limit else {
      refuse(name, "\(texts.count) addresses", "are too many", "name nets instead, at most \(AddressList.limit)")
      return AddressList()
    }
    switch AddressList.read(texts) {
    case .success(let list): return list
    case .failure(let error):
      refuse(
        name, error.text, "is no address and no net",
        "write addresses and nets such as 192.0.2.7 or 2001:db8::/32, or tradingview, with commas between; a net has "
          + "no bits behind its length")
      return AddressList()
    }
  }

  /// `5/60s`.
  mutating func countInSeconds(_ name: String) -> (count: Int, seconds: Int64)? {
    guard let value = text(name) else { return nil }
    let parts = value.split(separator: "/")
    if parts.count == 2, parts[1].hasSuffix("s"), let count = Int(parts[0]), let seconds = Int64(parts[1].dropLast()),
      (1...1_000).contains(count), (1...86_400).contains(seconds)
    {
      return (count, seconds)
    }
    refuse(name, value, "is not COUNT/SECONDSs", "write 5/60s for five in a minute")
    return nil
  }
}
