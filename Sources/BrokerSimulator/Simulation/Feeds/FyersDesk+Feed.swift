import OrderDomain
import SimulatedExchange

/// The raw frames of Fyers' order socket. What is nought is left out.
extension FyersDesk {
  func client(of request: BrokerRequest, _ floor: MarketFloor) -> Int? {
    do throws(FyersRefusal) { return try admit(request, floor) } catch { return nil }
  }

  func frames(
    _ news: OrderNews, _ order: ExchangeOrder, _ client: Int, _ topics: Set<String>, _ floor: MarketFloor
  ) -> [[UInt8]] {
    var frames: [[UInt8]] = []
    if topics.contains("orders") { frames.append(orderFrame(news, order, client, floor)) }
    guard let fill = news.fill else { return frames }
    if topics.contains("trades") { frames.append(tradeFrame(fill, news, order, client, floor)) }
    if topics.contains("positions"),
      let position = floor.exchange.positions(of: news.account)?.first(where: {
        $0.instrument == order.instrument && $0.product == order.product
      })
    {
      frames.append(positionFrame(position, floor))
    }
    return frames
  }

  private static func frame(_ name: StaticString, _ content: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter(reserving: 1_024)
    writer.object { json in
      json.object(name, content)
      json.string("s", "ok")
    }
    return writer.bytes
  }

  private static func status(_ state: ExchangeOrderState) -> Int {
    switch state {
    case .transit: 4
    case .pending, .partiallyFilled: 6
    case .filled: 2
    case .rejected: 5
    case .cancelled: 1
    case .expired: 7
    }
  }

  private func orderFrame(
    _ news: OrderNews, _ order: ExchangeOrder, _ client: Int, _ floor: MarketFloor
  ) -> [UInt8] {
    let instrument = order.instrument
    let left = news.state.isFinal ? 0 : order.quantity.units - news.filled.units
    return FyersDesk.frame("orders") { json in
      json.string("client_id", clients[client].id)
      json.integer("exchange", FyersNames.exchange(instrument.key.segment))
      json.string("fy_token", FyersNames.fyToken(instrument))
      json.string("id", order.id.text)
      json.string("id_exchange", order.exchangeOrderID ?? "NA")
      json.integer("instrument", FyersNames.kind(instrument))
      json.integer("lot_size", instrument.lotSize.units)
      json.boolean("offline_flag", order.isAfterMarket)
      json.string("oms_flag", "K:1")
      json.string("oms_msg", news.state == .rejected ? message(order, client) : "")
      json.string("ord_source", "ITS")
      // A number of the back office's; the public one is in org_ord_status.
      json.integer("ord_status", news.state.isFinal ? 90 : 20)
      json.integer("ord_type", FyersDesk.kind(order.type))
      json.string("ordertag", FyersDesk.tag(order.tag))
      json.integer("org_ord_status", FyersDesk.status(news.state))
      if let limit = order.type.limitPrice { json.price("price_limit", limit) }
      if let stop = order.type.triggerPrice { json.price("price_stop", stop) }
      if news.filled > .zero { json.price("price_traded", order.averagePrice) }
      json.string("product_type", FyersDesk.product(order.product))
      json.integer("qty", order.quantity.units)
      if news.filled > .zero { json.integer("qty_filled", news.filled.units) }
      if left > 0 { json.integer("qty_remaining", left) }
      json.string("report_type", news.state == .transit ? "New Ack" : "Update")
      json.integer("segment", FyersNames.segment(instrument.key.segment))
      json.string("status_msg", news.state.code)
      json.string("symbol", floor.symbols.ticker(instrument))
      json.string("symbol_desc", FyersNames.details(instrument))
      json.string("symbol_exch", instrument.underlying)
      json.price("tick_size", instrument.tickSize.price)
      json.integer("time_epoch_oms", order.createdAt.nanoseconds / 1_000_000_000)
      json.string("time_exch", order.acceptedAt == nil ? "NA" : IndianTime.named(news.time))
      json.string("time_oms", IndianTime.named(order.createdAt))
      json.integer("tran_side", order.side.sign)
      json.integer("update_time_epoch_oms", news.time.nanoseconds / 1_000_000_000)
      json.string("update_time_exch", "01-Jan-1970 05:30:00")
      json.string("validity", order.validity == .day ? "DAY" : "IOC")
      json.string("orderNumStatus", "\(order.id):\(FyersDesk.status(news.state))")
    }
  }

  private func tradeFrame(
    _ fill: ExchangeFill, _ news: OrderNews, _ order: ExchangeOrder, _ client: Int, _ floor: MarketFloor
  ) -> [UInt8] {
    let instrument = order.instrument
    return FyersDesk.frame("trades") { json in
      json.string("id_fill", fill.tradeID.text)
      json.string("id", order.id.text)
      json.integer("qty_traded", fill.quantity.units)
      json.price("price_traded", fill.price)
      json.money("traded_val", fill.price * fill.quantity)
      json.string("product_type", FyersDesk.product(order.product))
      json.string("client_id", clients[client].id)
      json.string("id_exchange", order.exchangeOrderID ?? "NA")
      json.integer("ord_type", FyersDesk.kind(order.type))
      json.integer("tran_side", order.side.sign)
      json.string("symbol", floor.symbols.ticker(instrument))
      json.string("fill_time", IndianTime.named(news.time))
      json.string("fy_token", FyersNames.fyToken(instrument))
      json.integer("exchange", FyersNames.exchange(instrument.key.segment))
      json.integer("segment", FyersNames.segment(instrument.key.segment))
      json.string("ordertag", FyersDesk.tag(order.tag))
    }
  }

  private func positionFrame(_ position: ExchangePosition, _ floor: MarketFloor) -> [UInt8] {
    let instrument = position.instrument
    let ticker = floor.symbols.ticker(instrument)
    let product = FyersDesk.product(position.product)
    return FyersDesk.frame("positions") { json in
      json.string("symbol", ticker)
      json.string("id", "\(ticker)-\(product)")
      json.price("buy_avg", position.averageBought)
      json.integer("buy_qty", position.bought)
      json.money("buy_val", position.boughtValue)
      json.price("sell_avg", position.averageSold)
      json.integer("sell_qty", position.sold)
      json.money("sell_val", position.soldValue)
      json.price("net_avg", position.averageOpen)
      json.integer("net_qty", position.net)
      json.integer("tran_side", position.net.signum())
      json.integer("qty", abs(position.net))
      json.string("product_type", product)
      json.money("pl_realized", position.realised)
      json.money("pl_unrealized", position.unrealised)
      json.money("pl_total", position.realised + position.unrealised)
      json.number("rbirefrate", decimalText: "1")
      json.string("fy_token", FyersNames.fyToken(instrument))
      json.integer("exchange", FyersNames.exchange(instrument.key.segment))
      json.integer("segment", FyersNames.segment(instrument.key.segment))
      json.integer("day_buy_qty", position.boughtToday)
      json.integer("day_sell_qty", position.soldToday)
      json.integer("cf_buy_qty", max(position.carried, 0))
      json.integer("cf_sell_qty", max(-position.carried, 0))
      json.number("qty_multiplier", decimalText: "1")
      json.string("cross_curr_flag", "N")
    }
  }
}
