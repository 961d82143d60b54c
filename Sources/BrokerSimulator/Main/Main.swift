import ArgumentParser
import BrokerSimulation
import OrderDomain
import SimulatedExchange
import UnixSignals

@main
struct BrokerSimulatorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "broker-simulator",
    abstract: "Speaks the Dhan v2 and Fyers v3 protocols on one port, over a simulated exchange.",
    discussion: "Prints its addresses and its clients' credentials as one line of JSON once it takes calls.")

  @Option(name: .long, help: "Address of the brokers' port.")
  var host = "127.0.0.1"

  @Option(name: .long, help: "The brokers' port; 0 lets the system choose.")
  var port: UInt16 = 9_000

  @Option(name: .long, help: "The control port, on 127.0.0.1 alone; 0 lets the system choose.")
  var controlPort: UInt16 = 9_001

  @Option(name: .long, help: "Seed of prices, jitter and tokens.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "Clients of each broker, 1 to 99.")
  var accounts = 1

  @Option(name: .long, help: "Rupees that each client starts with.")
  var funds: Int64 = 100_000_000

  @Option(name: .long, help: "Milliseconds that an order is in transit.")
  var transitMs: Int64 = 20

  @Option(name: .long, help: "Milliseconds from the exchange's acknowledgement to the first fill.")
  var matchMs: Int64 = 5

  @Option(name: .long, help: "Price band around the close in percent, for instruments whose master has none.")
  var bandPercent: Int64?

  @Option(name: .long, help: "Instruments of a made-up full-size master, 1000 to 400000; else a small sample.")
  var symbolRows: Int?

  @Option(
    name: .long,
    help: "A directory with api-scrip-master-detailed.csv and, if wanted, Fyers' files: served as they are.")
  var symbols: String?

  @Option(name: .long, help: "Closed orders that stay in the books.")
  var ordersKept = 65_536

  @Flag(name: .long, inversion: .prefixedNo, help: "Whether the brokers' rate limits hold.")
  var rateLimits = true

  @Flag(name: .long, help: "Keep the exchanges' hours instead of trading around the clock.")
  var marketHours = false

  func validate() throws {
    guard (1...99).contains(accounts) else { throw ValidationError("--accounts is 1 to 99") }
    guard (1...1_000_000_000_000).contains(funds) else { throw ValidationError("--funds is above nought") }
    guard (0...86_400_000).contains(transitMs), (0...86_400_000).contains(matchMs) else {
      throw ValidationError("latencies are 0 to 86400000 ms")
    }
    if let bandPercent, !(1...100).contains(bandPercent) { throw ValidationError("--band-percent is 1 to 100") }
    if let symbolRows, !(1_000...400_000).contains(symbolRows) {
      throw ValidationError("--symbol-rows is 1000 to 400000")
    }
    guard symbols == nil || symbolRows == nil else {
      throw ValidationError("--symbols and --symbol-rows exclude each other")
    }
    guard (1...10_000_000).contains(ordersKept) else { throw ValidationError("--orders-kept is 1 to 10000000") }
  }

  func run() async throws {
    let now = machineTime()
    var settings = SimulationSettings()
    settings.seed = seed
    settings.accountCount = accounts
    settings.funds = Money(rupees: funds)
    settings.latency.transit = transitMs * 1_000_000
    settings.latency.match = matchMs * 1_000_000
    settings.closedOrdersKept = ordersKept
    settings.bandHundredthsOfPercent = bandPercent.map { $0 * 100 }
    settings.enforcesRates = rateLimits
    settings.keepsMarketHours = marketHours
    // Ids of a second start on the same day are others.
    settings.epoch = UInt16(now.nanoseconds / 1_000_000_000 % 1_000)
    let symbols = try catalogue(on: now.indianDate)
    let ends = await UnixSignalsSequence(trapping: .sigterm, .sigint)
    let service = try await SimulatorService.start(
      Simulation(settings: settings, symbols: symbols, wall: now), host: host, port: port, controlPort: controlPort)
    StandardOutput.write(await service.description())
    for await _ in ends { break }
    await service.stop()
  }

  private func catalogue(on day: CalendarDate) throws -> SymbolCatalogue {
    if let symbols { return try SymbolCatalogue.read(from: symbols, on: day) }
    if let symbolRows { return try SymbolCatalogue.generated(rowCount: symbolRows, seed: seed, on: day) }
    return try SymbolCatalogue.sample(on: day)
  }
}
