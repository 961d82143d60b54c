import HTTP
import OrderDomain
import SimulatedExchange

/// Prices and instrument files.
extension DhanDesk {
  static let feedLimit = 1_000

  func feed(_ request: BrokerRequest, _ kind: DhanRoute.FeedKind, _ floor: MarketFloor) -> HTTPResponse {
    guard request.fields["client-id"] != nil else { return DhanRefusal.data(810, "Client ID is invalid") }
    let body: JSONValue
    do throws(DhanRefusal) { body = try parsed(request) } catch {
      return DhanRefusal.data(814, "Invalid Request", status: 400)
    }
    // The official client adds its own id to every body.
    guard let members = body.members?.filter({ $0.name != "dhanClientId" }), !members.isEmpty,
      members.reduce(0, { $0 + ($1.value.elements?.count ?? 0) }) <= DhanDesk.feedLimit
    else { return DhanRefusal.data(814, "Invalid Request", status: 400) }
    for member in members where member.value.elements == nil || DhanNames.segments(member.name).isEmpty {
      return DhanRefusal.data(814, "Invalid Request", status: 400)
    }
    return Answers.object { json in
      json.object("data") { json in
        for member in members {
          json.object(named: member.name) { json in
            for id in member.value.elements ?? [] {
              guard let number = id.integer, number > 0,
                let instrument = instrument(member.name, UInt64(number), floor)
              else { continue }
              json.object(named: String(number)) { write(instrument, kind, floor, &$0) }
            }
          }
        }
      }
      json.string("status", "success")
    }
  }

  private func write(
    _ instrument: Instrument, _ kind: DhanRoute.FeedKind, _ floor: MarketFloor, _ json: inout JSONWriter
  ) {
    let quote = floor.exchange.quote(instrument, at: floor.now)
    json.price("last_price", quote.lastPrice)
    guard kind != .ltp else { return }
    json.object("ohlc") { json in
      json.price("open", quote.close)
      json.price("close", quote.close)
      json.price("high", max(quote.lastPrice, quote.close))
      json.price("low", min(quote.lastPrice, quote.close))
    }
    guard kind == .quote else { return }
    let offered = quote.offered?.units ?? 100_000
    json.price("average_price", quote.lastPrice)
    json.integer("buy_quantity", offered)
    json.integer("sell_quantity", offered)
    json.object("depth") { json in
      writeDepth("buy", quote.bid, -1, offered, instrument, &json)
      writeDepth("sell", quote.ask, 1, offered, instrument, &json)
    }
    json.integer("last_quantity", instrument.lotSize.units)
    json.string("last_trade_time", IndianTime.slashed(floor.now, seconds: true))
    json.price("lower_circuit_limit", quote.band?.lowerBound)
    json.price("upper_circuit_limit", quote.band?.upperBound)
    json.money("net_change", quote.lastPrice * 1 - quote.close * 1)
    json.integer("oi", 0)
    json.integer("oi_day_high", 0)
    json.integer("oi_day_low", 0)
    json.integer("volume", 0)
  }

  private func writeDepth(
    _ name: StaticString, _ best: Price, _ direction: Int64, _ quantity: Int64, _ instrument: Instrument,
    _ json: inout JSONWriter
  ) {
    let tick = instrument.tickSize.price.tenThousandths
    json.array(name) { json in
      for level in Int64(0)..<5 {
        json.object { json in
          json.integer("quantity", quantity)
          json.integer("orders", 1)
          json.price("price", Price(tenThousandths: best.tenThousandths + direction * level * tick))
        }
      }
    }
  }

  /// The detailed file's rows of one segment.
  func segmentFile(_ name: String, _ floor: MarketFloor) -> HTTPResponse {
    let wanted = Set(DhanNames.segments(name).map { "\($0.exchange.code),\(DhanNames.letter($0))," })
    guard !wanted.isEmpty else { return DhanRefusal.badFields.response }
    var body: [UInt8] = []
    for (number, line) in floor.symbols.detailed.split(separator: UInt8(ascii: "\n")).enumerated()
    where number == 0 || wanted.contains(where: { line.starts(with: $0.utf8) }) {
      body.append(contentsOf: line)
      body.append(UInt8(ascii: "\n"))
    }
    return HTTPResponse(.ok, fields: Answers.csv, body: body)
  }
}
