import EngineSimulation
internal import Glibc

/// `simulate --seed N` repeats one day and prints all of it; `simulate --minutes M` runs fresh ones.
@main
enum Simulate {
  static func main() async {
    var seed: UInt64?
    var minutes = 1.0
    var mutation: Mutation?
    var isQuiet = false
    var failureLimit = 3
    var arguments = CommandLine.arguments.dropFirst()
    while let name = arguments.popFirst() {
      switch name {
      case "--seed": seed = arguments.popFirst().flatMap { UInt64($0) }
      case "--minutes": minutes = arguments.popFirst().flatMap { Double($0) } ?? minutes
      case "--mutation": mutation = arguments.popFirst().flatMap { Mutation(rawValue: $0) }
      case "--failures": failureLimit = arguments.popFirst().flatMap { Int($0) } ?? failureLimit
      case "--quiet": isQuiet = true
      default:
        print(
          "simulate [--seed N [--quiet]] [--minutes M] [--failures N] "
            + "[--mutation doubleSend|lostRecord|forgetfulSnapshot]")
        exit(2)
      }
    }
    if let seed {
      let report = SimulatedDay(seed: seed, mutation: mutation, isLoud: !isQuiet).run()
      print(report.failure ?? report.summary)
      print("hash \(String(report.hash, radix: 16))")
      exit(report.violation == nil ? 0 : 1)
    }
    let outcome = await Simulations.run(
      seeds: [], freshUntil: .now + .seconds(minutes * 60), mutation: mutation, failureLimit: failureLimit,
      each: { print($0.summary) })
    for failure in outcome.failures { print(failure.failure ?? "") }
    print(outcome.totals.summary)
    exit(outcome.failures.isEmpty ? 0 : 1)
  }
}
