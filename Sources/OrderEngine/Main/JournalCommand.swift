import ArgumentParser
import Glibc
import OrderDomain
import OrderEngine

/// Looks at the journal, also while an engine runs on it. Nothing here changes anything.
struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal", abstract: "Verifies, shows and exports the journal; changes nothing.",
    subcommands: [Verify.self, Show.self, Export.self])

  struct Place: ParsableArguments {
    @Option(name: .long, help: "Directory of the journal; otherwise DATA_DIR, otherwise data.")
    var dataDir: String?

    func open() throws -> JournalInspection {
      let environment = unsafe getenv("DATA_DIR").map { unsafe String(cString: $0) } ?? ""
      let path = dataDir ?? (environment.isEmpty ? "data" : environment)
      do {
        return try JournalInspection(path: path)
      } catch {
        throw StartFailure(error)
      }
    }
  }

  struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Reads every record and every snapshot; says what is damaged, and where, with exit status 1.")

    @OptionGroup var place: Place
    @Flag(help: "One JSON object.") var json = false

    func run() throws {
      let verdict: JournalVerdict
      let inspection = try place.open()
      do { verdict = try inspection.verify() } catch { throw StartFailure(error) }
      var output = StandardOutput()
      output.write(json ? verdict.json + [0x0A] : Array(verdict.words.utf8))
      output.flush()
      if !verdict.isGood { throw ExitCode(1) }
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints records in words.")

    @OptionGroup var place: Place
    @Option(help: "Only what concerns this alert.") var alert: String?
    @Option(help: "Only the last so many.") var last: Int?
    @Option(help: "Only from this sequence on.") var from: UInt64 = 0
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws {
      var filter = JournalInspection.Filter(from: from, last: last)
      if let alert {
        guard let identity = AlertIdentity(alert) else {
          throw ValidationError("\"\(alert)\" is no alert's id: those have 26 letters and digits")
        }
        filter.alert = identity
      }
      if let last, !(1...JournalInspection.lastLimit).contains(last) {
        throw ValidationError("--last takes 1 to \(JournalInspection.lastLimit)")
      }
      try JournalCommand.print(place, filter, asJSON: json)
    }
  }

  struct Export: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Writes every record as one JSON object a line, without secrets.")

    @OptionGroup var place: Place

    func run() throws { try JournalCommand.print(place, JournalInspection.Filter(), asJSON: true) }
  }

  private static func print(_ place: Place, _ filter: JournalInspection.Filter, asJSON: Bool) throws {
    let inspection = try place.open()
    var output = StandardOutput()
    defer { output.flush() }
    do {
      try inspection.lines(filter, asJSON: asJSON) { line in
        output.write(line)
        output.write([0x0A])
      }
    } catch {
      throw StartFailure(error)
    }
  }
}

/// Standard output in pieces of 64 KiB.
private struct StandardOutput {
  private var buffer: [UInt8] = []

  mutating func write(_ bytes: [UInt8]) {
    buffer += bytes
    if buffer.count >= 64 * 1024 { flush() }
  }

  mutating func flush() {
    var written = 0
    while written < buffer.count {
      let count = unsafe buffer.withUnsafeBytes { bytes in
        unsafe Glibc.write(STDOUT_FILENO, bytes.baseAddress?.advanced(by: written), bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      // Whoever reads has gone: `journal show | head` is no failure.
      if count <= 0 { break }
      written += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
