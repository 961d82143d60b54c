import ArgumentParser
import Glibc
import Logging
import OrderDomain
import OrderEngine

/// What must be right before the market opens, looked at now.
struct DiagnoseCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diagnose",
    abstract: "Looks at tokens, addresses, clock, symbols, funds and disk; changes nothing and logs in nowhere.",
    discussion: "Exit status 1 when something keeps orders from going out. May run beside an engine.")

  @OptionGroup var settings: SettingsOptions
  @Flag(help: "One JSON object.") var json = false

  func run() async throws {
    let configuration = try await settings.load().configuration
    let logger = Logger(label: "order-engine") { _ in SwiftLogNoOpLogHandler() }
    let report: ReadinessReport
    do {
      report = try await Diagnosis.run(configuration, logger: logger)
    } catch {
      throw StartFailure(error)
    }
    print(json ? String(decoding: report.json, as: UTF8.self) : report.words, terminator: json ? "\n" : "")
    if !report.isReady { throw ExitCode(1) }
  }
}
