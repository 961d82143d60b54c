import Crypto
import Foundation
import Testing

/// Who may post alerts: by secret, by signature, from where, and how often he may guess.
@Suite(.timeLimit(.minutes(3)))
struct WebhookDoorTests {
  private func signature(_ key: String, _ timestamp: String, _ body: String) -> [String: String] {
    let code = HMAC<SHA256>.authenticationCode(
      for: Data("\(timestamp).\(body)".utf8), using: SymmetricKey(data: Data(key.utf8)))
    return ["X-Timestamp": timestamp, "X-Signature": code.map { String(format: "%02x", $0) }.joined()]
  }

  private var now: String { "\(Int(Date().timeIntervalSince1970))" }
  private let body = AlertBodies.market("", quantity: "1", id: "signed")

  // MARK: Signatures

  @Test func `a signed alert needs no secret, and a signature lets in one alert only`() throws {
    let engine = try EngineProcess(environment: ["WEBHOOK_HMAC_SECRET": "a key", "WEBHOOK_AUTH": "hmac"])
    let client = try RawClient(port: engine.port)
    let signed = signature("a key", now, body)
    let first = try client.post("/webhook", body, fields: signed)
    #expect(first.status == 200, "\(first.body)")
    // The answer was lost, and the relay sends its request again.
    let again = try client.post("/webhook", body, fields: signed)
    #expect(again.status == 200)
    #expect(again.json["status"] as? String == "duplicate")
    #expect(again.json["alert_id"] as? String == first.json["alert_id"] as? String)
    // Somebody has got hold of it, and sends it as another alert.
    let stolen = try client.post("/webhook", body, fields: signed.merging(["Idempotency-Key": "x"]) { $1 })
    #expect(stolen.errorCodes == ["auth.replayed"])
    #expect(try client.post("/webhook/other", body, fields: signed).errorCodes == ["auth.replayed"])
    #expect(try orderCount(engine) == 1)
    #expect(try client.post("/webhook", AlertBodies.market(engine.secret)).errorCodes == ["auth.wrongSignature"])
  }

  @Test func `a signature that let an alert in lets no other in after a restart either`() throws {
    let environment = ["WEBHOOK_HMAC_SECRET": "a key", "WEBHOOK_AUTH": "hmac"]
    var engine = try EngineProcess(environment: environment)
    let signed = signature("a key", now, body).merging(["Idempotency-Key": "one"]) { $1 }
    #expect(try RawClient(port: engine.port).post("/webhook", body, fields: signed).status == 200)
    engine.killAtOnce()
    engine = try EngineProcess(directory: engine.directory, environment: environment)
    let client = try RawClient(port: engine.port)
    let repeated = try client.post("/webhook", body, fields: signed)
    #expect(repeated.status == 200 && repeated.json["status"] as? String == "duplicate", "\(repeated.body)")
    let stolen = try client.post("/webhook", body, fields: signed.merging(["Idempotency-Key": "two"]) { $1 })
    #expect(stolen.errorCodes == ["auth.replayed"])
    #expect(try orderCount(engine) == 1)
  }

  @Test func `an alert that was refused does not use its signature up`() throws {
    let engine = try EngineProcess(environment: ["WEBHOOK_HMAC_SECRET": "a key"])
    let client = try RawClient(port: engine.port)
    let bad = AlertBodies.market("", symbol: "NOSUCH")
    let signed = signature("a key", now, bad)
    for _ in 0..<2 { #expect(try client.post("/webhook", bad, fields: signed).errorCodes == ["symbol.notFound"]) }
  }

  @Test func `either, both, or a key of before: as the settings say`() throws {
    let either = try EngineProcess(environment: ["WEBHOOK_HMAC_SECRET": "new", "WEBHOOK_HMAC_SECRET_OLD": "old"])
    var client = try RawClient(port: either.port)
    #expect(try client.post("/webhook", AlertBodies.market(either.secret, id: "a")).status == 200)
    for key in ["new", "old"] {
      let body = AlertBodies.market("", quantity: "1", id: key)
      #expect(try client.post("/webhook", body, fields: signature(key, now, body)).status == 200)
    }
    let good = AlertBodies.market(either.secret, id: "b")
    #expect(try client.post("/webhook", good, fields: signature("other", now, good)).status == 401)
    let old = "\(Int(Date().timeIntervalSince1970) - 400)"
    #expect(
      try client.post("/webhook", good, fields: signature("new", old, good)).errorCodes == ["auth.signatureExpired"])

    let both = try EngineProcess(environment: ["WEBHOOK_HMAC_SECRET": "new", "WEBHOOK_AUTH": "both"])
    client = try RawClient(port: both.port)
    #expect(try client.post("/webhook", AlertBodies.market(both.secret)).errorCodes == ["auth.wrongSignature"])
    #expect(try client.post("/webhook", body, fields: signature("new", now, body)).errorCodes == ["auth.wrongSecret"])
    let whole = AlertBodies.market(both.secret)
    #expect(try client.post("/webhook", whole, fields: signature("new", now, whole)).status == 200)
  }

  // MARK: The secret in the address

  @Test func `a secret in the address opens, and is written down nowhere`() throws {
    let engine = try EngineProcess(environment: ["LOG_LEVEL": "trace", "WEBHOOK_SECRET": "address-secret-0123456789"])
    let client = try RawClient(port: engine.port)
    let secret = "address-secret-0123456789"
    let first = try client.post("/webhook/secret/\(secret)", AlertBodies.market("", id: "a"))
    #expect(first.status == 200, "\(first.body)")
    let named = try client.post("/webhook/secret/\(secret)/breakout", AlertBodies.market("", id: "b"))
    #expect(named.json["strategy"] as? String == "breakout")
    #expect(
      try client.post("/webhook/secret/wrong", AlertBodies.market("", id: "c")).errorCodes == ["auth.wrongSecret"])
    // A strategy may be called so; then the secret is in the body.
    #expect(
      try client.post("/webhook/secret", AlertBodies.market(secret, id: "d")).json["strategy"] as? String == "secret")
    #expect(try client.post("/webhook/\(secret)/x", AlertBodies.market("", id: "e")).status == 404)
    let shown =
      try client.get("/api/v1/alerts", token: engine.operatorToken).body
      + client.get("/metrics", token: engine.operatorToken).body
    engine.stop()
    let files = try FileManager.default.contentsOfDirectory(atPath: engine.directory)
    for file in files {
      let data = FileManager.default.contents(atPath: engine.directory + "/" + file)
      #expect(data?.range(of: Data(secret.utf8)) == nil, "\(file)")
    }
    #expect(!shown.contains(secret) && !engine.log.contains(secret))
  }

  // MARK: Addresses

  @Test func `alerts come from the addresses that are named, and from no other`() throws {
    let engine = try EngineProcess(environment: ["WEBHOOK_ALLOWED_ADDRESSES": "127.0.0.2,10.0.0.0/8"])
    let stranger = try RawClient(port: engine.port).post("/webhook", AlertBodies.market(engine.secret))
    #expect(stranger.status == 403)
    #expect(stranger.errorCodes == ["auth.addressNotAllowed"])
    // Whoever is no trusted proxy is not believed.
    #expect(
      try RawClient(port: engine.port).post(
        "/webhook", AlertBodies.market(engine.secret), fields: ["X-Forwarded-For": "127.0.0.2"]
      ).status == 403)
    let named = try RawClient(port: engine.port, host: 2)
    #expect(try named.post("/webhook", AlertBodies.market(engine.secret)).status == 200)
    // The operator's door is not the webhook's.
    let metrics = try RawClient(port: engine.port).get("/metrics", token: engine.operatorToken).body
    #expect(metrics.contains("turned_away_total{door=\"webhook\",reason=\"address_not_allowed\"} 2\n"), "\(metrics)")
  }

  @Test func `behind a trusted proxy its caller counts, not what he wrote himself`() throws {
    let engine = try EngineProcess(
      environment: ["TRUSTED_PROXIES": "127.0.0.1", "WEBHOOK_ALLOWED_ADDRESSES": "tradingview"])
    let client = try RawClient(port: engine.port)
    func post(_ forwarded: String?, id: String) throws -> Int {
      try client.post(
        "/webhook", AlertBodies.market(engine.secret, id: id),
        fields: forwarded.map { ["X-Forwarded-For": $0] } ?? [:]
      ).status
    }
    #expect(try post("52.89.214.238", id: "a") == 200)
    #expect(try post("192.0.2.1, 52.89.214.238", id: "b") == 200)
    #expect(try post("52.89.214.238, 192.0.2.1", id: "c") == 403)
    #expect(try post("unknown", id: "d") == 403)
    #expect(try post(nil, id: "e") == 403)
  }

  // MARK: Guessing

  @Test func `a stranger behind TradingView's or a proxy's address locks nobody out`() throws {
    let engine = try EngineProcess(environment: ["TRUSTED_PROXIES": "127.0.0.1", "WEBHOOK_RATE_LIMIT": "8/60s"])
    let client = try RawClient(port: engine.port)
    func post(_ secret: String, from address: String, id: String) throws -> Int {
      try client.post("/webhook", AlertBodies.market(secret, id: id), fields: ["X-Forwarded-For": address]).status
    }
    for number in 0..<20 { #expect(try post("wrong", from: "52.89.214.238", id: "\(number)") == 401) }
    #expect(try post(engine.secret, from: "52.89.214.238", id: "mine") == 200)
    for _ in 0..<5 { #expect(try post("wrong", from: "192.0.2.1", id: "x") == 401) }
    #expect(try post(engine.secret, from: "192.0.2.1", id: "locked") == 429)
    #expect(try post(engine.secret, from: "192.0.2.2", id: "free") == 200)
    for _ in 0..<20 { #expect(try post("wrong", from: "nonsense", id: "y") == 401) }
    #expect(try post(engine.secret, from: "192.0.2.3", id: "free too") == 200)
  }

  @Test func `who is turned away is counted, and told of once in a while without what he offered`() throws {
    let engine = try EngineProcess()
    for host in UInt8(2)..<6 {
      for _ in 0..<3 {
        let client = try RawClient(port: engine.port, host: host)
        #expect(try client.post("/webhook", AlertBodies.market("my-wrong-guess")).status == 401)
      }
    }
    let metrics = try RawClient(port: engine.port).get("/metrics", token: engine.operatorToken).body
    #expect(metrics.contains("turned_away_total{door=\"webhook\",reason=\"wrong_secret\"} 12\n"))
    engine.stop()
    #expect(engine.log.components(separatedBy: "auth.turnedAway").count == 2)
    #expect(!engine.log.contains("my-wrong-guess"))
  }
}
