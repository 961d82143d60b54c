import OrderDomain
import OrderEngine

/// How much work is an alert, from its arrival at the engine to the last fill of its orders?
///
/// All of the engine but the door and the disk: parsed, authenticated, new, planned, approved, recorded and sealed,
/// answered, routed, filled, counted. Each alert ends before the next one comes.
enum OrderPathTrials {
  static let all = [
    Trial("order path: an alert of one leg") { run($0, legCount: 1, $1) },
    Trial("order path: an alert of four legs") { run($0, legCount: 4, $1) },
    Trial("order path: an alert that is known already", repeatIt),
  ]

  /// So many alerts go before the measure is taken, so that tables have grown and everything has been touched.
  private static let warmUpCount = 200

  private static func run(_ count: Int, legCount: Int, _ meter: Meter) {
    let engine = EngineInMemory()
    // Bought and sold in turn, so that no position grows.
    let deliveries = (0..<warmUpCount + count).map { number in
      delivery(AlertBodies.multiLeg("a\(100_000 + number)", side: number % 2 == 0 ? "B" : "S", legCount: legCount))
    }
    for delivery in deliveries.prefix(warmUpCount) { engine.carryOut(delivery) }
    meter.measure {
      for index in warmUpCount..<deliveries.count { engine.carryOut(deliveries[index]) }
    }
    let reply = String(decoding: engine.lastReply, as: UTF8.self)
    require(engine.acceptedCount == deliveries.count, "not all alerts were taken; the last answer: \(reply)")
    require(engine.liveCount == 0, "\(engine.liveCount) orders have not ended")
    require(engine.tradedUnits == Int64(10 * legCount * deliveries.count), "not all that was ordered has filled")
    engine.stop()
  }

  private static func repeatIt(_ count: Int, _ meter: Meter) {
    let engine = EngineInMemory()
    let delivery = delivery(AlertBodies.multiLeg("a1"))
    for _ in 0..<warmUpCount { engine.carryOut(delivery) }
    meter.measure {
      for _ in 0..<count { engine.carryOut(delivery) }
    }
    require(engine.acceptedCount == warmUpCount + count, "not all repeats were answered")
    require(engine.tradedUnits == 10, "a repeat was carried out")
    engine.stop()
  }

  static func delivery(_ body: [UInt8]) -> AlertDelivery {
    AlertDelivery(
      body: body, idempotencyKey: nil, headerSecret: nil, strategy: nil, sender: SenderAddress(high: 0, low: 1),
      requestID: 1, waitMilliseconds: 0)
  }
}
