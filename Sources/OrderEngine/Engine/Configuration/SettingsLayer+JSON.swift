import OrderDomain

extension SettingsLayer {
  /// Reads a configuration file: one JSON object with settings by their names. `strategies` and `accounts` may hold an
  /// object for each name, with the settings of its section by their short names.
  ///
  /// Values are strings, numbers, `true`, `false`, or lists of strings.
  package static func json(_ bytes: [UInt8], name: String) throws(ConfigurationErrors) -> SettingsLayer {
    var file = JSONSettings(layer: SettingsLayer(name: name, values: [:], mayHoldOthers: false), text: bytes)
    do throws(JSONError) {
      var scanner = JSONScanner(bytes.span)
      try file.read(&scanner)
      try scanner.finish()
    } catch {
      file.refuse(
        "line \(file.line(at: error.offset))", "it is not JSON as it is taken here: \(error.problem.cause)", error.fix)
    }
    guard file.errors.isEmpty else { throw ConfigurationErrors(errors: file.errors) }
    return file.layer
  }
}

/// Collects what a file says.
private struct JSONSettings {
  var layer: SettingsLayer
  let text: [UInt8]
  var errors: [ConfigurationError] = []

  func line(at offset: Int) -> Int { text.prefix(offset).count { $0 == 0x0A } + 1 }

  mutating func refuse(_ key: String, _ cause: String, _ fix: String) {
    errors.append(ConfigurationError(key: key, source: layer.name, cause: cause, fix: fix))
  }

  mutating func read(_ scanner: inout JSONScanner) throws(JSONError) {
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      let name = scanner.text(key)
      switch name {
      case "strategies": try sections(.strategy, &scanner)
      case "accounts": try sections(.account, &scanner)
      default: try value(name, at: key.start, &scanner)
      }
    }
  }

  private mutating func sections(_ kind: SettingsSection.Kind, _ scanner: inout JSONScanner) throws(JSONError) {
    var names: [String] = []
    try scanner.beginObject()
    while let key = try scanner.nextKey() {
      let name = scanner.text(key)
      names.append(name)
      let prefix = SettingsSection.prefix(kind, name)
      try scanner.beginObject()
      while let inner = try scanner.nextKey() {
        try value(prefix + scanner.text(inner), at: inner.start, &scanner)
      }
    }
    // Accounts are named by BROKER, whose order says which is the default.
    if kind == .strategy, layer.values["STRATEGIES"] == nil, !names.isEmpty {
      layer.values["STRATEGIES"] = names.joined(separator: ",")
    }
  }

  private mutating func value(_ name: String, at offset: Int, _ scanner: inout JSONScanner) throws(JSONError) {
    let text: String
    switch try scanner.peek() {
    case .string: text = scanner.text(try scanner.string())
    case .number: text = String(decoding: self.text[try scanner.number()], as: UTF8.self)
    case .boolean: text = try scanner.boolean() ? "true" : "false"
    case .array:
      var parts: [String] = []
      try scanner.beginArray()
      while try scanner.nextElement() { parts.append(scanner.text(try scanner.string())) }
      text = parts.joined(separator: ",")
    case .null:
      try scanner.null()
      return
    case .object:
      try scanner.skipValue()
      return refuse(name, "it is an object", "write a string, a number, true, false or a list of strings")
    }
    if let first = layer.lines[name] {
      return refuse(name, "it stands in line \(first) already", "remove one of the two")
    }
    layer.values[name] = text
    layer.lines[name] = line(at: offset)
  }
}
