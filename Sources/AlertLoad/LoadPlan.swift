/// What is asked of a server: so many alerts, each due at its own moment, whatever the server does.
struct LoadPlan: Sendable {
  enum Arrival: Equatable, Sendable {
    /// So many a second, evenly spaced: an open loop. A server that stalls is charged for every alert that waited.
    case rate(Int)
    /// All at once.
    case burst
  }

  let arrival: Arrival
  let alertCount: Int
  /// The first of them, which warm the server up and stand in no figure.
  let warmUpCount: Int
  let connectionCount: Int
  /// Nanoseconds after the last due moment; what is unanswered then has failed.
  let patience: Int64

  /// One request at once.
  static let probe = LoadPlan(
    arrival: .burst, alertCount: 1, warmUpCount: 0, connectionCount: 1, patience: 1_000_000_000)

  /// When the alert is due, in nanoseconds from the start.
  func due(_ alert: Int) -> Int64 {
    switch arrival {
    case .burst: 0
    case .rate(let rate): Int64(alert) * 1_000_000_000 / Int64(rate)
    }
  }

  /// When the run is over, whatever is missing.
  var end: Int64 { due(alertCount - 1) + patience }
}

/// One alert's request with the places of its number, which makes each alert another one.
struct AlertTemplate: Sendable {
  /// Stands in a body for a number of seven digits that no other alert of the run has.
  static let placeholder = "@@SEQ@@"
  static let digitCount = placeholder.utf8.count
  /// The number of the run's first alert.
  static let firstNumber = 1_000_000
  static let alertLimit = 9_000_000

  private let request: [UInt8]
  private let places: [Int]

  init(host: String, path: String, body: String) {
    let head =
      "POST \(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
    let request = Array((head + body).utf8)
    let placeholder = Array(AlertTemplate.placeholder.utf8)
    var places: [Int] = []
    var index = head.utf8.count
    while index + placeholder.count <= request.count {
      if request[index..<index + placeholder.count].elementsEqual(placeholder) {
        places.append(index)
        index += placeholder.count
      } else {
        index += 1
      }
    }
    self.request = request
    self.places = places
  }

  /// A request that is no alert.
  init(host: String, getting path: String) {
    request = Array("GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\r\n".utf8)
    places = []
  }

  /// Whether each alert differs from every other: else all but the first are duplicates.
  var isNumbered: Bool { !places.isEmpty }

  func request(of alert: Int) -> [UInt8] {
    var bytes = request
    for place in places {
      var rest = AlertTemplate.firstNumber + alert
      for index in stride(from: place + AlertTemplate.digitCount - 1, through: place, by: -1) {
        bytes[index] = UInt8(ascii: "0") + UInt8(rest % 10)
        rest /= 10
      }
    }
    return bytes
  }
}
