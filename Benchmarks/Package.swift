// swift-tools-version: 6.2
import PackageDescription

/// The engine shows its `package` declarations to modules of its own package name, which SwiftPM makes of the folder that
/// the package lies in. These targets take that name instead of one of their own.
let enginePackageName: String = {
  let folders = Context.packageDirectory.split(separator: "/")
  let name = folders.dropLast().last ?? "order-engine"
  let letters = name.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" }
  return String(letters.first?.isNumber == true ? ["_"] + letters.dropFirst() : letters)
}()

let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableExperimentalFeature("Lifetimes"),
]

let package = Package(
  name: "order-engine-benchmarks",
  dependencies: [
    .package(name: "order-engine", path: ".."),
    // Without its traits: what it counts allocations with is not needed, CAllocationCounter does that.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .target(name: "CAllocationCounter"),
    .target(
      name: "Trials",
      dependencies: ["CAllocationCounter", .product(name: "EngineParts", package: "order-engine")],
      packageAccess: false, swiftSettings: settings + [.unsafeFlags(["-package-name", enginePackageName])]),
    .executableTarget(name: "allocation-check", dependencies: ["Trials"], swiftSettings: settings),
    // The tool that runs it wants it in a folder of a folder that is called Benchmarks.
    .executableTarget(
      name: "Timing", dependencies: ["Trials", .product(name: "Benchmark", package: "benchmark")], path: "Timing",
      swiftSettings: settings, plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ]
)
