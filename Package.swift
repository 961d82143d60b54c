// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every target: the strictest that builds together on Swift 6.3.
/// Tests may touch memory and C calls without saying `unsafe` on every line; sources may not.
let testSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableExperimentalFeature("Lifetimes"),
]

/// The modules are walls for people; the optimiser of a release build sees through them. That no two accesses to one
/// variable overlap is checked at compile time where it can be, and at run time in every debug build: all tests, the
/// simulation and the sanitizers. A release leaves the second kind out: it took a fourteenth of an alert's instructions.
let settings =
  testSettings + [
    .strictMemorySafety(),
    .unsafeFlags(
      ["-cross-module-optimization", "-enforce-exclusivity=unchecked"], .when(configuration: .release)),
  ]

let package = Package(
  name: "order-engine",
  products: [
    .executable(name: "order-engine", targets: ["order-engine"]),
    .executable(name: "broker-simulator", targets: ["broker-simulator"]),
    .executable(name: "alert-load", targets: ["alert-load"]),
    // What Benchmarks, a package of its own, drives.
    .library(
      name: "EngineParts",
      targets: ["Actors", "BrokerSimulation", "HTTP", "OrderDomain", "OrderEngine", "Ring", "TestSupport"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .systemLibrary(name: "COpenSSL", path: "Sources/COpenSSL", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CURing", path: "Sources/CURing", providers: [.apt(["liburing-dev"])]),
    .systemLibrary(name: "CCurl", path: "Sources/CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .target(name: "Ring", dependencies: ["CURing"], swiftSettings: settings),
    .target(name: "HTTP", dependencies: ["CCurl", "COpenSSL", "Ring"], swiftSettings: settings),
    .target(name: "OrderDomain", path: "Sources/OrderEngine/Domain", swiftSettings: settings),
    .target(
      name: "SimulatedExchange", dependencies: ["OrderDomain"], path: "Sources/OrderEngine/Exchange",
      swiftSettings: settings),
    .target(name: "Actors", dependencies: ["OrderDomain"], swiftSettings: settings),
    .target(
      name: "Brokers", dependencies: ["OrderDomain", .product(name: "Crypto", package: "swift-crypto")],
      path: "Sources/OrderEngine/Engine/Brokers", exclude: ["Paper", "Transport"], swiftSettings: settings),
    .target(
      name: "OrderEngine",
      dependencies: [
        "Actors", "Brokers", "HTTP", "OrderDomain", "Ring", "SimulatedExchange",
        .product(name: "Configuration", package: "swift-configuration"),
        .product(name: "Crypto", package: "swift-crypto"),
        .product(name: "CryptoExtras", package: "swift-crypto"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
      ],
      path: "Sources/OrderEngine/Engine", exclude: ["Brokers/Dhan", "Brokers/Fyers", "Brokers/Login", "Brokers/Wire"],
      swiftSettings: settings),
    .executableTarget(
      name: "order-engine",
      dependencies: [
        "OrderEngine", "OrderDomain",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Sources/OrderEngine/Main", swiftSettings: settings),
    .target(
      name: "BrokerSimulation",
      dependencies: [
        "Actors", "HTTP", "OrderDomain", "Ring", "SimulatedExchange",
        .product(name: "Crypto", package: "swift-crypto"),
      ],
      path: "Sources/BrokerSimulator/Simulation", swiftSettings: settings),
    .executableTarget(
      name: "broker-simulator",
      dependencies: [
        "BrokerSimulation", "OrderDomain", "SimulatedExchange",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "UnixSignals", package: "swift-service-lifecycle"),
      ],
      path: "Sources/BrokerSimulator/Main", swiftSettings: settings),
    .executableTarget(
      name: "alert-load",
      dependencies: [
        "HTTP", "Ring",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Histogram", package: "hdrhistogram-swift"),
      ],
      path: "Sources/AlertLoad", swiftSettings: settings),
    .testTarget(name: "AlertLoadTests", dependencies: ["HTTP", "Ring", "alert-load"], swiftSettings: testSettings),
    .testTarget(
      name: "BrokerSimulatorTests",
      dependencies: [
        "Actors", "BrokerSimulation", "HTTP", "OrderDomain", "Ring", "SimulatedExchange", "broker-simulator",
      ],
      swiftSettings: testSettings),
    .target(
      name: "TestSupport", dependencies: ["Actors", "OrderDomain"], path: "Tests/Support", swiftSettings: testSettings),
    .testTarget(name: "RingTests", dependencies: ["Ring"], swiftSettings: testSettings),
    .testTarget(
      name: "HTTPTests", dependencies: ["HTTP", "Ring"], swiftSettings: testSettings,
      // libcurl shall find the tests' own look-up of names (Support/NameLookup.swift) before the C library's.
      linkerSettings: [.unsafeFlags(["-Xlinker", "--export-dynamic-symbol=getaddrinfo"])]),
    .testTarget(name: "OrderDomainTests", dependencies: ["OrderDomain", "TestSupport"], swiftSettings: testSettings),
    .testTarget(
      name: "SimulatedExchangeTests", dependencies: ["SimulatedExchange", "OrderDomain", "TestSupport"],
      swiftSettings: testSettings),
    .testTarget(
      name: "ActorsTests", dependencies: ["Actors", "BrokerSimulation", "OrderDomain", "TestSupport"],
      swiftSettings: testSettings),
    .testTarget(
      name: "OrderEngineTests",
      dependencies: [
        "Actors", "BrokerSimulation", "Brokers", "HTTP", "OrderDomain", "OrderEngine", "Ring", "SimulatedExchange",
        "TestSupport", .product(name: "CryptoExtras", package: "swift-crypto"),
      ],
      swiftSettings: testSettings),
    .target(
      name: "EngineSimulation",
      dependencies: [
        "Actors", "BrokerSimulation", "Brokers", "HTTP", "OrderDomain", "OrderEngine", "SimulatedExchange",
      ],
      path: "Tests/Simulation", swiftSettings: testSettings),
    .executableTarget(
      name: "simulate", dependencies: ["EngineSimulation"], path: "Tests/Simulate", swiftSettings: testSettings),
    .testTarget(name: "SimulationTests", dependencies: ["EngineSimulation"], swiftSettings: testSettings),
    .testTarget(
      name: "BrokersTests", dependencies: ["Brokers", "OrderDomain", "TestSupport"], swiftSettings: testSettings),
    .testTarget(
      name: "ProcessTests",
      dependencies: ["broker-simulator", "order-engine", .product(name: "Crypto", package: "swift-crypto")],
      swiftSettings: testSettings),
  ]
)
