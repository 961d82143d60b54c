import ArgumentParser
import OrderDomain
import OrderEngine

/// The vault: secret settings in one sealed file of the data directory.
struct VaultCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vault", abstract: "Keeps secret settings in a sealed file of the data directory.",
    discussion: "It is opened by VAULT_PASSPHRASE (environment) or VAULT_KEY_FILE. The first secret makes it.",
    subcommands: [SetSecret.self, ListSecrets.self, RemoveSecret.self, Rekey.self])

  struct SetSecret: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "set", abstract: "Sets one; the value comes from standard input, without echo at a terminal.")

    @OptionGroup var settings: SettingsOptions
    @Argument(help: "Name of a secret setting, such as WEBHOOK_SECRET.") var name: String

    func run() throws {
      try VaultCommand.check(name)
      let vault = try settings.vault()
      let value = try SecretInput.read(name)
      do throws(Refusal) {
        print(try vault.set(name, to: value) ? "\(name) is replaced" : "\(name) is set")
      } catch {
        throw StartFailure(error)
      }
    }
  }

  struct ListSecrets: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Names those that are set, and no value.")

    @OptionGroup var settings: SettingsOptions

    func run() throws {
      let vault = try settings.vault()
      do throws(Refusal) {
        for name in try vault.settings().keys.sorted() { print(name) }
      } catch {
        throw StartFailure(error)
      }
    }
  }

  struct RemoveSecret: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "remove", abstract: "Removes one.")

    @OptionGroup var settings: SettingsOptions
    @Argument(help: "Name of a secret setting.") var name: String

    func run() throws {
      let vault = try settings.vault()
      let wasThere: Bool
      do throws(Refusal) { wasThere = try vault.set(name, to: nil) } catch { throw StartFailure(error) }
      guard wasThere else { throw ValidationError("the vault has no \(name)") }
      print("\(name) is removed")
    }
  }

  struct Rekey: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rekey",
      abstract: "Seals the vault with another key: a passphrase from standard input unless a file is given.")

    @OptionGroup var settings: SettingsOptions
    @Option(name: .long, help: "The new key: a file of 32 or more random bytes.") var keyFile: String?

    func run() throws {
      let vault = try settings.vault()
      let passphrase = keyFile == nil ? try SecretInput.read("new passphrase") : nil
      do throws(Refusal) {
        if let passphrase { try vault.rekey(to: .passphrase(passphrase)) }
        if let keyFile { try vault.rekey(to: try VaultKey.reading(file: keyFile)) }
      } catch {
        throw StartFailure(error)
      }
      print("the vault has a new key: set \(keyFile == nil ? "VAULT_PASSPHRASE" : "VAULT_KEY_FILE") to it")
    }
  }

  private static func check(_ name: String) throws {
    guard let setting = SettingsSchema.setting(name) else {
      throw ValidationError("no setting is named \(name); order-engine settings lists them")
    }
    guard setting.isSecret, !setting.traits.contains(.environmentOnly) else {
      throw ValidationError("\(name) is not kept in the vault: only secret settings are")
    }
  }
}

extension SettingsOptions {
  /// Where the vault is, and what opens it: by the same settings as the engine's own.
  fileprivate func vault() throws -> Vault {
    do {
      if let vault = try sources.stores().vault() { return vault }
    } catch {
      throw StartFailure(error)
    }
    throw StartFailure(
      Refusal(
        code: "secret.vaultKeyMissing", cause: "no setting says what the vault is opened with",
        fix: "set VAULT_PASSPHRASE in the environment, or VAULT_KEY_FILE to a file of 32 random bytes"))
  }
}
