/// Tries three properties of the request parser on any bytes: it does not crash; any split of the bytes gives the same
/// requests and the same refusal; a request that was taken, written again in plain form, means the same.
///
/// The first byte chooses the split, the others are the stream.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzRequestParser(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 1 else { return 0 }
  let stream = Array(UnsafeBufferPointer(start: data + 1, count: count - 1))
  let whole = Transcript(stream, piece: { stream.count })
  let single = Transcript(stream, piece: { 1 })
  var state = UInt32(data[0]) &* 2_654_435_761 | 1
  let random = Transcript(stream) {
    state = state &* 1_664_525 &+ 1_013_904_223
    return 1 + Int(state >> 16) % 37
  }
  precondition(whole == single, "byte by byte differs")
  precondition(whole == random, "a split differs")
  for request in whole.requests {
    let again = Transcript(request.plainForm, piece: { Int.max }, limits: roomyLimits)
    precondition(again.refusal == nil && again.requests == [request], "another meaning when written again")
  }
  return 0
}

/// The plain form is longer where the original left spaces out.
private var roomyLimits: HTTPLimits {
  var limits = HTTPLimits()
  limits.headerSectionLength *= 2
  limits.fieldCount += 1
  return limits
}

/// What a parser makes of a stream.
private struct Transcript: Equatable {
  var requests: [Meaning] = []
  var refusal: HTTPParseError?
  var isInMiddle = false

  init(_ stream: [UInt8], piece: () -> Int, limits: HTTPLimits = HTTPLimits()) {
    var parser = RequestParser(limits: limits)
    var start = 0
    while start < stream.count {
      let length = min(stream.count - start, piece())
      // Memory of its own, so that the sanitizer sees a read beyond the piece.
      if !feed(Array(stream[start..<start + length]), to: &parser) { return }
      start += length
    }
    isInMiddle = parser.stage != .idle
  }

  private mutating func feed(_ piece: [UInt8], to parser: inout RequestParser) -> Bool {
    var offset = 0
    while offset < piece.count {
      let rest = piece.span.extracting(offset..<piece.count)
      do {
        guard case .complete(let consumed) = try parser.parse(rest) else { return true }
        precondition(consumed > 0 && consumed <= rest.count, "consumed what was not given")
        requests.append(Meaning(parser.request(in: rest)))
        parser.reset()
        offset += consumed
      } catch {
        refusal = error
        return false
      }
    }
    return true
  }
}

/// A request without its framing.
private struct Meaning: Equatable {
  var method: HTTPMethod
  var version: HTTPVersion
  var target: [UInt8]
  var path: [UInt8]
  var query: [UInt8]
  var authority: [UInt8]
  var fields: [[UInt8]] = []
  var body: [UInt8]

  init(_ request: borrowing HTTPRequestView) {
    method = request.method
    version = request.version
    target = bytes(request.target)
    path = bytes(request.path)
    query = bytes(request.query)
    authority = bytes(request.authority)
    body = bytes(request.body)
    for index in 0..<request.fieldCount {
      let name = bytes(request.fieldName(at: index))
      switch String(decoding: name, as: UTF8.self).lowercased() {
      case "content-length", "transfer-encoding": continue
      default: fields.append(name + [0x3A, 0x20] + bytes(request.fieldValue(at: index)))
      }
    }
    precondition(bytes(HTTPRequest(request).view.body) == body, "a copy differs")
    _ = request.pathSegments()
    _ = request.queryValue("a")
  }

  var plainForm: [UInt8] {
    let minor = version == .http10 ? "0" : "1"
    var lines = [Array("\(method.name) ".utf8) + target + Array(" HTTP/1.\(minor)".utf8)]
    lines += fields
    lines.append(Array("Content-Length: \(body.count)".utf8))
    return lines.flatMap { $0 + [0x0D, 0x0A] } + [0x0D, 0x0A] + body
  }
}

private func bytes(_ span: Span<UInt8>) -> [UInt8] {
  var copy: [UInt8] = []
  copy.append(span)
  return copy
}
