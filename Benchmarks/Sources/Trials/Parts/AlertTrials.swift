import Foundation
import OrderDomain

/// What does it take to understand an alert, in each format, and beside a decoder of the usual kind?
enum AlertTrials {
  static let all = [
    parse("multi_leg_order, one leg", AlertBodies.multiLeg("a1")),
    parse("multi_leg_order, four legs", AlertBodies.multiLeg("a1", legCount: 4)),
    parse("option order", AlertBodies.option),
    parse("native", AlertBodies.native),
    // Foundation's allocations are nobody's here.
    decode("one leg by JSONDecoder", AlertBodies.multiLeg("a1")),
    decode("four legs by JSONDecoder", AlertBodies.multiLeg("a1", legCount: 4)),
  ]

  private static func parse(_ name: String, _ body: [UInt8]) -> Trial {
    Trial("alert: \(name)") { count, meter in
      var legCount = 0
      meter.measure {
        for _ in 0..<count { legCount += certainly { try AlertParser.parse(body: body.span) }.legs.count }
      }
      require(legCount >= count, "an alert has a leg")
    }
  }

  /// The fields of Dhan's format that a strict service would ask for.
  private struct Decoded: Decodable {
    struct Leg: Decodable {
      let transactionType: String
      let orderType: String
      let quantity: String
      let exchange: String
      let symbol: String
      let productType: String
      let sortOrder: String

      enum CodingKeys: String, CodingKey {
        case transactionType, orderType, quantity, exchange, symbol, productType
        case sortOrder = "sort_order"
      }
    }

    let secret: String
    let alertID: String
    let alertType: String
    let legs: [Leg]

    enum CodingKeys: String, CodingKey {
      case secret, alertType
      case alertID = "alert_id"
      case legs = "order_legs"
    }
  }

  private static func decode(_ name: String, _ body: [UInt8]) -> Trial {
    Trial("alert: \(name)", isGuarded: false) { count, meter in
      let decoder = JSONDecoder()
      let data = Data(body)
      var legCount = 0
      meter.measure {
        for _ in 0..<count { legCount += certainly { try decoder.decode(Decoded.self, from: data) }.legs.count }
      }
      require(legCount >= count, "an alert has a leg")
    }
  }
}
