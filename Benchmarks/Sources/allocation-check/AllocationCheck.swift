import Foundation
import Trials

/// Does anything allocate more than was agreed?
@main
enum AllocationCheck {
  private static let usage = """
    usage: allocation-check check FILE       fails if anything allocates more than FILE says
           allocation-check update FILE      writes what is allocated now to FILE
           allocation-check run COUNT NAME   does one thing so often, to look at it with another tool
           allocation-check once NAME        does it once, and once more when all has been made that is made once
    """

  static func main() {
    do {
      try perform(Array(CommandLine.arguments.dropFirst()))
    } catch {
      stop("\(error)")
    }
  }

  private static func perform(_ arguments: [String]) throws {
    switch (arguments.first, arguments.count) {
    case ("check", 2): exit(check(try AllocationLimits(readFrom: arguments[1])) ? 0 : 1)
    case ("update", 2): try AllocationLimits(guarded().map { ($0.name, figure(of: $0)) }).write(to: arguments[1])
    case ("run", 3):
      guard let count = Int(arguments[1]), count > 0 else { stop(usage) }
      run(arguments[2], count: count)
    case ("once", 2): run(arguments[1], count: 1, again: true)
    default: stop(usage)
    }
  }

  private static func guarded() -> [Trial] { Trial.all.filter(\.isGuarded) }

  /// Of the second run: the first makes what is made once.
  private static func figure(of trial: Trial) -> Figure {
    let meter = Meter()
    trial.run(meter)
    trial.run(meter)
    return Figure(allocations: meter.allocationCount, in: trial.count)
  }

  private static func check(_ limits: AllocationLimits) -> Bool {
    var complaints: [String] = []
    var improvements: [String] = []
    print("allocations       limit")
    for trial in guarded() {
      let figure = figure(of: trial)
      let limit = limits[trial.name]
      print("\(column(figure.description)) \(column(limit?.description ?? "none"))  \(trial.name)")
      guard let limit else {
        complaints.append("\(trial.name): \(figure) allocations, and no limit")
        continue
      }
      if figure > limit.tolerated { complaints.append("\(trial.name): \(figure) allocations; the limit is \(limit)") }
      if figure < limit.clearlyLess {
        improvements.append("\(trial.name): \(figure) allocations; the limit is \(limit)")
      }
    }
    for (name, _) in limits.figures where !guarded().contains(where: { $0.name == name }) {
      complaints.append("\(name): has a limit, and nothing is called so")
    }
    if !improvements.isEmpty {
      print("\nBetter than agreed; `make bench-limits` keeps it so:\n  " + improvements.joined(separator: "\n  "))
    }
    if !complaints.isEmpty {
      print(
        """

        Worse than agreed:
          \(complaints.joined(separator: "\n  "))
        Take the allocations out again. If they are worth it, `make bench-limits` raises the limits in
        Benchmarks/allocations.txt; commit them and say what for.
        """)
    }
    return complaints.isEmpty
  }

  private static func column(_ text: String) -> String {
    String(repeating: " ", count: max(0, 11 - text.count)) + text
  }

  private static func run(_ name: String, count: Int, again: Bool = false) {
    guard let trial = Trial.all.first(where: { $0.name == name }) else {
      stop("nothing is called \"\(name)\"; there are:\n  " + Trial.all.map(\.name).joined(separator: "\n  "))
    }
    let meter = Meter()
    trial.run(meter, count: count)
    if again { trial.run(meter, count: count) }
    print("\(meter.allocationCount) allocations in \(count) times: \(trial.name)")
  }

  private static func stop(_ message: String) -> Never {
    FileHandle.standardError.write(Data((message + "\n").utf8))
    exit(2)
  }
}
