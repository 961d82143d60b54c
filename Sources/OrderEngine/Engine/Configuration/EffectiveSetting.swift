package import OrderDomain

/// A setting as it stands: what was written, and where.
package struct EffectiveSetting: Sendable {
  /// Under its whole name, also in a section.
  package let setting: Setting
  /// `environment`, `.env line 3`, `vault`; `nil` where nothing is written.
  package let place: String?
  /// As it was written; hidden in words, since it may be a secret.
  private let written: Secret?

  init(_ setting: Setting, written: String?, place: String?) {
    self.setting = setting
    self.place = place
    self.written = written.map { Secret($0) }
  }

  /// All that stand alone, and those of sections that are written, in the schema's order.
  static func all(in layers: [SettingsLayer]) -> [EffectiveSetting] {
    let sections = Set(layers.flatMap { $0.values.filter { !$0.value.isEmpty }.keys })
      .filter { !SettingsSchema.names.contains($0) }.sorted()
    let settings = SettingsSchema.groups.flatMap(\.settings) + sections.compactMap { SettingsSchema.setting($0) }
    return settings.map { setting in
      let layer = layers.first { !($0.values[setting.name] ?? "").isEmpty }
      return EffectiveSetting(setting, written: layer?.values[setting.name], place: layer?.place(of: setting.name))
    }
  }

  /// Whether it says the same, wherever it stands.
  func saysTheSame(as other: EffectiveSetting) -> Bool {
    switch (written, other.written) {
    case (nil, nil): true
    case (let mine?, let theirs?): mine.matches(theirs)
    default: false
    }
  }

  package func write(to json: inout JSONWriter) {
    json.string("name", setting.name)
    if let written {
      json.string("value", setting.isSecret ? "redacted" : written.text)
    } else if let standard = setting.standard {
      json.string("value", standard)
    } else {
      json.null("value")
    }
    json.string("source", place ?? "default")
    json.boolean("secret", setting.isSecret)
    json.boolean("may_change", setting.isLive)
    if setting.isIdle { json.boolean("has_effect", false) }
  }
}

/// A configuration, and where each part of it comes from.
package struct LoadedConfiguration: Sendable {
  package let configuration: EngineConfiguration
  package let settings: [EffectiveSetting]
  /// What a person should know, and what does not stop the start.
  package let warnings: [Refusal]

  package init(layers: [SettingsLayer], warnings: [Refusal] = []) throws(ConfigurationErrors) {
    configuration = try EngineConfiguration.load(layers: layers)
    settings = EffectiveSetting.all(in: layers)
    self.warnings =
      warnings + [configuration.notifications.flaw].compactMap { $0 }
      + settings.filter { $0.setting.isIdle && $0.place != nil }.map { effective in
        Refusal(
          code: "config.noEffect",
          cause: "\(effective.setting.name) (\(effective.place ?? "")) is understood, and has no effect yet",
          fix: "nothing to do; docs/settings.md says what there is instead")
      }
  }

  /// The names of what is written differently, in order.
  func changes(from earlier: LoadedConfiguration) -> [Setting] {
    let before = Dictionary(uniqueKeysWithValues: earlier.settings.map { ($0.setting.name, $0) })
    let after = Set(settings.map(\.setting.name))
    let changed = settings.filter { now in
      guard let then = before[now.setting.name] else { return now.place != nil }
      return !now.saysTheSame(as: then)
    }
    let gone = earlier.settings.filter { !after.contains($0.setting.name) && $0.place != nil }
    return (changed + gone).map(\.setting)
  }
}
