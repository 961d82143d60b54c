import HTTP

/// What does HTTP take of each alert, without its socket?
enum HTTPTrials {
  static let all = [
    Trial("HTTP: a request of 311 bytes parsed", parse),
    Trial("HTTP: an answer written", write),
  ]

  private static let request: [UInt8] = {
    let body = AlertBodies.multiLeg("a1")
    let head = """
      POST /webhook HTTP/1.1\r
      Host: 127.0.0.1\r
      Content-Type: application/json\r
      Content-Length: \(body.count)\r
      \r

      """
    let request = Array(head.utf8) + body
    require(request.count == 311, "the request has \(request.count) bytes")
    return request
  }()

  private static func parse(_ count: Int, _ meter: Meter) {
    let request = request
    var parser = RequestParser()
    var bodyByteCount = 0
    meter.measure {
      for _ in 0..<count { bodyByteCount += bodyCount(of: request, &parser) }
    }
    require(bodyByteCount == count * AlertBodies.multiLeg("a1").count, "the body is another")
  }

  @inline(__always)
  private static func bodyCount(of request: [UInt8], _ parser: inout RequestParser) -> Int {
    let bytes = request.span
    do throws(HTTPParseError) {
      guard try parser.parse(bytes) == .complete(consumed: bytes.count) else {
        fail("the request is whole")
      }
    } catch {
      fail("the request is refused: \(error)")
    }
    let count = parser.request(in: bytes).body.count
    parser.reset()
    return count
  }

  private static func write(_ count: Int, _ meter: Meter) {
    let fields = certainly {
      try HTTPFields([
        "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Type": "application/json",
      ])
    }
    let response = HTTPResponse(.ok, fields: fields, body: [UInt8](repeating: UInt8(ascii: "x"), count: 560))
    var serializer = ResponseSerializer()
    serializer.setDate(unixSeconds: 1_795_491_900)
    var output: [UInt8] = []
    output.reserveCapacity(4_096)
    meter.measure {
      for _ in 0..<count {
        output.removeAll(keepingCapacity: true)
        serializer.write(response, for: ResponseSerializer.Context(), to: &output)
      }
    }
    require(output.count > 560, "nothing was written")
  }
}
