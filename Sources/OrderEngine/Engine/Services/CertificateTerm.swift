package import OrderDomain

/// From when until when clients take the door's certificate, and what a person should do about it.
package struct CertificateTerm: Equatable, Sendable {
  /// Seconds since 1970.
  package let from: Int64
  /// Seconds since 1970.
  package let until: Int64

  /// Let's Encrypt's tools renew 30 days before the end: when this is near, that has failed for two weeks.
  static let warningDays: Int64 = 14

  package init(from: Int64, until: Int64) {
    self.from = from
    self.until = until
  }

  /// Whole days that are left; below 0 when it has ended.
  package func daysLeft(at now: Timestamp) -> Int64 {
    let seconds = until - CertificateTerm.seconds(now)
    return seconds >= 0 ? seconds / 86_400 : -((-seconds - 1) / 86_400) - 1
  }

  /// What stands against showing it: clients refuse it.
  package func fault(at now: Timestamp) -> Refusal? {
    let seconds = CertificateTerm.seconds(now)
    if seconds < from {
      return Refusal(
        code: "tls.certificateNotYetValid",
        cause: "the certificate is valid from \(CertificateTerm.text(from)) on, and it is \(now)",
        fix: "check this machine's clock, or use the certificate later")
    }
    if seconds >= until {
      return Refusal(
        code: "tls.certificateExpired", cause: "the certificate has expired at \(CertificateTerm.text(until))",
        fix: "renew it; TradingView and browsers refuse to connect")
    }
    return nil
  }

  /// What a person should see to: a fault, or an end that is near.
  package func concern(at now: Timestamp) -> Refusal? {
    if let fault = fault(at: now) { return fault }
    guard daysLeft(at: now) < CertificateTerm.warningDays else { return nil }
    return Refusal(
      code: "tls.certificateExpiresSoon",
      cause: "the certificate expires at \(CertificateTerm.text(until)), in \(daysLeft(at: now)) days",
      fix: "renew it, and look why that has not happened by itself")
  }

  /// As the log shows the end.
  var untilText: String { CertificateTerm.text(until) }

  private static func seconds(_ now: Timestamp) -> Int64 { now.nanoseconds / 1_000_000_000 }

  private static func text(_ seconds: Int64) -> String {
    Timestamp(seconds: seconds)?.description ?? "\(seconds) seconds after 1970"
  }
}
