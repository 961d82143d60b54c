internal import Actors
package import Brokers
package import OrderDomain

/// What can be asked of one account's broker before the market opens. Every question goes by the account's limits.
package struct AccountProbe: Sendable {
  package let account: AccountID
  package let token: @Sendable () async -> ReadinessRules.TokenFinding
  package let profile: @Sendable () async -> Result<BrokerProfile, BrokerReadFailure>
  package let funds: @Sendable () async -> Result<BrokerFunds, BrokerReadFailure>
  /// `nil` when no symbol is known.
  package let quote: @Sendable () async -> Result<[BrokerQuote], BrokerReadFailure>?
  package let senses: Senses

  /// What is not asked of every broker in the same way.
  package struct Senses: Sendable {
    /// `nil` where the broker does not say.
    package var addresses: (@Sendable (Secret?) async throws(BrokerReadFailure) -> DhanAddresses)?
    /// How far this machine's clock is behind the broker's, by its last answer.
    package var clockOffset: @Sendable () -> Duration?
    /// The day of the symbol files in use.
    package var symbolDay: @Sendable () -> CalendarDate?

    package init(
      addresses: (@Sendable (Secret?) async throws(BrokerReadFailure) -> DhanAddresses)? = nil,
      clockOffset: @escaping @Sendable () -> Duration? = { nil },
      symbolDay: @escaping @Sendable () -> CalendarDate? = { nil }
    ) {
      self.addresses = addresses
      self.clockOffset = clockOffset
      self.symbolDay = symbolDay
    }
  }

  let addresses: (@Sendable () async -> Result<DhanAddresses, BrokerReadFailure>)?

  package init(
    account: AccountID, gateway: any BrokerAccount, reader: some BrokerReader, senses: Senses,
    symbols: @escaping AccountMaker.Symbols, wallClock: any WallClock,
    token: @escaping @Sendable () async -> ReadinessRules.TokenFinding
  ) {
    self.account = account
    self.token = token
    self.senses = senses
    profile = {
      await reader.read { (token: Secret?) async throws(BrokerReadFailure) -> BrokerProfile in
        try await gateway.profile(token: token)
      }
    }
    funds = {
      await reader.read { (token: Secret?) async throws(BrokerReadFailure) -> BrokerFunds in
        try await gateway.funds(token: token)
      }
    }
    quote = {
      guard let instrument = AccountProbe.sample(symbols(), on: wallClock.now().indianDate) else { return nil }
      return await reader.read { (token: Secret?) async throws(BrokerReadFailure) -> [BrokerQuote] in
        try await gateway.quotes(for: [instrument], token: token)
      }
    }
    if let ask = senses.addresses { addresses = { await reader.read(ask) } } else { addresses = nil }
  }

  /// Shares that every broker has and that trade every day.
  private static func sample(_ symbols: (any InstrumentResolver & Sendable)?, on day: CalendarDate) -> Instrument? {
    for name in ["RELIANCE", "SBIN", "TCS"] {
      let query = InstrumentQuery.symbol(name, exchange: .nse, hint: .equity)
      if case .success(let instrument)? = symbols?.resolve(query, today: day) { return instrument }
    }
    return nil
  }

  /// All checks of the account. The profile first: it proves the token, and brings the broker's time.
  func checks(at now: Timestamp) async -> [ReadinessCheck] {
    let profile = await profile()
    async let funds = self.funds()
    async let quote = self.quote()
    async let addresses = self.addresses?()
    let token = await token()
    let expected = DayChange.date(at: now, after: SymbolLibrary.morning)
    return [
      ReadinessRules.token(token, profile: profile, of: account, at: now),
      ReadinessRules.address(await addresses, of: account),
      ReadinessRules.clock(senses.clockOffset(), of: account),
      ReadinessRules.symbols(senses.symbolDay(), expected: expected, of: account),
      ReadinessRules.funds(await funds, of: account),
      ReadinessRules.quote(await quote, of: account),
    ]
  }
}

/// Carries one question to a broker out, with a token and within the account's limits.
package protocol BrokerReader: Sendable {
  func read<Value: Sendable>(
    _ call: @Sendable (Secret?) async throws(BrokerReadFailure) -> Value
  ) async -> Result<Value, BrokerReadFailure>
}

/// As every call of a running engine: token, circuit and rate limit first.
struct AdmittedReader: BrokerReader {
  let admission: RouterAdmission
  let wallClock: any WallClock

  /// How long a question may wait for its turn.
  private static let waitNanoseconds: Int64 = 8_000_000_000

  func read<Value: Sendable>(
    _ call: @Sendable (Secret?) async throws(BrokerReadFailure) -> Value
  ) async -> Result<Value, BrokerReadFailure> {
    await admission.read(deadline: wallClock.now().adding(nanoseconds: AdmittedReader.waitNanoseconds), call)
  }
}

/// Without an engine: the four questions of one look stay below every limit by themselves.
struct DirectReader: BrokerReader {
  let token: Secret?

  func read<Value: Sendable>(
    _ call: @Sendable (Secret?) async throws(BrokerReadFailure) -> Value
  ) async -> Result<Value, BrokerReadFailure> {
    do throws(BrokerReadFailure) { return .success(try await call(token)) } catch { return .failure(error) }
  }
}
