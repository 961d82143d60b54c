import Foundation

/// Something whose time and whose allocations are of interest, done many times in a row.
public struct Trial: Sendable {
  public let name: String
  /// How often a run does it: 1 or 1000.
  public let count: Int
  /// Whether its allocations are the same in every run and on every machine, so that a limit can be set to them.
  public let isGuarded: Bool
  private let body: @Sendable (Int, Meter) -> Void

  /// - Parameter body: makes everything ready, and then does it so many times while the meter measures.
  init(
    _ name: String, count: Int = 1_000, isGuarded: Bool = true, _ body: @escaping @Sendable (Int, Meter) -> Void
  ) {
    self.name = name
    self.count = count
    self.isGuarded = isGuarded
    self.body = body
  }

  /// - Parameter count: another number of times than the usual one.
  public func run(_ meter: Meter, count: Int? = nil) { body(count ?? self.count, meter) }

  /// In the order in which an alert meets them.
  public static let all: [Trial] = [
    OrderPathTrials.all, TLSTrials.all, HTTPTrials.all, AlertTrials.all, SymbolTrials.all, PlanTrials.all,
    GuardTrials.all, JournalTrials.all, AnswerTrials.all, ExecutorTrials.all,
  ].flatMap(\.self)
}

/// What a trial needs and cannot lack.
func certainly<Value: ~Copyable>(_ make: () throws -> Value) -> Value {
  do {
    return try make()
  } catch {
    fail("\(error)")
  }
}

/// A trial that does something else than it says is worth nothing.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
  if !condition { fail(message()) }
}

/// Ends the process with a word about why, which a release build's traps do not have.
func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data("a trial cannot be trusted: \(message)\n".utf8))
  exit(1)
}
