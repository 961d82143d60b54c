import HTTP

/// Every address that is the operator's, and what it takes to be let in. What is not here is at no address: an endpoint
/// cannot be forgotten in the table, because it is reached through it.
enum OperatorPlace: CaseIterable, Sendable {
  case page, script, events, metrics
  case alerts, alert, orders, positions, accounts, breakers, limits
  case session, signOut
  case resolveOrder, setCircuit
  case keys, reloadKeys
  case configuration, reloadConfiguration
  case tokens, diagnosis, authURL, refreshToken, generateToken
  case notifications, testNotifications

  var scope: OperatorScope {
    switch self {
    case .page, .script, .events, .metrics: .read
    case .alerts, .alert, .orders, .positions, .accounts, .breakers, .limits: .read
    case .session, .signOut: .read
    case .tokens, .diagnosis, .notifications: .read
    case .refreshToken: .trade
    case .authURL, .generateToken, .testNotifications: .admin
    case .resolveOrder, .setCircuit: .trade
    case .keys, .reloadKeys, .configuration, .reloadConfiguration: .admin
    }
  }

  /// - Parameter segments: the path's, as ``HTTPRequestView/pathSegments()`` gives them.
  init?(_ method: HTTPMethod, _ segments: [String]) {
    switch method {
    case .get, .head:
      guard let place = OperatorPlace.read(segments) else { return nil }
      self = place
    case .post:
      guard let place = OperatorPlace.changed(segments) else { return nil }
      self = place
    default: return nil
    }
  }

  private static func read(_ segments: [String]) -> OperatorPlace? {
    switch segments {
    case [""]: return .page
    case ["dashboard.js"]: return .script
    case ["events"]: return .events
    case ["metrics"]: return .metrics
    case ["auth-url"]: return .authURL
    default: break
    }
    guard segments.count >= 3, segments[0] == "api", segments[1] == "v1" else { return nil }
    switch (segments[2], segments.count) {
    case ("alerts", 3): return .alerts
    case ("alerts", 4): return .alert
    case ("orders", 3): return .orders
    case ("positions", 3): return .positions
    case ("accounts", 3): return .accounts
    case ("breakers", 3): return .breakers
    case ("limits", 3): return .limits
    case ("session", 3): return .session
    case ("keys", 3): return .keys
    case ("configuration", 3): return .configuration
    case ("tokens", 3): return .tokens
    case ("diagnosis", 3): return .diagnosis
    case ("notifications", 3): return .notifications
    default: return nil
    }
  }

  private static func changed(_ segments: [String]) -> OperatorPlace? {
    switch segments {
    case ["logout"]: return .signOut
    case ["refresh-token"]: return .refreshToken
    case ["generate-token"]: return .generateToken
    default: break
    }
    guard segments.count >= 4, segments[0] == "api", segments[1] == "v1" else { return nil }
    switch (segments[2], segments[3], segments.count) {
    case ("keys", "reload", 4): return .reloadKeys
    case ("configuration", "reload", 4): return .reloadConfiguration
    case ("notifications", "test", 4): return .testNotifications
    case ("orders", _, 5): return segments[4] == "resolve" ? .resolveOrder : nil
    case ("breakers", _, 5): return .setCircuit
    default: return nil
    }
  }
}
