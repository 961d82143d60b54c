import ArgumentParser

@main
struct OrderEngineCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "order-engine",
    abstract: "TradingView alerts in, orders at Indian brokers out: exactly once, on your own machine.",
    version: versionText,
    subcommands: [
      ServeCommand.self, CheckCommand.self, DiagnoseCommand.self, NotifyCommand.self, JournalCommand.self,
      VaultCommand.self,
      SettingsCommand.self,
      KeysCommand.self, PasswordCommand.self,
    ],
    defaultSubcommand: ServeCommand.self)
}
