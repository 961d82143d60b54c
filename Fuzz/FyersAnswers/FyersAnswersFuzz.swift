/// Tries every reader of Fyers's answers on any bytes under any status: none traps; an order is accepted, or refused by
/// its body, only when the body is whole JSON; an accepted number stands in the body behind its name; a change is taken
/// only of the order that was meant; and no read gives anything under a status that refuses.
///
/// The first byte of the input chooses the status, the rest is the body.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzFyersAnswers(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 0 else { return 0 }
  let input = UnsafeBufferPointer(start: data, count: count)
  let statuses = [200, 200, 200, 201, 202, 204, 302, 400, 400, 401, 403, 404, 408, 429, 500, 502, 103, 0]
  let status = statuses[Int(input[0]) % statuses.count]
  let body = Array(input.dropFirst())
  let answer = BrokerAnswer(status: status, retryAfter: status == 429 ? text(body) : nil, body: body)
  let now = Timestamp(nanoseconds: 1_795_491_900_000_000_000)
  let isWhole = isJSON(body)

  for outcome in [FyersAnswers.placement(answer, now: now)] + FyersAnswers.slices(answer, now: now)
    + FyersAnswers.batch(answer, count: 2, now: now)
  {
    switch outcome {
    case .accepted(let id):
      precondition((200..<300).contains(status) && isWhole, "accepted without a whole object under 2xx")
      precondition(isNamed("id", id.text, in: body), "a number that the body does not give")
    case .rejected(let refusal, let id):
      precondition((200..<500).contains(status) && isWhole, "rejected without a whole object")
      if let id { precondition(isNamed("id", id.text, in: body), "a number that the body does not give") }
      check(refusal)
    case .tokenRefused(let refusal):
      precondition(status == 401 || isWhole, "a token refused by nobody")
      check(refusal)
    case .rateLimited(let retryAfter):
      precondition(status == 429 || isWhole, "a rate limit by nobody")
      precondition(retryAfter.map { (.zero...RetryAfter.limit).contains($0) } ?? true)
    case .unknown(let refusal): check(refusal)
    case .notSent, .denied: preconditionFailure("an answer is no sending")
    }
  }
  guard let id = BrokerOrderID("25120400000372") else { return 0 }
  if case .requested = FyersAnswers.change(answer, of: id, now: now) {
    precondition((200..<300).contains(status) && isWhole && isNamed("id", id.text, in: body))
  }
  reads(answer, status, isWhole, now)
  if case .order = FyersUpdates.read(body) { precondition(isWhole, "news from a cut message") }
  return 0
}

private func reads(_ answer: BrokerAnswer, _ status: Int, _ isWhole: Bool, _ now: Timestamp) {
  func check<Value>(_ read: (BrokerAnswer, Timestamp) throws(BrokerReadFailure) -> Value) {
    do throws(BrokerReadFailure) {
      _ = try read(answer, now)
      precondition(isWhole && (200..<300).contains(status), "read from a failure")
    } catch {
      precondition(!error.refusal.code.isEmpty)
    }
  }
  check(FyersBooks.orders)
  check(FyersBooks.order)
  check(FyersBooks.trades)
  check(FyersBooks.positions)
  check(FyersBooks.holdings)
  check(FyersAccountAnswers.funds)
  check(FyersAccountAnswers.margin)
  check(FyersAccountAnswers.profile)
  check { answer, now throws(BrokerReadFailure) in try FyersAccountAnswers.quotes(answer, for: [], now: now) }
}

private func check(_ refusal: Refusal) {
  precondition(refusal.code.contains(".") && !refusal.cause.isEmpty && !refusal.fix.isEmpty)
  precondition(refusal.cause.count < 1_200, "words without a limit")
}

private func isJSON(_ body: [UInt8]) -> Bool {
  var scanner = JSONScanner(body.span)
  do throws(JSONError) {
    try scanner.skipValue()
    try scanner.finish()
    return true
  } catch {
    return false
  }
}

/// Whether `"name" : "value"` or `"name" : value` stands in the body; escapes aside, which a number needs none of.
private func isNamed(_ name: String, _ value: String, in body: [UInt8]) -> Bool {
  let text = text(body)
  return text.contains("\\u") || (text.contains("\"\(name)\"") && text.contains(value))
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
