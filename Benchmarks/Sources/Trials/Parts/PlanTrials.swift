import OrderDomain
import TestSupport

/// What does it take to decide what to send, and whether it may be sent?
enum PlanTrials {
  static let all = [
    plan("one leg", AlertBodies.multiLeg("a1")),
    plan("four legs", AlertBodies.multiLeg("a1", legCount: 4)),
    plan("an option with exits", AlertBodies.option),
    Trial("risk gate: four legs", approve),
  ]

  static func plan(_ body: [UInt8]) -> ExecutionPlan {
    certainly { try result(of: AlertParser.parse(body: body.span)).get() }
  }

  private static func result(of alert: Alert) -> Result<ExecutionPlan, RefusalList> {
    Planner(settings: PlannerSettings(defaultAccount: Sample.account)).plan(
      alert, identity: Sample.alert, receivedAt: Sample.opening
    ) { _ in SymbolTrials.sample }
  }

  private static func plan(_ name: String, _ body: [UInt8]) -> Trial {
    Trial("planner: \(name)") { count, meter in
      let alert = certainly { try AlertParser.parse(body: body.span) }
      let table = SymbolTrials.sample
      let planner = Planner(settings: PlannerSettings(defaultAccount: Sample.account))
      var legCount = 0
      meter.measure {
        for _ in 0..<count {
          let plan = planner.plan(alert, identity: Sample.alert, receivedAt: Sample.opening) { _ in table }
          if case .success(let plan) = plan { legCount += plan.legs.count }
        }
      }
      require(legCount >= count, "the alert was refused")
    }
  }

  private static func approve(_ count: Int, _ meter: Meter) {
    let plan = plan(AlertBodies.multiLeg("a1", legCount: 4))
    let gate = RiskGate(limits: .standard)
    let standing = AccountStanding(broker: .paper, mayTrade: true)
    let lastPrice = price("2520")
    var approvedCount = 0
    meter.measure {
      for _ in 0..<count {
        let verdict = gate.approve(
          plan, alertLimits: .open, standing: { _ in standing }, isFrozen: { _, _ in false },
          lastPrice: { _ in lastPrice })
        if case .success = verdict { approvedCount += 1 }
      }
    }
    require(approvedCount == count, "the plan was refused")
  }
}
