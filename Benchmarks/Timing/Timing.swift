import Benchmark
import Trials

/// How long does each part of an alert's way take, and how often does it allocate?
let benchmarks: @Sendable () -> Void = {
  let allocations = BenchmarkMetric.custom("Allocations", polarity: .prefersSmaller, useScalingFactor: true)
  for trial in Trial.all {
    let configuration = Benchmark.Configuration(
      metrics: [.wallClock, allocations], timeUnits: trial.count == 1 ? .automatic : .nanoseconds,
      scalingFactor: trial.count == 1 ? .one : .kilo, maxDuration: .milliseconds(500), maxIterations: 1_000)
    Benchmark(trial.name, configuration: configuration) { benchmark in
      let meter = Meter(began: { benchmark.startMeasurement() }, ended: { benchmark.stopMeasurement() })
      trial.run(meter)
      benchmark.measurement(allocations, meter.allocationCount)
    }
  }
}
