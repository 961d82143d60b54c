import ArgumentParser
import Glibc
import OrderDomain
import OrderEngine

/// Where keys and password are kept.
struct OperatorPlaceOptions: ParsableArguments {
  @Option(name: .long, help: "Directory of the keys; otherwise DATA_DIR, otherwise data.")
  var dataDir: String?

  func files() throws -> OperatorFiles {
    let environment = unsafe getenv("DATA_DIR").map { unsafe String(cString: $0) } ?? ""
    do {
      return OperatorFiles(directory: try DataDirectory(path: dataDir ?? (environment.isEmpty ? "data" : environment)))
    } catch {
      throw StartFailure(error)
    }
  }
}

/// Makes, lists and revokes the keys that programs come with. A running engine notices within seconds.
struct KeysCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keys", abstract: "API keys for programs: made, listed, revoked.",
    subcommands: [Add.self, List.self, Revoke.self])

  struct Add: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Makes a key and shows it, this once.")

    @OptionGroup var place: OperatorPlaceOptions
    @Argument(help: "What the key is called in lists, logs and the journal.") var name: String
    @Option(help: "read sees everything, trade acts on orders too, admin also on keys.") var scope: String
    @Option(help: "The last day in India on which it is valid, such as 2027-03-31; otherwise it has no end.")
    var until: String?

    func run() throws {
      guard let scope = OperatorScope(rawValue: scope) else {
        throw ValidationError("--scope is read, trade or admin")
      }
      var last: CalendarDate?
      if let until {
        last = CalendarDate(iso: until)
        if last == nil { throw ValidationError("--until takes a day such as 2027-03-31") }
      }
      let today = SystemWallClock().now().indianDate
      let key: String
      do {
        let (name, last) = (name, last)
        key = try place.files().changeKeys { ring throws(Refusal) in
          try ring.add(name, scope: scope, on: today, until: last)
        }
      } catch {
        throw StartFailure(error)
      }
      print(key)
      // Beside what a script reads.
      tell("Shown this once: only its SHA-256 is kept. Send it as Authorization: Bearer KEY.\n")
    }
  }

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Shows every key's name, scope and days.")

    @OptionGroup var place: OperatorPlaceOptions

    func run() throws {
      do {
        for key in try place.files().keys().keys {
          let until = key.until.map { ", valid until \($0)" } ?? ""
          print("\(key.name): \(key.scope.rawValue), made on \(key.createdOn)\(until)")
        }
      } catch {
        throw StartFailure(error)
      }
    }
  }

  struct Revoke: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Ends a key.")

    @OptionGroup var place: OperatorPlaceOptions
    @Argument var name: String

    func run() throws {
      do {
        let name = name
        try place.files().changeKeys { ring throws(Refusal) in try ring.revoke(name) }
      } catch {
        throw StartFailure(error)
      }
    }
  }
}

/// The password that a person signs in to the page with.
struct PasswordCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "password", abstract: "The password of the page: set or removed.",
    subcommands: [Set.self, Remove.self])

  struct Set: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Asks for a password, or reads one line of standard input; ends all sessions that had the old one.")

    @OptionGroup var place: OperatorPlaceOptions

    func run() throws {
      let isTerminal = isatty(STDIN_FILENO) == 1
      let text = try PasswordCommand.line(asking: "Password: ", isTerminal)
      guard (PasswordHash.shortest...PasswordHash.longest).contains(text.utf8.count) else {
        throw ValidationError("a password has \(PasswordHash.shortest) to \(PasswordHash.longest) bytes")
      }
      if isTerminal, try PasswordCommand.line(asking: "Once more: ", true) != text {
        throw ValidationError("that was another one")
      }
      do {
        try place.files().setPassword(try PasswordHash(Secret(text)))
      } catch {
        throw StartFailure(error)
      }
    }
  }

  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Leaves the operator's token as the only way in.")

    @OptionGroup var place: OperatorPlaceOptions

    func run() throws {
      do { try place.files().removePassword() } catch { throw StartFailure(error) }
    }
  }

  /// A line that the terminal does not show.
  fileprivate static func line(asking question: String, _ isTerminal: Bool) throws -> String {
    var shown = termios()
    if isTerminal {
      tell(question)
      guard unsafe tcgetattr(STDIN_FILENO, &shown) == 0 else {
        throw ValidationError("the terminal cannot be kept from showing it")
      }
      var hidden = shown
      hidden.c_lflag &= ~tcflag_t(ECHO)
      guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) == 0 else {
        throw ValidationError("the terminal cannot be kept from showing it")
      }
    }
    let text = readLine()
    if isTerminal {
      _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown)
      tell("\n")
    }
    guard let text else { throw ValidationError("there was no password") }
    return text
  }
}

/// Says something to whoever sits there.
private func tell(_ text: String) {
  let bytes = Array(text.utf8)
  _ = unsafe bytes.withUnsafeBytes { unsafe write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
