/// The settings in words, made of ``SettingsSchema``: for the documentation, for `.env.example`, and for a terminal.
package enum SettingsReference {
  package static let begin = "<!-- settings: made by make settings from the program's own schema -->"
  package static let end = "<!-- settings end -->"

  private struct Section {
    let title: String
    let note: String?
    let settings: [Setting]
  }

  private static var sections: [Section] {
    SettingsSchema.groups.map { Section(title: $0.title, note: nil, settings: $0.settings) } + [
      Section(
        title: "One strategy",
        note: "Each name with `STRATEGY_NAME_` before it: `STRATEGY_BREAKOUT_PRODUCTS` for the strategy `breakout`.",
        settings: SettingsSchema.strategy)
    ]
  }

  /// The tables of `docs/settings.md`, with the marks around them.
  package static var markdown: String {
    var lines = [begin, ""]
    for section in sections {
      lines += ["### \(section.title)", ""]
      if let note = section.note { lines += [note, ""] }
      lines += ["| name | values | default | meaning |", "|---|---|---|---|"]
      for setting in section.settings {
        let standard = setting.standard.map { "`\($0)`" } ?? ""
        lines.append(
          "| `\(setting.name)`\(marks(setting)) | \(setting.values.words) | \(standard) | \(setting.meaning) |")
      }
      lines.append("")
    }
    lines.append(end)
    return lines.joined(separator: "\n")
  }

  private static func marks(_ setting: Setting) -> String {
    var marks = ""
    if setting.isSecret { marks += " secret" }
    if setting.isLive { marks += " live" }
    if setting.traits.contains(.fyersBot) { marks += " F" }
    if setting.traits.contains(.dhanService) { marks += " D" }
    return marks
  }

  /// A text with the part between the marks made anew; `nil` when it has no marks.
  package static func renewed(_ text: String) -> String? {
    guard let first = index(of: begin, in: text), let last = index(of: end, in: text), first < last else { return nil }
    return String(text[..<first]) + markdown + String(text[last...].dropFirst(end.count))
  }

  private static func index(of part: String, in text: String) -> String.Index? {
    text.indices.first { text[$0...].hasPrefix(part) }
  }

  /// A file to copy: every setting, commented out, with its default.
  package static var envExample: String {
    var lines = [
      "# Copy to .env, and take the # away from what you set: chmod 600 .env. An empty value is no value.",
      "# docs/settings.md says more. Secrets are better kept in the vault: order-engine vault set NAME.",
    ]
    for section in sections {
      lines += ["", "# \(section.title)"]
      if let note = section.note { lines.append("# \(plain(note))") }
      for setting in section.settings where !setting.traits.contains(.environmentOnly) {
        lines += wrapped(plain(setting.meaning)).map { "#   \($0)" }
        lines.append("#\(section.note == nil ? "" : "STRATEGY_NAME_")\(setting.name)=\(setting.standard ?? "")")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// For a terminal.
  package static var text: String {
    var lines: [String] = []
    for section in sections {
      lines += [section.title, ""]
      if let note = section.note { lines += [plain(note), ""] }
      for setting in section.settings {
        let marks = marks(setting)
        lines.append("  \(setting.name)\(marks.isEmpty ? "" : "  [\(marks.dropFirst())]")")
        lines.append("      \(plain(setting.values.words))\(setting.standard.map { "; default \($0)" } ?? "")")
        lines += wrapped(plain(setting.meaning)).map { "      \($0)" }
      }
      lines.append("")
    }
    lines.append(
      "secret: shown nowhere; live: may change while the engine runs; F, D: of the Fyers bot, the Dhan service")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Without the marks of Markdown: letters of code, and a link's address.
  private static func plain(_ text: String) -> String {
    var result = ""
    var isAddress = false
    for character in text {
      switch character {
      case "`", "[": continue
      case "]": isAddress = true
      case ")" where isAddress: isAddress = false
      default: if !isAddress { result.append(character) }
      }
    }
    return result
  }

  private static func wrapped(_ text: String) -> [String] {
    var lines = [""]
    for word in text.split(separator: " ") {
      if let last = lines.last, !last.isEmpty, last.count + word.count > 96 { lines.append("") }
      lines[lines.count - 1] += (lines.last?.isEmpty == false ? " " : "") + word
    }
    return lines
  }
}
