import ArgumentParser
import Glibc
import OrderDomain
import OrderEngine

/// Prints what can be set.
struct SettingsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settings", abstract: "Prints every setting: what it means, what it takes, and its default.")

  @Flag(help: "As a file to copy to .env.") var envExample = false
  @Flag(help: "As the tables of docs/settings.md.") var markdown = false
  @Option(help: "Makes the tables in this file anew.") var update: String?

  func run() throws {
    if let update {
      try renew(update)
    } else if envExample {
      print(SettingsReference.envExample, terminator: "")
    } else if markdown {
      print(SettingsReference.markdown)
    } else {
      print(SettingsReference.text, terminator: "")
    }
  }

  private func renew(_ path: String) throws {
    do {
      guard let text = try DataDirectory.readText(path, limit: 1 << 20),
        let renewed = SettingsReference.renewed(text)
      else { throw ValidationError("\(path) has no tables of settings between their marks") }
      let parts = path.split(separator: "/", omittingEmptySubsequences: false)
      let folder = parts.dropLast().joined(separator: "/")
      try DataDirectory(existing: folder.isEmpty ? "." : folder).write(
        Array(renewed.utf8), to: parts.last.map(String.init) ?? path)
      // A page of the documentation is for everybody.
      _ = unsafe chmod(path, 0o644)
    } catch let refusal as Refusal {
      throw StartFailure(refusal)
    }
  }
}
