import EngineSimulation
import Testing

@Suite("The whole engine under one seed")
struct SimulationTests {
  @Test("One seed is one history, down to the last job", arguments: [1, 2, 3] as [UInt64])
  func repeats(_ seed: UInt64) {
    let first = SimulatedDay(seed: seed).run()
    let second = SimulatedDay(seed: seed).run()
    #expect(first.hash == second.hash)
    #expect(first.stepCount == second.stepCount)
  }
}
