package import Brokers
package import OrderDomain

/// What each finding means. Pure: the time comes as an argument.
package enum ReadinessRules {
  // MARK: Token

  /// How an account stands with its token, and whether the broker took it a moment ago.
  package struct TokenFinding: Sendable {
    package let isValid: Bool
    package let expiresAt: Timestamp?
    package let failure: Refusal?

    package init(isValid: Bool, expiresAt: Timestamp?, failure: Refusal?) {
      self.isValid = isValid
      self.expiresAt = expiresAt
      self.failure = failure
    }
  }

  /// The token must live until the close of the day, and the broker must take it.
  package static func token(
    _ finding: TokenFinding, profile: Result<BrokerProfile, BrokerReadFailure>?, of account: AccountID,
    at now: Timestamp
  ) -> ReadinessCheck {
    func check(_ verdict: ReadinessCheck.Verdict, _ cause: String, _ fix: String = "") -> ReadinessCheck {
      ReadinessCheck("token", of: account, verdict, cause, fix: fix)
    }
    let fix = "post to /refresh-token, or log in at /auth-url?account=\(account)"
    let refused: Refusal? = if case .failure(.tokenRefused(let refusal))? = profile { refusal } else { nil }
    guard finding.isValid else {
      // Whoever keeps the token knows why there is none; the broker only that it got none, or a dead one.
      let reason = finding.failure ?? refused
      return check(.failed, reason?.cause ?? "there is no token", reason?.fix ?? fix)
    }
    if let refused { return check(.failed, refused.cause, refused.fix) }
    guard let expiry = finding.expiresAt else { return check(.warning, "nobody knows when the token ends", fix) }
    let until = "the token is good until \(expiry.indianDescription.prefix(16))"
    if now < close(of: now, 15, 30), expiry < close(of: now, 15, 30) {
      return check(.failed, until + ", and the market closes later", fix)
    }
    if expiry < close(of: now, 23, 55) { return check(.warning, until + ", and commodities close later", fix) }
    switch profile {
    case .success?: return check(.ok, until + ", and the broker takes it")
    case .failure(let failure)?:
      return check(.unknown, until + "; the broker could not be asked: \(failure.refusal.cause)", failure.refusal.fix)
    case nil: return check(.ok, until)
    }
  }

  private static func close(of now: Timestamp, _ hour: Int64, _ minute: Int64) -> Timestamp {
    let second = Int64(now.indianDate.daysSinceEpoch) * 86_400 + hour * 3_600 + minute * 60 - 19_800
    return Timestamp(seconds: second) ?? .distantFuture
  }

  // MARK: Address

  package static func address(
    _ answer: Result<DhanAddresses, BrokerReadFailure>?, of account: AccountID
  ) -> ReadinessCheck {
    func check(_ verdict: ReadinessCheck.Verdict, _ cause: String, _ fix: String = "") -> ReadinessCheck {
      ReadinessCheck("address", of: account, verdict, cause, fix: fix)
    }
    switch answer {
    case nil:
      return check(
        .unknown, "the broker does not say from which address it takes orders",
        "see that this machine's public address is registered with the broker")
    case .failure(let failure)?:
      return check(.unknown, "the broker could not be asked: \(failure.refusal.cause)", failure.refusal.fix)
    case .success(let addresses)?:
      let seen = addresses.detected ?? "an address that it does not tell"
      let registered = [addresses.primary, addresses.secondary].compactMap { $0 }
      let known = registered.isEmpty ? "none is registered" : "registered: \(registered.joined(separator: ", "))"
      // The broker's own word first; then what can be compared here.
      switch addresses.allowsOrders ?? addresses.detected.map(registered.contains) {
      case true?: return check(.ok, "the broker sees \(seen) and takes orders from there (\(known))")
      case false?:
        return check(
          .failed, "the broker sees \(seen) and takes no orders from there (\(known))",
          "register it on the broker's website, where it can be changed once in seven days; or send from a registered one"
        )
      case nil: return check(.unknown, "the broker does not say whether it takes orders from \(seen) (\(known))")
      }
    }
  }

  // MARK: Clock

  /// One-time passwords forgive some 30 s, ages of alerts less.
  package static let clockTolerance = Duration.seconds(5)
  package static let clockLimit = Duration.seconds(30)

  /// - Parameter offset: how far this machine's clock is behind the broker's, to the second.
  package static func clock(_ offset: Duration?, of account: AccountID) -> ReadinessCheck {
    guard let offset else {
      return ReadinessCheck("clock", of: account, .unknown, "the broker has not told its time")
    }
    let seconds = abs(offset.components.seconds)
    let words = "this machine's clock is \(seconds) s \(offset < .zero ? "ahead of" : "behind") the broker's"
    let distance = offset < .zero ? .zero - offset : offset
    if distance <= clockTolerance {
      return ReadinessCheck("clock", of: account, .ok, "this machine's clock agrees with the broker's")
    }
    return ReadinessCheck(
      "clock", of: account, distance <= clockLimit ? .warning : .failed, words,
      fix: "set the clock by NTP, such as: timedatectl set-ntp true")
  }

  // MARK: Symbols

  package static func symbols(
    _ day: CalendarDate?, expected: CalendarDate, of account: AccountID
  ) -> ReadinessCheck {
    guard let day else {
      return ReadinessCheck(
        "symbols", of: account, .failed, "no symbol file has been loaded",
        fix: "read symbols.notLoaded in the log; it is tried again every few minutes")
    }
    if day >= expected { return ReadinessCheck("symbols", of: account, .ok, "the symbol files are those of \(day)") }
    return ReadinessCheck(
      "symbols", of: account, .warning, "the symbol files are those of \(day), those of \(expected) have not come",
      fix: "read symbols.notLoaded in the log; it is tried again every few minutes")
  }

  // MARK: Funds and quote

  package static func funds(
    _ answer: Result<BrokerFunds, BrokerReadFailure>, of account: AccountID
  ) -> ReadinessCheck {
    switch answer {
    case .success(let funds):
      let words = "available: \(funds.available) rupees"
      if funds.available > .zero { return ReadinessCheck("funds", of: account, .ok, words) }
      return ReadinessCheck("funds", of: account, .warning, words, fix: "add funds before orders need them")
    case .failure(let failure):
      return ReadinessCheck(
        "funds", of: account, .failed, "the funds cannot be read: \(failure.refusal.cause)", fix: failure.refusal.fix)
    }
  }

  /// - Parameter answer: `nil` when there was no instrument to ask for.
  package static func quote(
    _ answer: Result<[BrokerQuote], BrokerReadFailure>?, of account: AccountID
  ) -> ReadinessCheck {
    switch answer {
    case nil: return ReadinessCheck("quote", of: account, .unknown, "there is no symbol to ask the price of")
    case .success(let quotes)?:
      if quotes.isEmpty {
        return ReadinessCheck(
          "quote", of: account, .warning, "the broker knows no price", fix: "see whether the account has market data")
      }
      return ReadinessCheck("quote", of: account, .ok, "the broker tells prices")
    case .failure(let failure)?:
      // Orders need no price but where a limit on value is set.
      return ReadinessCheck(
        "quote", of: account, .warning, "no price can be read: \(failure.refusal.cause)", fix: failure.refusal.fix)
    }
  }

  // MARK: This machine

  package static func journal(_ failure: Refusal?) -> ReadinessCheck {
    if let failure { return ReadinessCheck("journal", .failed, failure.cause, fix: failure.fix) }
    return ReadinessCheck("journal", .ok, "the journal can be written")
  }

  /// A day of heavy trading writes less than a tenth of it.
  package static let freeByteWarning: UInt64 = 1 << 30
  package static let freeByteLimit: UInt64 = 100 << 20

  package static func disk(_ free: UInt64?) -> ReadinessCheck {
    guard let free else { return ReadinessCheck("disk", .unknown, "the disk does not say how much room it has") }
    let words = "\(free >> 20) MiB are free"
    if free >= freeByteWarning { return ReadinessCheck("disk", .ok, words) }
    return ReadinessCheck(
      "disk", free >= freeByteLimit ? .warning : .failed, words, fix: "make room on the disk that holds DATA_DIR")
  }
}
