import Foundation
import Testing

/// The documentation names what the program says.
struct DocumentationTests {
  private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  @Test("every refusal's code stands in the documentation")
  func codes() throws {
    let documentation = try ["errors", "alerts", "secrets"].map {
      try String(contentsOf: Self.root.appendingPathComponent("docs/\($0).md"), encoding: .utf8)
    }.joined()
    let families = [
      "alert", "json", "symbol", "plan", "risk", "order", "auth", "limit", "bracket", "journal", "events", "config",
      "secret", "notify", "calendar",
    ]
    var missing: Set<String> = []
    let files = FileManager.default.enumerator(
      at: Self.root.appendingPathComponent("Sources"), includingPropertiesForKeys: nil)
    while let file = files?.nextObject() as? URL {
      guard file.pathExtension == "swift" else { continue }
      let text = try String(contentsOf: file, encoding: .utf8)
      for part in text.components(separatedBy: "code: \"").dropFirst() {
        let code = String(part.prefix { $0 != "\"" })
        let family = String(code.prefix { $0 != "." })
        if families.contains(family), code.contains("."), !documentation.contains("`\(code)`") { missing.insert(code) }
      }
    }
    #expect(missing == [])
  }

  @Test("the README's commands are the Makefile's")
  func commands() throws {
    let readme = try String(contentsOf: Self.root.appendingPathComponent("README.md"), encoding: .utf8)
    let makefile = try String(contentsOf: Self.root.appendingPathComponent("Makefile"), encoding: .utf8)
    for target in ["run", "test", "tsan", "asan", "help"] {
      #expect(readme.contains("make \(target)"))
      #expect(makefile.contains("\n\(target):"))
    }
  }
}
