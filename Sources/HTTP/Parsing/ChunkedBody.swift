/// Undoes the chunked transfer coding (RFC 9112 7.1), one byte after another, and drops its trailers.
struct ChunkedBody {
  /// What the next byte belongs to.
  ///
  /// `size` leads to `extensionGap` or `sizeLineFeed`; that to `data`, or behind the last chunk to
  /// `trailerStart`; that to `finished` through `lastLineFeed`.
  enum Stage: UInt8 {
    case size, extensionGap, extensionName, extensionNameGap, extensionValueGap, extensionValue
    case quoted, quotedPair, extensionEnd, sizeLineFeed
    case data, dataReturn, dataLineFeed
    case trailerStart, trailerName, trailerValue, trailerLineFeed, lastLineFeed, finished
  }

  private(set) var stage = Stage.size
  private var remaining = 0
  private var digitCount = 0
  private var extensionLength = 0
  private var elementLength = 0
  private var trailerLength = 0
  private var trailerCount = 0

  /// Takes bytes from `start` on, appends content to `body`, and returns where it stopped: at the end of
  /// `bytes`, or behind the message once `stage` is `finished`.
  mutating func decode(
    _ bytes: Span<UInt8>, from start: Int, into body: inout [UInt8], limits: HTTPLimits
  ) throws(HTTPParseError) -> Int {
    var index = start
    while index < bytes.count, stage != .finished {
      switch stage {
      case .data:
        let count = min(remaining, bytes.count - index)
        body.append(bytes.part(index..<index + count))
        index += count
        remaining -= count
        if remaining == 0 { stage = .dataReturn }
      case .size, .sizeLineFeed, .dataReturn, .dataLineFeed:
        try takeFrame(bytes[index], bodyLength: body.count, limits)
        index += 1
      case .extensionGap, .extensionName, .extensionNameGap, .extensionValueGap, .extensionValue, .quoted,
        .quotedPair, .extensionEnd:
        if bytes[index] != .carriageReturn { extensionLength += 1 }
        if extensionLength > limits.chunkExtensionLength { throw .chunkExtensionTooLong }
        try takeExtension(bytes[index])
        index += 1
      case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed:
        trailerLength += 1
        if trailerLength > limits.headerSectionLength { throw .headerSectionTooLong }
        try takeTrailer(bytes[index], limits)
        index += 1
      case .finished: preconditionFailure("the loop ends with the message")
      }
    }
    return index
  }

  /// The size line without its extensions, and the CRLF behind the data.
  private mutating func takeFrame(_ byte: UInt8, bodyLength: Int, _ limits: HTTPLimits) throws(HTTPParseError) {
    switch stage {
    case .size:
      if let digit = ByteClass.hexValue(byte) {
        digitCount += 1
        guard digitCount <= limits.chunkSizeDigitCount else { throw .chunkSizeInvalid }
        remaining = remaining << 4 | Int(digit)
        // Refused as soon as it is too much, so the number never grows beyond what an Int holds.
        guard remaining <= limits.bodyLength - bodyLength else { throw .bodyTooLarge }
        return
      }
      guard digitCount > 0 else { throw .chunkSizeInvalid }
      switch byte {
      case .carriageReturn: stage = .sizeLineFeed
      case UInt8(ascii: ";"), .space, .tab:
        extensionLength += 1
        stage = byte == UInt8(ascii: ";") ? .extensionName : .extensionGap
        elementLength = 0
      case .lineFeed: throw .bareLineFeed
      default: throw .chunkSizeInvalid
      }
    case .sizeLineFeed:
      guard byte == .lineFeed else { throw .bareCarriageReturn }
      digitCount = 0
      stage = remaining > 0 ? .data : .trailerStart
    case .dataReturn:
      guard byte == .carriageReturn else { throw .chunkDataUnterminated }
      stage = .dataLineFeed
    default:
      guard byte == .lineFeed else { throw .chunkDataUnterminated }
      stage = .size
    }
  }

  /// `*( BWS ";" BWS chunk-ext-name [ BWS "=" BWS chunk-ext-val ] )` (RFC 9112 7.1.1).
  private mutating func takeExtension(_ byte: UInt8) throws(HTTPParseError) {
    if byte == .lineFeed { throw .bareLineFeed }
    switch stage {
    case .extensionGap:
      // White space ahead of a semicolon; ahead of the line's end the grammar has none.
      if byte == UInt8(ascii: ";") {
        beginElement(.extensionName)
      } else if !ByteClass.isBlank(byte) {
        throw .chunkExtensionInvalid
      }
    case .extensionName:
      if ByteClass.isToken(byte) {
        elementLength += 1
      } else if elementLength == 0 {
        guard ByteClass.isBlank(byte) else { throw .chunkExtensionInvalid }
      } else if byte == UInt8(ascii: "=") {
        beginElement(.extensionValueGap)
      } else {
        try endElement(byte, gap: .extensionNameGap)
      }
    case .extensionNameGap:
      if byte == UInt8(ascii: "=") {
        beginElement(.extensionValueGap)
      } else if byte == UInt8(ascii: ";") {
        beginElement(.extensionName)
      } else if !ByteClass.isBlank(byte) {
        throw .chunkExtensionInvalid
      }
    case .extensionValueGap:
      if byte == UInt8(ascii: "\"") {
        stage = .quoted
      } else if ByteClass.isToken(byte) {
        stage = .extensionValue
      } else if !ByteClass.isBlank(byte) {
        throw .chunkExtensionInvalid
      }
    case .extensionValue:
      if !ByteClass.isToken(byte) { try endElement(byte, gap: .extensionGap) }
    case .quoted:
      switch byte {
      case UInt8(ascii: "\""): stage = .extensionEnd
      case UInt8(ascii: "\\"): stage = .quotedPair
      default: guard ByteClass.isFieldContent(byte) else { throw .chunkExtensionInvalid }
      }
    case .quotedPair:
      guard ByteClass.isFieldContent(byte) else { throw .chunkExtensionInvalid }
      stage = .quoted
    default:
      try endElement(byte, gap: .extensionGap)
    }
  }

  private mutating func beginElement(_ next: Stage) {
    elementLength = 0
    stage = next
  }

  /// What may follow a name or a value: another extension, white space, or the line's end.
  private mutating func endElement(_ byte: UInt8, gap: Stage) throws(HTTPParseError) {
    switch byte {
    case .carriageReturn: stage = .sizeLineFeed
    case UInt8(ascii: ";"): beginElement(.extensionName)
    case .space, .tab: stage = gap
    default: throw .chunkExtensionInvalid
    }
  }

  /// Trailer fields keep the syntax of all field lines and mean nothing to us (RFC 9110 6.5.1).
  private mutating func takeTrailer(_ byte: UInt8, _ limits: HTTPLimits) throws(HTTPParseError) {
    switch stage {
    case .trailerStart:
      switch byte {
      case .carriageReturn: stage = .lastLineFeed
      case .lineFeed: throw .bareLineFeed
      case .space, .tab: throw trailerCount == 0 ? .whitespaceBeforeFields : .obsoleteFold
      default:
        trailerCount += 1
        guard trailerCount <= limits.fieldCount else { throw .fieldsTooMany }
        guard ByteClass.isToken(byte) else { throw .fieldNameInvalid }
        stage = .trailerName
      }
    case .trailerName:
      if byte == UInt8(ascii: ":") {
        stage = .trailerValue
      } else if !ByteClass.isToken(byte) {
        throw ByteClass.isBlank(byte) ? .whitespaceBeforeColon : .fieldNameInvalid
      }
    case .trailerValue:
      if byte == .carriageReturn {
        stage = .trailerLineFeed
      } else if !ByteClass.isFieldContent(byte) {
        throw byte == .lineFeed ? .bareLineFeed : .fieldValueInvalid
      }
    case .trailerLineFeed:
      guard byte == .lineFeed else { throw .bareCarriageReturn }
      stage = .trailerStart
    default:
      guard byte == .lineFeed else { throw .bareCarriageReturn }
      stage = .finished
    }
  }
}
