internal import CCurl

// What a transfer that has ended amounts to.
extension Transfer {
  /// Whether the peer may have the request.
  var reach: TransferFailure.Reach { attemptCount == 0 ? .certainlyNotSent : .perhapsSent }

  /// Asked before the next transfer begins.
  func timing() -> TransferTiming {
    var timing = TransferTiming()
    timing.nameLookup = easy.time(CURLINFO_NAMELOOKUP_TIME_T)
    timing.connected = easy.time(CURLINFO_CONNECT_TIME_T)
    timing.secured = easy.time(CURLINFO_APPCONNECT_TIME_T)
    timing.requested = easy.time(CURLINFO_PRETRANSFER_TIME_T)
    timing.firstByte = easy.time(CURLINFO_STARTTRANSFER_TIME_T)
    timing.total = waited + easy.time(CURLINFO_TOTAL_TIME_T)
    timing.isNewConnection = hasOpenedSocket
    timing.isHTTP2 = easy.number(CURLINFO_HTTP_VERSION) == Int(CURL_HTTP_VERSION_2_0)
    return timing
  }

  func outcome(_ result: CURLcode, _ timing: TransferTiming) -> TransferCall.Outcome {
    if let failure = failure(result) { return .failure(failure) }
    // libcurl calls that whole whose head ended and whose content has the promised length.
    guard status >= 200, status <= 999 else {
      return .failure(TransferFailure(.answerMalformed, reach, detail: "no final answer", curlCode: result.rawValue))
    }
    return .success(
      HTTPClientResponse(status: HTTPStatus(status), fields: fields, body: takeContent(), timing: timing))
  }

  private func failure(_ result: CURLcode) -> TransferFailure? {
    switch stop {
    case .headTooLarge:
      return TransferFailure(.answerTooLarge, reach, detail: "its head", curlCode: result.rawValue)
    case .bodyTooLarge(let limit):
      return TransferFailure(
        .answerTooLarge, reach, detail: "more than \(limit) bytes of content", curlCode: result.rawValue)
    case .headMalformed:
      return TransferFailure(.answerMalformed, reach, detail: "its head", curlCode: result.rawValue)
    case .resendPrevented:
      return TransferFailure(
        .connectionLost, reach, detail: "a kept connection broke; nothing was sent again", curlCode: result.rawValue)
    case .connectionUnsound:
      return TransferFailure(.connectFailed, reach, detail: "no kept connection is sound", curlCode: result.rawValue)
    case nil: break
    }
    if result == CURLE_OK { return nil }
    let words = easy.failureText
    return TransferFailure(
      curl: result.rawValue, attemptCount: attemptCount, detail: words.isEmpty ? CurlLibrary.text(result) : words)
  }
}
