package import OrderDomain

/// An alert as it came through the door, before anything of it is believed.
package struct AlertDelivery: Sendable {
  package var body: [UInt8]
  package var idempotencyKey: String?
  /// From `X-Webhook-Secret`, or from the address.
  package var headerSecret: Secret?
  /// From `X-Signature` and `X-Timestamp`.
  package var signature: WebhookSignature?
  /// From `/webhook/{strategy}`.
  package var strategy: String?
  /// Who sent it, for limits.
  package var caller: Caller
  package var requestID: UInt64
  /// How long the answer may wait for the legs' outcomes; 0 answers as soon as the alert is durable.
  package var waitMilliseconds: Int64

  package init(
    body: [UInt8], idempotencyKey: String?, headerSecret: Secret?, strategy: String?, sender: SenderAddress,
    requestID: UInt64, waitMilliseconds: Int64
  ) {
    self.body = body
    self.idempotencyKey = idempotencyKey
    self.headerSecret = headerSecret
    self.strategy = strategy
    caller = Caller(sender)
    self.requestID = requestID
    self.waitMilliseconds = waitMilliseconds
  }
}

/// What the sender is told.
package struct EngineReply: Sendable {
  package let status: UInt16
  package let body: [UInt8]
  package var retryAfterSeconds: Int64?

  package init(status: UInt16, body: [UInt8], retryAfterSeconds: Int64? = nil) {
    self.status = status
    self.body = body
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// The shape of every error: the first refusal under `error`, all of them under `errors` when there are several.
  package static func refused(
    _ status: UInt16, _ refusals: [Refusal], retryAfterSeconds: Int64? = nil
  ) -> EngineReply {
    var json = JSONWriter()
    json.object { json in
      json.string("status", "refused")
      if let first = refusals.first { first.write("error", to: &json) }
      if refusals.count > 1 {
        json.array("errors") { json in for refusal in refusals { refusal.write(nil, to: &json) } }
      }
    }
    return EngineReply(status: status, body: json.bytes, retryAfterSeconds: retryAfterSeconds)
  }
}
