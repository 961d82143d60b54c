/// The figures of a run: for a person, for a table calculation, and as a picture.
struct LoadReport {
  let plan: LoadPlan
  let result: LoadResult
  /// What the engine says of itself, where it was asked.
  var stages: StageTable?

  private var series: [(name: String, latencies: Latencies)] {
    let all = [
      ("due to answer", result.answers), ("sent to answer", result.service), ("due to wire", result.wire),
      ("first to last order", result.spread),
    ]
    return all.filter { $0.1.count > 0 }
  }

  // MARK: For a person

  var text: String {
    var lines: [String] = []
    let seconds = Double(result.duration) / 1e9
    let perSecond = seconds > 0 ? Int((Double(result.acceptedCount + plan.warmUpCount) / seconds).rounded()) : 0
    switch plan.arrival {
    case .burst: lines.append("\(plan.alertCount) alerts at once over \(plan.connectionCount) connections")
    case .rate(let rate):
      lines.append("\(rate) alerts a second over \(plan.connectionCount) connections, \(plan.alertCount) in all")
    }
    lines.append("last answer after \(LoadReport.fixed(seconds * 1e3, 1)) ms, \(perSecond) a second")
    if let security = result.security {
      lines.append(
        "\(security): \(result.handshakeCount) handshakes, none of them in the figures; \(result.answers.count) alerts "
          + "over the connections that they made")
    }
    let statuses = result.statuses.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    lines.append(
      "answers \(statuses.joined(separator: ", ")); unanswered \(result.unansweredCount), broken \(result.brokenCount)")
    if result.wire.count > 0 {
      lines.append(
        "orders \(result.orderCount); alerts with too many \(result.doubledCount), with too few \(result.lostCount)")
    }
    lines.append("")
    let names = Latencies.percentiles.map { $0 == 100 ? "max" : "p\(LoadReport.short($0))" }
    lines.append(LoadReport.row("microseconds", names))
    for (name, latencies) in series {
      let values = Latencies.percentiles.map { LoadReport.fixed(Double(latencies.value(at: $0)) / 1e3, 1) }
      lines.append(LoadReport.row(name, values))
    }
    for (name, microseconds) in stages?.rows(at: LoadReport.stagePercentiles) ?? [] {
      lines.append(LoadReport.row("stage " + name, microseconds.map { LoadReport.fixed($0, 1) }))
    }
    return lines.joined(separator: "\n")
  }

  /// Those of the other rows as far as the engine's steps tell them apart.
  private static let stagePercentiles = Latencies.percentiles.filter { $0 <= 99.9 }

  private static func row(_ name: String, _ cells: [String]) -> String {
    let padded = cells.map { String(repeating: " ", count: max(1, 11 - $0.count)) + $0 }
    return name + String(repeating: " ", count: max(1, 20 - name.count)) + padded.joined()
  }

  private static func short(_ percentile: Double) -> String {
    percentile == percentile.rounded() ? "\(Int(percentile))" : "\(percentile)"
  }

  static func fixed(_ value: Double, _ digits: Int) -> String {
    let scale = digits == 1 ? 10.0 : 100.0
    let scaled = Int((value * scale).rounded())
    return "\(scaled / Int(scale)).\(String(scaled % Int(scale) + Int(scale)).dropFirst())"
  }

  // MARK: For others

  var csv: String {
    var lines = ["series,percentile,microseconds"]
    for (name, latencies) in series {
      for percentile in LoadReport.curve {
        lines.append("\(name),\(percentile),\(LoadReport.fixed(Double(latencies.value(at: percentile)) / 1e3, 1))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Each step halves what is left above it, as far as the figures go.
  private static let curve: [Double] = (0...16).map { 100 - 100 / Double(1 << $0) }

  /// Latency over percentile, both logarithmic: the tail is what matters.
  var svg: String {
    let (width, height, left, bottom) = (720.0, 400.0, 70.0, 40.0)
    let top = Double(max(1_000, series.map { $0.latencies.value(at: 100) }.max() ?? 1_000))
    let decades = LoadReport.logarithm(top / 1_000)
    func x(_ index: Int) -> Double { left + (width - left - 150) * Double(index) / Double(LoadReport.curve.count - 1) }
    func y(_ nanoseconds: UInt64) -> Double {
      let level = LoadReport.logarithm(max(1, Double(nanoseconds) / 1_000)) / max(decades, 1)
      return height - bottom - (height - bottom - 20) * level
    }
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Int(width)) \#(Int(height))" font-family="sans-serif" font-size="11">"#,
      #"<rect width="100%" height="100%" fill="white"/>"#,
    ]
    for power in 0...Int(decades.rounded(.up)) {
      let value = (0..<power).reduce(UInt64(1_000)) { value, _ in value * 10 }
      let height = LoadReport.fixed(y(value), 1)
      lines.append(##"<path d="M\##(left) \##(height)H\##(width - 150)" stroke="#ddd"/>"##)
      lines.append(#"<text x="\#(left - 6)" y="\#(height)" text-anchor="end">\#(LoadReport.label(value))</text>"#)
    }
    for (index, percentile) in LoadReport.curve.enumerated() where index % 3 == 1 {
      lines.append(
        #"<text x="\#(LoadReport.fixed(x(index), 1))" y="\#(height - 16)" text-anchor="middle">\#(LoadReport.trimmed(percentile))</text>"#
      )
    }
    let colours = ["#1b6ca8", "#8a8a8a", "#c0392b", "#27864a"]
    for (number, (name, latencies)) in series.enumerated() {
      let points = LoadReport.curve.indices.map {
        "\(LoadReport.fixed(x($0), 1)),\(LoadReport.fixed(y(latencies.value(at: LoadReport.curve[$0])), 1))"
      }
      let colour = colours[number % colours.count]
      lines.append(
        #"<polyline points="\#(points.joined(separator: " "))" fill="none" stroke="\#(colour)" stroke-width="2"/>"#)
      lines.append(#"<text x="\#(width - 140)" y="\#(30 + 18 * number)" fill="\#(colour)">\#(name)</text>"#)
    }
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func label(_ nanoseconds: UInt64) -> String {
    switch nanoseconds {
    case ..<1_000_000: "\(nanoseconds / 1_000) µs"
    case ..<1_000_000_000: "\(nanoseconds / 1_000_000) ms"
    default: "\(nanoseconds / 1_000_000_000) s"
    }
  }

  private static func trimmed(_ percentile: Double) -> String { "p" + fixed(percentile, 2) }

  /// To base 10, exact enough for a picture.
  private static func logarithm(_ value: Double) -> Double {
    var (rest, whole) = (value, 0.0)
    while rest >= 10 {
      rest /= 10
      whole += 1
    }
    // Between two decades by halving the interval.
    var (low, high) = (0.0, 1.0)
    var (lowValue, highValue) = (1.0, 10.0)
    for _ in 0..<20 {
      let middleValue = (lowValue * highValue).squareRoot()
      if rest < middleValue {
        (high, highValue) = ((low + high) / 2, middleValue)
      } else {
        (low, lowValue) = ((low + high) / 2, middleValue)
      }
    }
    return whole + low
  }
}
