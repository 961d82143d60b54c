import Foundation

/// The committed figures: a line each, the figure and what it is of; lines that begin with # are for people.
struct AllocationLimits {
  private(set) var figures: [(name: String, figure: Figure)] = []

  struct Malformed: Error, CustomStringConvertible {
    let line: String

    var description: String { "\"\(line)\" is not a figure with two decimals and a name" }
  }

  init(_ figures: [(name: String, figure: Figure)]) { self.figures = figures }

  init(readFrom path: String) throws {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let figure = Figure(parts[0]) else { throw Malformed(line: String(line)) }
      figures.append((String(parts[1].drop { $0 == " " }), figure))
    }
  }

  subscript(_ name: String) -> Figure? { figures.first { $0.name == name }?.figure }

  func write(to path: String) throws {
    var text = """
      # Allocations each time, which `make bench-check` guards and `make bench-limits` writes anew.

      """
    for (name, figure) in figures {
      let number = figure.description
      text += number + String(repeating: " ", count: max(1, 12 - number.count)) + name + "\n"
    }
    try text.write(toFile: path, atomically: true, encoding: .utf8)
  }
}
