import OrderDomain

/// What does it take to say what became of an alert?
enum AnswerTrials {
  static let all = [
    Trial("answer: an alert of one leg") { write($0, legCount: 1, $1) },
    Trial("answer: an alert of four legs") { write($0, legCount: 4, $1) },
  ]

  private static func write(_ count: Int, legCount: Int, _ meter: Meter) {
    let engine = EngineInMemory()
    engine.carryOut(OrderPathTrials.delivery(AlertBodies.multiLeg("a1", legCount: legCount)))
    let identity = identity(in: engine.lastReply)
    var byteCount = 0
    meter.measure {
      for _ in 0..<count { byteCount += engine.answer(identity)?.count ?? 0 }
    }
    require(byteCount > count * legCount * 200, "the answers are short")
    engine.stop()
  }

  private static func identity(in reply: [UInt8]) -> AlertIdentity {
    let text = String(decoding: reply, as: UTF8.self)
    guard let mark = text.firstRange(of: #""alert_id":""#),
      let identity = AlertIdentity(String(text[mark.upperBound...].prefix(26)))
    else { fail("the alert was not taken: \(text)") }
    return identity
  }
}
