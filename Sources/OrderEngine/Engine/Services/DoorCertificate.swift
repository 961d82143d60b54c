internal import HTTP
import Logging
import OrderDomain

/// The certificate that the door shows: looked at once a minute, and read again when its files have changed or somebody asks
/// for it. A pair that cannot be used leaves the one before in force, and is told. Lives on the engine's thread; files are
/// read elsewhere.
actor DoorCertificate {
  enum News: Sendable {
    /// It is shown from now on.
    case shown(TLSCertificate)
    /// A person should see to it.
    case concern(Refusal)
    /// New files are not used, and the certificate before stays in force.
    case refused(Refusal)
  }

  private let paths: CertificatePaths
  private let executor: any SerialExecutor
  private let wallClock: any WallClock
  private let adopt: @Sendable (TLSCertificate) throws(TLSFailure) -> Void
  private let tell: @Sendable (News) -> Void
  private var current: TLSCertificate
  /// Of the files as they were when they were last read, whatever came of it: a broken pair is told once.
  private var stamp: CertificatePaths.Stamp
  /// Counts the readings, so that one that was overtaken does not undo the newer.
  private var readingCount = 0
  private var concernedAt: Timestamp?

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    // Unowned, because the actor itself keeps the executor alive.
    unsafe executor.asUnownedSerialExecutor()
  }

  /// - Parameters:
  ///   - current: what the door shows from the start, and `stamp` what its files were like before they were read.
  ///   - adopt: makes it show another; called on the executor.
  init(
    paths: CertificatePaths, current: TLSCertificate, stamp: CertificatePaths.Stamp, executor: any SerialExecutor,
    wallClock: any WallClock,
    adopt: @escaping @Sendable (TLSCertificate) throws(TLSFailure) -> Void, tell: @escaping @Sendable (News) -> Void
  ) {
    self.paths = paths
    self.current = current
    self.stamp = stamp
    self.executor = executor
    self.wallClock = wallClock
    self.adopt = adopt
    self.tell = tell
  }

  /// Reads both files again and shows what is in them from now on, if it can be used.
  func reload() async {
    readingCount += 1
    let reading = readingCount
    let paths = paths
    let (seen, read) = await BlockingWork.run { () -> (CertificatePaths.Stamp, Result<TLSCertificate, Refusal>) in
      // Before the files are read: what changes after this is seen at the next look.
      let seen = CertificatePaths.Stamp(paths)
      do throws(Refusal) { return (seen, .success(try paths.load())) } catch { return (seen, .failure(error)) }
    }
    guard reading == readingCount else { return }
    stamp = seen
    do throws(Refusal) {
      try show(try read.get())
    } catch {
      tell(.refused(error))
    }
  }

  private func show(_ certificate: TLSCertificate) throws(Refusal) {
    // One that nobody takes would be no better than the one before.
    if let fault = certificate.term.fault(at: wallClock.now()) { throw fault }
    do throws(TLSFailure) { try adopt(certificate) } catch { throw Refusal(error) }
    current = certificate
    concernedAt = nil
    announce()
  }

  /// Tells what is shown, and what a person should know about it.
  func announce() {
    tell(.shown(current))
    if current.isKeyOpenToAll {
      tell(
        .concern(
          Refusal(
            code: "tls.keyOpenToAll", cause: "every user of this machine can read the private key in \(paths.key)",
            fix: "chmod 600 it, owned by the engine's user")))
    }
    tellConcern()
  }

  /// Looks after the files and the end of the term, as long as its task lives.
  func watch(sleep: @Sendable (Duration) async throws -> Void) async {
    let paths = paths
    while true {
      do { try await sleep(.seconds(60)) } catch { return }
      let seen = await BlockingWork.run { CertificatePaths.Stamp(paths) }
      if seen != stamp { await reload() }
      tellConcern()
    }
  }

  /// Once a day.
  private func tellConcern() {
    let now = wallClock.now()
    if let concernedAt, now.nanoseconds(since: concernedAt) < 86_400_000_000_000 { return }
    guard let concern = current.term.concern(at: now) else { return }
    concernedAt = now
    tell(.concern(concern))
  }
}

extension TLSCertificate {
  var term: CertificateTerm { CertificateTerm(from: validFrom, until: validUntil) }
}

extension Logger {
  /// As an operator finds it.
  func tell(_ news: DoorCertificate.News, at now: Timestamp) {
    switch news {
    case .shown(let certificate):
      info(
        "tls.certificate",
        metadata: [
          "names": "\(certificate.names.joined(separator: " "))", "expires": "\(certificate.term.untilText)",
          "daysLeft": "\(certificate.term.daysLeft(at: now))",
        ])
    case .concern(let refusal):
      warning("\(refusal.code)", metadata: ["cause": "\(refusal.cause)", "fix": "\(refusal.fix)"])
    case .refused(let refusal):
      error(
        "\(refusal.code)",
        metadata: [
          "cause": "\(refusal.cause)", "fix": "\(refusal.fix)", "consequence": "the certificate before stays in force",
        ])
    }
  }
}
