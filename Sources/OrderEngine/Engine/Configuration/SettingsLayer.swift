internal import Glibc

/// One place that settings come from: names with their texts.
package struct SettingsLayer: Sendable {
  /// What an error says about where a value stood: `environment`, `.env line 3`.
  package let name: String
  package var values: [String: String]
  /// Lines of a file, by key.
  package var lines: [String: Int] = [:]
  /// The process's environment holds names that are none of ours; a file of ours may not.
  package let mayHoldOthers: Bool

  package init(name: String, values: [String: String], mayHoldOthers: Bool) {
    self.name = name
    self.values = values
    self.mayHoldOthers = mayHoldOthers
  }

  func place(of key: String) -> String { lines[key].map { "\(name) line \($0)" } ?? name }

  /// Reads a `.env` file: `NAME=value` a line, `export ` allowed before it, `#` comments, values bare or in single or double
  /// quotes. A line that is none of these is an error, not a guess.
  package static func dotEnv(_ text: String, name: String) throws(ConfigurationErrors) -> SettingsLayer {
    var layer = SettingsLayer(name: name, values: [:], mayHoldOthers: false)
    var errors: [ConfigurationError] = []
    // Of an editor on Windows: a mark before the first line, and two bytes, which are one character here, behind each.
    let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
    let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
    for (index, rawLine) in lines.enumerated() {
      var line = trimmed(rawLine)
      if line.isEmpty || line.hasPrefix("#") { continue }
      if line.hasPrefix("export ") { line = trimmed(line.dropFirst(7)) }
      guard let equals = line.firstIndex(of: "="), equals != line.startIndex,
        let value = unquoted(trimmed(line[line.index(after: equals)...]))
      else {
        errors.append(
          ConfigurationError(
            key: "line \(index + 1)", source: name, cause: "it is not NAME=value",
            fix: "write NAME=value, with quotes around a value that holds spaces or #"))
        continue
      }
      let key = String(trimmed(line[..<equals]))
      if let first = layer.lines[key] {
        errors.append(
          ConfigurationError(
            key: key, source: "\(name) line \(index + 1)", cause: "it stands in line \(first) already",
            fix: "remove one of the two lines"))
      }
      layer.values[key] = value
      layer.lines[key] = index + 1
    }
    guard errors.isEmpty else { throw ConfigurationErrors(errors: errors) }
    return layer
  }

  private static func trimmed(_ text: Substring) -> Substring {
    let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" || $0 == "\r\n" }
    var rest = text.drop(while: isBlank)
    while let last = rest.last, isBlank(last) { rest.removeLast() }
    return rest
  }

  private static func unquoted(_ text: Substring) -> String? {
    for quote in ["\"", "'"] as [Character] where text.first == quote {
      let inner = text.dropFirst()
      guard let end = inner.firstIndex(of: quote) else { return nil }
      let rest = trimmed(inner[inner.index(after: end)...])
      return rest.isEmpty || rest.hasPrefix("#") ? String(inner[..<end]) : nil
    }
    guard let comment = commentStart(in: text) else { return String(text) }
    return String(trimmed(text[..<comment]))
  }

  /// Where the `#` stands that has a blank before it, if anywhere.
  private static func commentStart(in text: Substring) -> Substring.Index? {
    var isAfterBlank = false
    return text.indices.first { index in
      defer { isAfterBlank = text[index] == " " || text[index] == "\t" }
      return isAfterBlank && text[index] == "#"
    }
  }
}

extension SettingsLayer {
  /// The environment that the process was started with.
  package static func processEnvironment() -> SettingsLayer {
    var values: [String: String] = [:]
    // The C library keeps this array, ended by a null pointer, for the life of the process; nobody changes it here.
    var entry = unsafe environ
    while let text = unsafe entry.pointee {
      let pair = unsafe String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
      unsafe entry = unsafe entry.successor()
    }
    return SettingsLayer(name: "environment", values: values, mayHoldOthers: true)
  }
}
