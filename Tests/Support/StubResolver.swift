package import OrderDomain

/// Knows what a test tells it and nothing else.
package struct StubResolver: InstrumentResolver {
  package var instruments: [InstrumentQuery: Instrument]
  package var failures: [InstrumentQuery: ResolutionFailure]

  package init(
    instruments: [InstrumentQuery: Instrument] = [:], failures: [InstrumentQuery: ResolutionFailure] = [:]
  ) {
    self.instruments = instruments
    self.failures = failures
  }

  package func resolve(_ query: InstrumentQuery, today: CalendarDate) -> Result<Instrument, ResolutionFailure> {
    if let instrument = instruments[query] { return .success(instrument) }
    return .failure(failures[query] ?? .notFound(query: "\(query)", suggestions: []))
  }
}
