/// One thing that a person can set: all that the program, its reference and its checks know of it.
package struct Setting: Sendable {
  package let name: String
  package let values: Values
  /// What holds when nothing is set, as a person would write it; `nil` for nothing.
  package let standard: String?
  /// For people: one or two sentences without a full stop at the end.
  package let meaning: String
  package let traits: Traits

  /// What may be written.
  package enum Values: Sendable {
    case text
    case flag
    case integer(ClosedRange<Int64>, unit: String)
    case choice([String])
    case list
    /// Scheme, host and port; plain `http` to this machine alone.
    case address
    /// `10/1s,250/60s`, or `off`.
    case rateLimits
    /// `100/60s`, or `off`.
    case rateLimit
    /// A moment by RFC 3339.
    case moment
    case path
  }

  package struct Traits: OptionSet, Sendable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// Its value is shown nowhere, and belongs in a secret store.
    package static let secret = Traits(rawValue: 1)
    /// Read again while the engine runs; the others take a restart.
    package static let live = Traits(rawValue: 2)
    /// Belongs to one account: an account with a section of its own has its own, and never another's.
    package static let personal = Traits(rawValue: 4)
    /// Understood, and nothing depends on it yet; a warning at the start says so.
    package static let idle = Traits(rawValue: 8)
    /// From the command line or the environment alone.
    package static let environmentOnly = Traits(rawValue: 16)
    /// The Fyers bot's, with the meaning that it had there.
    package static let fyersBot = Traits(rawValue: 32)
    /// The Dhan service's.
    package static let dhanService = Traits(rawValue: 64)
    /// A token of a broker's for the day, which the engine renews.
    package static let accessToken = Traits(rawValue: 128)
  }

  package init(_ name: String, _ values: Values, _ standard: String?, _ meaning: String) {
    self.init(name, values, standard, [], meaning)
  }

  package init(_ name: String, _ values: Values, _ standard: String?, _ traits: Traits, _ meaning: String) {
    self.name = name
    self.values = values
    self.standard = standard
    self.traits = traits
    self.meaning = meaning
  }

  package var isSecret: Bool { traits.contains(.secret) }
  package var isLive: Bool { traits.contains(.live) }
  package var isIdle: Bool { traits.contains(.idle) }

  /// In a section: the same under the section's prefix.
  func named(_ name: String) -> Setting { Setting(name, values, standard, traits, meaning) }
}

extension Setting.Values {
  /// What may be written, for a table.
  var words: String {
    switch self {
    case .text: "text"
    case .flag: "`true`, `false`"
    case .integer(let range, let unit):
      "\(range.lowerBound) to \(range.upperBound == .max ? "any" : String(range.upperBound))"
        + (unit.isEmpty ? "" : " \(unit)")
    case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
    case .list: "names with commas between"
    case .address: "address"
    case .rateLimits: "limits such as `10/1s,250/60s`, `off`"
    case .rateLimit: "limit such as `100/60s`, `off`"
    case .moment: "moment such as `2026-12-01T09:00:00+05:30`"
    case .path: "file"
    }
  }
}
