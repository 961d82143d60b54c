import HTTP
import Ring

/// Posts news of orders to whom the clients said, one after another, as the brokers do: no signature, no second try, and
/// an address that fails three times in a row is left alone for half an hour. The loop's thread alone.
final class Postman: @unchecked Sendable {
  /// FYERS API v3, postback: what it takes to be left alone, and for how long. Dhan says nothing of it.
  private static let failureLimit = 3
  private static let rest = Duration.seconds(1_800)
  /// Posts that may wait for one address; later ones are lost.
  private static let waitingLimit = 10_000

  private struct Box {
    var waiting: [[UInt8]] = []
    var isBusy = false
    var failureCount = 0
    var restsUntil: LoopClock.Instant?
  }

  private let loop: EventLoop
  private var client: HTTPClient?
  private var boxes: [String: Box] = [:]
  private var isClosed = false

  init(loop: EventLoop) { self.loop = loop }

  func close() {
    isClosed = true
    client?.close()
    client = nil
  }

  func post(_ body: [UInt8], to address: String) {
    guard !isClosed, boxes[address, default: Box()].waiting.count < Postman.waitingLimit else { return }
    boxes[address, default: Box()].waiting.append(body)
    sendNext(to: address)
  }

  private func sendNext(to address: String) {
    guard var box = boxes[address], !box.isBusy, !box.waiting.isEmpty, let client = opened() else { return }
    if let end = box.restsUntil, loop.clock.now < end {
      box.waiting = []
      boxes[address] = box
      return
    }
    let body = box.waiting.removeFirst()
    box.isBusy = true
    boxes[address] = box
    Task(executorPreference: loop) { [self] in
      let wasTaken = await Postman.send(body, to: address, client)
      loop.execute { [self] in ended(address, wasTaken) }
    }
  }

  private static func send(_ body: [UInt8], to address: String, _ client: HTTPClient) async -> Bool {
    var fields = HTTPFields()
    do throws(HTTPFields.Refusal) {
      try fields.append("Content-Type", "application/json")
    } catch {
      preconditionFailure("a field of ours is legal")
    }
    do throws(TransferFailure) {
      let answer = try await client.send(
        HTTPClientRequest(.post, address, fields: fields, body: body, deadline: .seconds(5)))
      return answer.status.code == 200
    } catch {
      return false
    }
  }

  private func ended(_ address: String, _ wasTaken: Bool) {
    boxes[address]?.isBusy = false
    if wasTaken {
      boxes[address]?.failureCount = 0
    } else {
      boxes[address]?.failureCount += 1
      if boxes[address]?.failureCount ?? 0 >= Postman.failureLimit {
        boxes[address]?.failureCount = 0
        boxes[address]?.restsUntil = loop.clock.now.advanced(by: Postman.rest)
      }
    }
    sendNext(to: address)
  }

  /// Made when it is first needed: most simulations post nothing.
  private func opened() -> HTTPClient? {
    if isClosed { return nil }
    if let client { return client }
    do throws(HTTPClientError) {
      client = try HTTPClient(loop: loop)
    } catch {
      // No libcurl that can be used: nothing can be posted, and nobody is to be told here.
      return nil
    }
    return client
  }
}
