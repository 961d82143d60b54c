import Actors
import BrokerSimulation
import OrderDomain
import OrderEngine
import SimulatedExchange

/// What a world is like, drawn from its seed: its brokers, its market, how long it lasts and how busy it is.
struct WorldSetting {
  static let secret = "simulated-secret"

  let configuration: EngineConfiguration
  let brokers: SimulationSettings
  let scheduling: World.Scheduling
  let alertCount: Int
  /// Within which alerts come and faults happen.
  let busyNanoseconds: Int64
  let mutation: Mutation?
  /// Small ones make the journal change segments.
  let firstSegmentByteCount: UInt64
  var accounts: [String] { configuration.accounts.map(\.id.name) }

  init(seed: UInt64, mutation: Mutation?) {
    var chance = Chance(seed: seed, stream: 6)
    self.mutation = mutation
    let names =
      mutation == nil
      ? chance.pick(["paper", "dhan", "fyers", "dhan,fyers", "fyers,dhan", "dhan,fyers,paper"]) : "dhan"
    scheduling = chance.perMille(300) ? .inOrder : .anyOrder
    alertCount = 5 + chance.below(chance.perMille(200) ? 120 : 30)
    // Seconds that are crowded, minutes, or hours in which orders rest.
    let seconds = chance.pick([5, 60, 600, 600, 3_600, 3 * 3_600])
    busyNanoseconds = Int64(seconds) * 1_000_000_000
    var brokers = SimulationSettings()
    brokers.seed = chance.next() >> 1
    brokers.amplitude = chance.between(0, 3)
    brokers.latency = ExchangeLatency(
      transit: chance.milliseconds(0, 300), match: chance.milliseconds(0, 100), jitter: chance.milliseconds(0, 50))
    if chance.perMille(300) { brokers.liquidity = .perStep(Quantity(chance.between(1, 20)) ?? .zero) }
    brokers.tokenCooldownSeconds = 0
    self.brokers = brokers
    firstSegmentByteCount = 4_096 << UInt64(chance.below(9))
    let isOverlapped = chance.perMille(300)
    // Narrow ones are met by a few dozen alerts, also over a restart.
    let limits = chance.perMille(300) ? "4/1s,20/60s,150/1h,1000/1d" : "10/1s,250/60s,1000/1h,7000/1d"
    let paperUnits = chance.perMille(300) ? chance.between(1, 20) : 0
    configuration = WorldSetting.configuration(
      [
        "DURABILITY": isOverlapped ? "overlapped" : "strict", "BROKER": names, "DHAN_RATE_LIMIT": limits,
        "PAPER_SEED": "\(chance.next() >> 1)",
        "PAPER_FILL_UNITS": "\(paperUnits)",
      ])
  }

  /// The settings that a person would write, read by the engine's own reader.
  private static func configuration(_ values: [String: String]) -> EngineConfiguration {
    let common = [
      "LIVE": "true", "DHAN_CLIENT_ID": "1000000001", "FYERS_APP_ID": "SIMAPP0001-100",
      "WEBHOOK_RATE_LIMIT": "100000/60s", "WEBHOOK_SECRET": secret,
    ]
    do throws(ConfigurationErrors) {
      return try EngineConfiguration.load(layers: [
        SettingsLayer(name: "world", values: common.merging(values) { $1 }, mayHoldOthers: false)
      ])
    } catch {
      preconditionFailure("these settings are good: \(error)")
    }
  }
}
