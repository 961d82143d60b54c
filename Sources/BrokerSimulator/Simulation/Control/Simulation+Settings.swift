import HTTP
import OrderDomain
import SimulatedExchange

/// What the control port lets change, and the way back to the beginning.
extension Simulation {
  func settingsAnswer() -> HTTPResponse {
    let settings = floor.settings
    return Answers.object { json in
      json.boolean("rate_limits", settings.enforcesRates)
      json.boolean("tokens", settings.enforcesTokens)
      json.boolean("static_ip", settings.enforcesAddresses)
      json.boolean("market_hours", settings.keepsMarketHours)
      json.integer("transit_ms", settings.latency.transit / 1_000_000)
      json.integer("match_ms", settings.latency.match / 1_000_000)
      json.integer("modify_ms", settings.latency.modify / 1_000_000)
      json.integer("cancel_ms", settings.latency.cancel / 1_000_000)
      json.integer("jitter_ms", settings.latency.jitter / 1_000_000)
      switch settings.liquidity {
      case .plenty: json.string("fills", "plenty")
      case .none: json.string("fills", "none")
      case .perStep(let quantity): json.integer("fills", quantity.units)
      }
      json.boolean("dhan_market_as_limit", settings.dhanShowsMarketAsLimit)
      json.boolean("fyers_market_as_limit", settings.fyersShowsMarketAsLimit)
      json.boolean("fyers_risk_at_once", settings.fyersRefusesRiskAtOnce)
      json.boolean("fyers_refresh", settings.fyersRenewsTokens)
      json.string("stop_market", settings.stopMarket.rawValue)
      json.boolean("dhan_feed_pascal_case", settings.dhanFeedPascalCase)
      json.integer("feed_duplicate_every", settings.feedDuplicateEvery)
      json.integer("feed_hold_every", settings.feedHoldEvery)
      json.integer("token_cooldown_s", settings.tokenCooldownSeconds)
      json.integer("token_life_s", settings.tokenLifeSeconds)
    }
  }

  mutating func changeSettings(_ body: JSONValue) throws(ControlRefusal) -> HTTPResponse {
    guard let members = body.members else { throw ControlRefusal("settings are an object") }
    var changed = floor.settings
    for member in members { try changed.set(member.name, member.value) }
    floor.settings = changed
    floor.exchange.adjust { changed.apply(to: &$0) }
    return settingsAnswer()
  }

  /// Forgets orders, positions, faults and counts; settings, clock, clients and their tokens stay. Order ids do not
  /// come again.
  mutating func reset() {
    floor.settings.epoch = (floor.settings.epoch + 1) % 1_000
    let isListening = floor.isListening
    floor = MarketFloor(settings: floor.settings, symbols: floor.symbols, at: floor.now)
    floor.isListening = isListening
    openAccounts()
    dhan.resetBudgets()
    fyers.resetBudgets()
    faults.removeAll()
    calls = CallLog()
    stale = nil
  }
}

extension SimulationSettings {
  fileprivate mutating func set(_ name: String, _ value: JSONValue) throws(ControlRefusal) {
    switch name {
    case "rate_limits": enforcesRates = try flag(name, value)
    case "tokens": enforcesTokens = try flag(name, value)
    case "static_ip": enforcesAddresses = try flag(name, value)
    case "market_hours": keepsMarketHours = try flag(name, value)
    case "transit_ms": latency.transit = try milliseconds(name, value)
    case "match_ms": latency.match = try milliseconds(name, value)
    case "modify_ms": latency.modify = try milliseconds(name, value)
    case "cancel_ms": latency.cancel = try milliseconds(name, value)
    case "jitter_ms": latency.jitter = try milliseconds(name, value)
    case "fills":
      switch value {
      case .string("plenty"): liquidity = .plenty
      case .string("none"): liquidity = .none
      default:
        guard let units = value.integer.flatMap({ Quantity($0) }), units > .zero else {
          throw ControlRefusal("\"fills\" is plenty, none, or units that each second gives")
        }
        liquidity = .perStep(units)
      }
    case "dhan_market_as_limit": dhanShowsMarketAsLimit = try flag(name, value)
    case "fyers_market_as_limit": fyersShowsMarketAsLimit = try flag(name, value)
    case "fyers_risk_at_once": fyersRefusesRiskAtOnce = try flag(name, value)
    case "fyers_refresh": fyersRenewsTokens = try flag(name, value)
    case "stop_market":
      guard let policy = value.text.flatMap(StopMarketPolicy.init(rawValue:)) else {
        throw ControlRefusal("\"stop_market\" is accept, refuse or drop_trigger")
      }
      stopMarket = policy
    case "dhan_feed_pascal_case": dhanFeedPascalCase = try flag(name, value)
    case "feed_duplicate_every": feedDuplicateEvery = Int(try seconds(name, value))
    case "feed_hold_every": feedHoldEvery = Int(try seconds(name, value))
    case "token_cooldown_s": tokenCooldownSeconds = try seconds(name, value)
    case "token_life_s": tokenLifeSeconds = try seconds(name, value)
    default: throw ControlRefusal("there is no setting \(name)")
    }
  }

  private func flag(_ name: String, _ value: JSONValue) throws(ControlRefusal) -> Bool {
    guard let flag = value.flag else { throw ControlRefusal("\"\(name)\" is true or false") }
    return flag
  }

  private func milliseconds(_ name: String, _ value: JSONValue) throws(ControlRefusal) -> Int64 {
    guard let milliseconds = value.integer, (0...86_400_000).contains(milliseconds) else {
      throw ControlRefusal("\"\(name)\" is 0 to 86400000")
    }
    return milliseconds * 1_000_000
  }

  private func seconds(_ name: String, _ value: JSONValue) throws(ControlRefusal) -> Int64 {
    guard let seconds = value.integer, (0...31_536_000).contains(seconds) else {
      throw ControlRefusal("\"\(name)\" is 0 to 31536000")
    }
    return seconds
  }
}
