/// What the engine itself says of its stages, read from its metrics before and after a run.
struct StageTable {
  private struct Stage {
    var name: String
    /// Upper limits in seconds as the engine wrote them, and how many took no longer.
    var buckets: [(limit: Double, count: Double)] = []
  }

  private static let metric = "order_engine_alert_stage_seconds_bucket{stage=\""
  private var stages: [Stage] = []

  /// Reads Prometheus' text format; lines of other metrics are passed over.
  init(metrics: String) {
    for line in metrics.split(separator: "\n") where line.hasPrefix(StageTable.metric) {
      let parts = line.dropFirst(StageTable.metric.count).split(separator: "\"")
      // planned",le="0.001"} 17
      guard parts.count == 4, let count = Double(parts[3].dropFirst(2)) else { continue }
      let (name, limit) = (String(parts[0]), parts[2] == "+Inf" ? .infinity : Double(parts[2]) ?? .infinity)
      if stages.last?.name != name { stages.append(Stage(name: name)) }
      stages[stages.count - 1].buckets.append((limit, count))
    }
  }

  /// What came since `before`.
  func since(_ before: StageTable) -> StageTable {
    var difference = self
    for stage in stages.indices where before.stages.indices.contains(stage) {
      for bucket in stages[stage].buckets.indices where before.stages[stage].buckets.indices.contains(bucket) {
        difference.stages[stage].buckets[bucket].count -= before.stages[stage].buckets[bucket].count
      }
    }
    return difference
  }

  /// By stage, in microseconds, interpolated within the engine's steps; stages without a figure are left out.
  func rows(at percentiles: [Double]) -> [(name: String, microseconds: [Double])] {
    stages.compactMap { stage in
      guard let total = stage.buckets.last?.count, total > 0 else { return nil }
      return (stage.name, percentiles.map { StageTable.value(at: $0 / 100 * total, in: stage.buckets) * 1e6 })
    }
  }

  private static func value(at rank: Double, in buckets: [(limit: Double, count: Double)]) -> Double {
    var (below, lower) = (0.0, 0.0)
    for (limit, count) in buckets {
      if count >= rank, count > below {
        return limit.isFinite ? lower + (limit - lower) * (rank - below) / (count - below) : lower
      }
      (below, lower) = (count, limit.isFinite ? limit : lower)
    }
    return lower
  }
}
