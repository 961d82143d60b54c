import ArgumentParser
import OrderDomain
import OrderEngine

/// Whether people would be told.
struct NotifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notify", abstract: "Messages to people.", subcommands: [Test.self])

  struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "test", abstract: "Sends one message by each configured channel, and says which arrived.",
      discussion: "Exit status 1 when one did not, or none is configured. May run beside an engine.")

    @OptionGroup var settings: SettingsOptions

    func run() async throws {
      let loaded = try await settings.load()
      if let flaw = loaded.configuration.notifications.flaw {
        print("warning: \(flaw.code): \(flaw.cause). To do: \(flaw.fix).")
      }
      let outcomes: [NotificationTest.Outcome]
      do { outcomes = try await NotificationTest.run(loaded.configuration) } catch { throw StartFailure(error) }
      if outcomes.isEmpty {
        print("no channel is configured; docs/notifications.md says how to set one up")
        throw ExitCode(1)
      }
      for outcome in outcomes {
        if let refusal = outcome.refusal {
          print("\(outcome.channel): not delivered: \(refusal.code): \(refusal.cause). To do: \(refusal.fix).")
        } else {
          print("\(outcome.channel): delivered")
        }
      }
      if outcomes.contains(where: { $0.refusal != nil }) { throw ExitCode(1) }
    }
  }
}
