import ArgumentParser
import Glibc
import Logging
import OrderDomain
import OrderEngine
import ServiceLifecycle
import UnixSignals

let versionText = OrderEngineVersion.current

/// Where settings come from besides the environment.
struct SettingsOptions: ParsableArguments {
  @Option(name: .long, help: "A file of NAME=value lines, read after the environment.")
  var envFile = ".env"

  @Option(name: .long, help: "Port to listen on; wins over PORT.")
  var port: Int?

  @Option(name: .long, help: "Directory of journal and secrets; wins over DATA_DIR.")
  var dataDir: String?

  @Option(name: .long, help: "A JSON file of settings, read last; otherwise order-engine.json if there is one.")
  var config: String?

  /// The first place wins: command line, environment, secret store, .env, configuration file.
  var sources: SettingsSources {
    var commandLine: [String: String] = [:]
    if let port { commandLine["PORT"] = String(port) }
    if let dataDir { commandLine["DATA_DIR"] = dataDir }
    return SettingsSources(commandLine: commandLine, envFile: envFile, configFile: config)
  }

  func load() async throws -> LoadedConfiguration {
    do { return try await sources.load() } catch { throw StartFailure(error) }
  }
}

struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve", abstract: "Takes alerts and carries them out, until SIGTERM.")

  @OptionGroup var settings: SettingsOptions

  func run() async throws {
    let sources = settings.sources
    let loaded = try await settings.load()
    let configuration = loaded.configuration
    // A file at its size limit is a failed write, which the journal answers for, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    let isTerminal = isatty(STDOUT_FILENO) == 1
    LogThreshold.set(configuration.logLevel)
    LoggingSystem.bootstrap { label in
      if isTerminal { TerminalLogHandler() } else { JSONLogHandler(label: label) }
    }
    let logger = Logger(label: "order-engine")
    for warning in loaded.warnings {
      logger.warning("\(warning.code)", metadata: ["cause": "\(warning.cause)", "fix": "\(warning.fix)"])
    }
    let keeper = ConfigurationKeeper(sources: sources, loaded: loaded, logger: logger)
    let (reloads, reload) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let service = EngineService(configuration: configuration, keeper: keeper, logger: logger, reloads: reloads) {
      address in
      logger.info(
        "engine.ready", metadata: ["address": "\(address.base)", "eventLoop": "\(address.backend)"])
      // A log that a program reads holds nothing else, and no secret.
      Banner(address: address).print(to: isTerminal ? STDOUT_FILENO : STDERR_FILENO)
    }
    var services = [
      ServiceGroupConfiguration.ServiceConfiguration(
        service: service, successTerminationBehavior: .gracefullyShutdownGroup,
        failureTerminationBehavior: .gracefullyShutdownGroup)
    ]
    // To a service it says that files have changed; from a terminal, that the terminal is gone.
    if !isTerminal {
      services.append(
        ServiceGroupConfiguration.ServiceConfiguration(
          service: HangUps {
            reload.yield()
            _ = await keeper.reload(by: "SIGHUP")
          }, successTerminationBehavior: .ignore))
    }
    let group = ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: services,
        gracefulShutdownSignals: isTerminal ? [.sigterm, .sigint, .sighup] : [.sigterm, .sigint], logger: logger))
    defer { LogOutput.flush() }
    do {
      try await group.run()
    } catch {
      throw StartFailure(error)
    }
  }
}

struct CheckCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Reads the configuration and says what is wrong with it.")

  @OptionGroup var settings: SettingsOptions

  func run() async throws {
    let loaded = try await settings.load()
    let configuration = loaded.configuration
    for warning in loaded.warnings { print("warning: \(warning.code): \(warning.cause). \(warning.fix).") }
    let accounts = configuration.accounts.map { account in
      account.mayTrade ? account.id.name : "\(account.id.name) (orders stay here: LIVE is false)"
    }
    do throws(Refusal) {
      for line in try configuration.certificate?.inspect() ?? [] { print(line) }
    } catch {
      throw StartFailure(error)
    }
    print(
      "configuration is good: broker \(accounts.joined(separator: ", ")), data in \(configuration.dataDirectory)")
  }
}
