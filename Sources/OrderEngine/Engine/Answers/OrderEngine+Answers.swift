package import Actors
package import OrderDomain

extension OrderEngine {
  func acceptedReply(_ record: AlertRecord) -> EngineReply {
    var json = JSONWriter(reserving: 512 + 512 * record.plan.legs.count)
    write(record, status: "accepted", to: &json)
    return EngineReply(status: 200, body: json.bytes)
  }

  /// The first answer again, as it would be today, marked as a repeat.
  func duplicateReply(_ identity: AlertIdentity) -> EngineReply {
    var json = JSONWriter()
    if let record = history[identity] {
      write(record, status: "duplicate", to: &json)
    } else {
      json.object { json in
        json.string("status", "duplicate")
        json.string("alert_id", identity)
      }
    }
    return EngineReply(status: 200, body: json.bytes)
  }

  func write(_ record: AlertRecord, status: String, to json: inout JSONWriter) {
    write(record, status: status, to: &json) { [accounts] leg in
      accounts[leg.account]?.router.here(leg) { $0.latestOrders(of: $1) } ?? []
    }
  }

  private func write(
    _ record: AlertRecord, status: String, to json: inout JSONWriter, orders: (Leg) -> [Order]
  ) {
    json.object { json in
      json.string("status", status)
      json.string("alert_id", record.identity)
      json.string("received_at", record.receivedAt)
      json.string("format", record.format.code)
      json.optionalString("strategy", record.plan.strategy)
      json.string("execution", record.plan.style.code)
      json.array("legs") { json in
        for leg in record.plan.legs {
          LegReport(leg, orders: orders(leg), ended: record.endedLegs[leg.number])
            .write(to: &json, broker: accounts[leg.account]?.standing.broker)
        }
      }
      if !record.ignoredFields.isEmpty {
        json.array("ignored_fields") { json in for field in record.ignoredFields { json.string(nil, field) } }
      }
    }
  }

  /// What differs between the alert and the one that used its key before.
  func conflict(_ identity: AlertIdentity, _ alert: Alert) -> Refusal {
    let field = history[identity].map { differingField($0, alert) } ?? "body"
    return Refusal(
      code: "alert.keyReused",
      cause: "an alert with this id was accepted before, with another \(field)",
      fix: "give every alert an id of its own, such as one with {{timenow}}; send a repeat with the very same body")
  }

  private func differingField(_ record: AlertRecord, _ alert: Alert) -> String {
    if record.format != alert.format { return "format" }
    let first = record.plan.legs.filter { $0.number <= alert.legs.count }
    if first.count != alert.legs.count { return "number of legs" }
    for (old, new) in zip(first, alert.legs) {
      let place = "legs[\(old.number)]."
      if old.side != new.side { return place + "side" }
      switch new.quantity {
      case .units(let units) where units != old.quantity: return place + "quantity"
      case .lots(let lots) where old.instrument.lotSize.quantity(of: lots) != old.quantity: return place + "quantity"
      case .units, .lots: break
      }
      if case .fixed(let type) = old.pricing, type.code != new.orderType.code { return place + "order type" }
      if case .symbol(let symbol, _, _) = new.instrument, !symbol.hasSuffix(old.instrument.underlying) {
        return place + "symbol"
      }
    }
    return "body"
  }

  // MARK: For people

  package func alertJSON(_ identity: AlertIdentity) -> [UInt8]? {
    guard let record = history[identity] else { return nil }
    var json = JSONWriter(reserving: 512 + 512 * record.plan.legs.count)
    write(record, status: "accepted", to: &json)
    return json.bytes
  }

  /// The same of one that only the journal knows.
  package func alertJSON(_ past: JournalFold.Alert) -> [UInt8] {
    let accepted = past.accepted
    let orders = past.standings()
    var record = AlertRecord(
      identity: accepted.identity, receivedAt: accepted.receivedAt, format: accepted.format, plan: accepted.plan,
      ignoredFields: [])
    if orders.allSatisfy(\.state.isFinal) {
      for leg in accepted.plan.legs where !orders.contains(where: { Int($0.request.correlationID.leg) == leg.number }) {
        record.endedLegs[leg.number] = EngineRefusals.legNeverSent
      }
    }
    var json = JSONWriter(reserving: 512 + 512 * accepted.plan.legs.count)
    write(record, status: "accepted", to: &json) { leg in
      leg.slices.compactMap { slice in
        orders.filter { order in
          let id = order.request.correlationID
          return Int(id.leg) == leg.number && Int(id.slice) == slice.number
        }.max { $0.request.correlationID < $1.request.correlationID }
      }
    }
    return json.bytes
  }

  /// The newest first; `next` is the cursor of the following page, or null.
  package func alertsJSON(after cursor: AlertIdentity?, limit: Int) -> [UInt8] {
    let page = history.page(after: cursor, limit: limit)
    var json = JSONWriter(reserving: 1024 * (page.count + 1))
    json.object { json in
      json.array("items") { json in for record in page { write(record, status: "accepted", to: &json) } }
      json.optionalString("next", page.count == limit ? page.last?.identity.description : nil)
    }
    return json.bytes
  }

  /// The latest changed first.
  package func ordersJSON(limit: Int) -> [UInt8] {
    var orders: [(Order, Broker)] = []
    for account in parts.accounts {
      let all = account.router.assumeIsolated { $0.orders() }
      orders += all.map { ($0, account.standing.broker) }
    }
    orders.sort {
      ($1.0.lastChange, $0.0.request.correlationID)
        < ($0.0.lastChange, $1.0.request.correlationID)
    }
    var json = JSONWriter(reserving: 512 * (min(orders.count, limit) + 1))
    json.object { json in
      json.array("items") { json in
        for (order, broker) in orders.prefix(limit) { order.write(to: &json, broker: broker) }
      }
      json.null("next")
    }
    return json.bytes
  }

  package func positionsJSON() -> [UInt8] {
    var json = JSONWriter(reserving: 4096)
    let positions = parts.positions.assumeIsolated { $0.all() }
    json.object { json in
      json.array("items") { json in
        for position in positions {
          json.object { json in
            json.string("account", position.account)
            json.string("symbol", position.instrument.tradingSymbol)
            json.string("exchange", position.instrument.key.segment.exchange.code)
            json.string("product", position.product.code)
            json.integer("net_quantity", position.netUnits)
            json.integer("bought_quantity", position.boughtUnits)
            json.integer("sold_quantity", position.soldUnits)
            if let price = position.averageBuyPrice { json.number("average_buy", decimalText: price.description) }
            if let price = position.averageSellPrice { json.number("average_sell", decimalText: price.description) }
            json.number("realised_profit", decimalText: position.realisedProfit.description)
            if let price = accounts[position.account]?.lastPrice(position.instrument) {
              json.number("last_price", decimalText: price.description)
            }
          }
        }
      }
      json.null("next")
    }
    return json.bytes
  }

  package func accountsJSON() -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      json.array("items") { json in
        for account in parts.accounts {
          json.object { json in
            json.string("account", account.id)
            json.string("broker", account.standing.broker.code)
            json.boolean("may_trade", account.standing.mayTrade)
            json.boolean("symbols_loaded", account.symbols() != nil)
            json.integer("live_orders", account.router.assumeIsolated { $0.liveCount })
          }
        }
      }
      json.null("next")
    }
    return json.bytes
  }

  /// `ready`, and every check with its own answer; never changes anything.
  package func readinessJSON() -> (isReady: Bool, body: [UInt8]) {
    let journalFailure = parts.journal.here { $0.failure }
    let hasSymbols = parts.accounts.allSatisfy { $0.symbols() != nil }
    let isFit = isReady && !isDraining && journalFailure == nil && hasSymbols
    var json = JSONWriter()
    json.object { json in
      json.boolean("ready", isFit)
      json.object("checks") { json in
        json.string("engine", isDraining ? "stopping" : isReady ? "running" : "starting")
        json.string("journal", journalFailure == nil ? "writable" : "broken")
        json.string("symbols", hasSymbols ? "loaded" : "missing")
      }
      writeTokens(to: &json)
      if let journalFailure { journalFailure.write("error", to: &json) }
    }
    return (isFit, json.bytes)
  }
}
