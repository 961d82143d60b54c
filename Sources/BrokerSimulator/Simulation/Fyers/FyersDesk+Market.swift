import HTTP
import OrderDomain
import SimulatedExchange

/// Prices and what the market is doing.
extension FyersDesk {
  func quotes(_ request: BrokerRequest, _ floor: MarketFloor) throws(FyersRefusal) -> HTTPResponse {
    let symbols = (request.queryValue("symbols") ?? "").split(separator: ",").map(String.init)
    guard (1...50).contains(symbols.count) else { throw .bad("Please provide 1 to 50 symbols") }
    return FyersDesk.ok { json in
      json.array("d") { json in
        for symbol in symbols {
          json.object { json in
            json.string("n", symbol)
            if let instrument = floor.symbols.instrument(ticker: symbol) {
              json.string("s", "ok")
              json.object("v") { write(instrument, symbol, floor, &$0) }
            } else {
              json.string("s", "error")
              json.object("v") { json in
                json.integer("code", -300)
                json.string("errmsg", "Please provide a valid symbol")
              }
            }
          }
        }
      }
    }
  }

  private func write(_ instrument: Instrument, _ symbol: String, _ floor: MarketFloor, _ json: inout JSONWriter) {
    let quote = floor.exchange.quote(instrument, at: floor.now)
    writeChange(quote, &json)
    json.price("lp", quote.lastPrice)
    json.money("spread", quote.ask * 1 - quote.bid * 1)
    json.price("ask", quote.ask)
    json.price("bid", quote.bid)
    json.price("open_price", quote.close)
    json.price("high_price", max(quote.lastPrice, quote.close))
    json.price("low_price", min(quote.lastPrice, quote.close))
    json.price("prev_close_price", quote.close)
    json.price("atp", quote.lastPrice)
    json.integer("volume", 0)
    json.string("short_name", String(symbol.drop { $0 != ":" }.dropFirst()))
    json.string("exchange", instrument.key.segment.exchange.code)
    json.string("description", FyersNames.details(instrument))
    json.string("original_name", symbol)
    json.string("symbol", symbol)
    json.string("fyToken", FyersNames.fyToken(instrument))
    json.string("tt", String(floor.now.nanoseconds / 1_000_000_000))
  }

  func depth(_ request: BrokerRequest, _ floor: MarketFloor) throws(FyersRefusal) -> HTTPResponse {
    guard let symbol = request.queryValue("symbol"), let instrument = floor.symbols.instrument(ticker: symbol) else {
      throw .badSymbol
    }
    let quote = floor.exchange.quote(instrument, at: floor.now)
    let offered = quote.offered?.units ?? 100_000
    return FyersDesk.ok { json in
      json.object("d") { json in
        json.object(named: symbol) { json in
          json.integer("totalbuyqty", offered * 5)
          json.integer("totalsellqty", offered * 5)
          writeSide("bids", quote.bid, -1, offered, instrument, &json)
          // The plural is missing on the wire.
          writeSide("ask", quote.ask, 1, offered, instrument, &json)
          json.price("o", quote.close)
          json.price("h", max(quote.lastPrice, quote.close))
          json.price("l", min(quote.lastPrice, quote.close))
          json.price("c", quote.close)
          writeChange(quote, &json)
          json.price("tick_Size", instrument.tickSize.price)
          json.integer("ltq", instrument.lotSize.units)
          json.integer("ltt", floor.now.nanoseconds / 1_000_000_000)
          json.price("ltp", quote.lastPrice)
          json.integer("v", 0)
          json.price("atp", quote.lastPrice)
          json.price("lower_ckt", quote.band?.lowerBound)
          json.price("upper_ckt", quote.band?.upperBound)
          json.string(
            "expiry", instrument.contract.expiry.map { String(Int64($0.daysSinceEpoch) * 86_400 + 36_000) } ?? "")
          json.integer("oi", 0)
          json.boolean("oiflag", false)
          json.integer("pdoi", 0)
          json.number("oipercent", decimalText: "0.0")
        }
      }
    }
  }

  private func writeSide(
    _ name: StaticString, _ best: Price, _ direction: Int64, _ quantity: Int64, _ instrument: Instrument,
    _ json: inout JSONWriter
  ) {
    let tick = instrument.tickSize.price.tenThousandths
    json.array(name) { json in
      for level in Int64(0)..<5 {
        json.object { json in
          json.price("price", Price(tenThousandths: best.tenThousandths + direction * level * tick))
          json.integer("volume", quantity)
          json.integer("ord", 1)
        }
      }
    }
  }

  func marketStatus(_ floor: MarketFloor) -> HTTPResponse {
    let segments: [ExchangeSegment] = [
      .nseEquity, .nseDerivatives, .nseCurrency, .bseEquity, .bseDerivatives, .mcxCommodity,
    ]
    return FyersDesk.ok { json in
      json.array("marketStatus") { json in
        for segment in segments {
          json.object { json in
            json.integer("exchange", FyersNames.exchange(segment))
            json.integer("segment", FyersNames.segment(segment))
            json.string("market_type", "NORMAL")
            json.string(
              "status", floor.exchange.configuration.hours.isOpen(segment, at: floor.now) ? "OPEN" : "CLOSED")
          }
        }
      }
    }
  }

  func symbolTokens(_ request: BrokerRequest, _ floor: MarketFloor) throws(FyersRefusal) -> HTTPResponse {
    guard let symbols = try parsed(request)["symbols"]?.elements?.compactMap(\.text), symbols.count <= 5_000 else {
      throw .invalidInput
    }
    let known = symbols.compactMap { symbol in floor.symbols.instrument(ticker: symbol).map { (symbol, $0) } }
    let unknown = symbols.filter { floor.symbols.instrument(ticker: $0) == nil }
    return Answers.object { json in
      json.string("s", "ok")
      json.object("validSymbol") { json in
        for (symbol, instrument) in known { json.string(named: symbol, FyersNames.fyToken(instrument)) }
      }
      json.array("invalidSymbol") { json in
        for symbol in unknown { json.string(nil, symbol) }
      }
    }
  }
}
