import HTTP
import Testing

@testable import OrderEngine

@Suite("Every address of the operator has its scope, and what is not in the table is at no address")
struct OperatorPlaceTests {
  @Test(
    arguments: [
      ("GET", "", OperatorScope.read), ("GET", "dashboard.js", .read), ("GET", "events", .read),
      ("GET", "metrics", .read), ("GET", "api/v1/alerts", .read), ("GET", "api/v1/alerts/X", .read),
      ("HEAD", "api/v1/orders", .read), ("GET", "api/v1/keys", .admin), ("GET", "api/v1/session", .read),
      ("POST", "api/v1/keys/reload", .admin), ("POST", "api/v1/orders/X/resolve", .trade),
      ("POST", "api/v1/breakers/paper/entries", .trade), ("POST", "logout", .read),
      ("GET", "api/v1/notifications", .read), ("POST", "api/v1/notifications/test", .admin),
    ])
  func `the table says who may`(method: String, path: String, scope: OperatorScope) throws {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let place = try #require(
      OperatorPlace(method == "GET" ? .get : method == "HEAD" ? .head : .post, segments))
    #expect(place.scope == scope)
  }

  @Test(
    arguments: [
      "api", "api/v1", "api/v2/orders", "api/v1/orders/", "api/v1/orders/X/resolve", "api/v1/keys/reload", "logout",
      "Events", "events/", "dashboard", "api/v1/alerts/X/Y",
    ])
  func `nothing else is read`(path: String) {
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    #expect(OperatorPlace(.get, segments) == nil)
  }

  @Test func `reading never changes, changing never reads, and other methods do nothing`() {
    #expect(OperatorPlace(.post, ["api", "v1", "orders"]) == nil)
    #expect(OperatorPlace(.post, [""]) == nil)
    #expect(OperatorPlace(.put, ["api", "v1", "orders"]) == nil)
    #expect(OperatorPlace(.delete, ["api", "v1", "keys"]) == nil)
  }
}
