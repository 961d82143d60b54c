/// Scans a request line and field lines, one byte after another and each once, and stops where bytes end.
///
/// Positions count from the window's first byte. A window may be replaced by another only if that begins
/// with the same bytes; the scanner goes on where it stopped.
struct HeadScanner: ~Copyable {
  /// What the next byte belongs to. They follow each other in this order; `lineStart` leads back to `name`
  /// until an empty line leads to `finished`.
  enum Stage: UInt8 {
    case leadingLine, leadingLineFeed, method, target, version, requestLineFeed
    case lineStart, name, padding, value, valueLineFeed, lastLineFeed, finished
  }

  private(set) var stage = Stage.leadingLine
  private(set) var position = 0
  private var mark = 0
  private var leadingLineCount = 0
  private var sectionStart = 0
  private var majorVersion: UInt8 = 0
  private var nameRange = 0..<0

  private(set) var methodRange = 0..<0
  private(set) var targetRange = 0..<0
  private(set) var method = HTTPMethod.get
  private(set) var version = HTTPVersion.http11
  private(set) var target = RequestTarget()
  var lines: [FieldLine] = []
  var framing = FramingFields()

  /// Whether no byte of a message has come.
  var isUntouched: Bool { position == 0 }

  /// Forgets the message; the table of lines keeps its memory.
  mutating func reset() {
    stage = .leadingLine
    position = 0
    leadingLineCount = 0
    lines.removeAll(keepingCapacity: true)
    framing = FramingFields()
  }

  /// Goes on in an array. (Its span, taken by the caller, would count as an access to all of the caller.)
  mutating func scan(gathered window: [UInt8], limits: HTTPLimits) throws(HTTPParseError) -> Bool {
    try scan(window.span, limits: limits)
  }

  /// Goes on in `window`. Returns true once the head is complete and judged; `position` is then its end.
  mutating func scan(_ window: Span<UInt8>, limits: HTTPLimits) throws(HTTPParseError) -> Bool {
    while stage.rawValue < Stage.lineStart.rawValue {
      guard position < window.count else { return false }
      try scanRequestLine(window, limits)
    }
    let bound = sectionStart + limits.headerSectionLength
    let end = min(window.count, bound)
    while stage != .finished {
      guard position < end else {
        if position >= bound { throw .headerSectionTooLong }
        return false
      }
      try scanFieldLine(window, end, limits)
    }
    return true
  }

  /// Takes one element of the request line, or as much of it as there is.
  /// - Precondition: there is a byte at `position`.
  private mutating func scanRequestLine(_ window: Span<UInt8>, _ limits: HTTPLimits) throws(HTTPParseError) {
    let byte = window[position]
    switch stage {
    case .leadingLine:
      guard byte == .carriageReturn else {
        mark = position
        stage = .method
        return
      }
      guard leadingLineCount < limits.leadingEmptyLineCount else { throw .leadingLinesTooMany }
      leadingLineCount += 1
      position += 1
      stage = .leadingLineFeed
    case .leadingLineFeed:
      guard byte == .lineFeed else { throw .bareCarriageReturn }
      position += 1
      stage = .leadingLine
    case .method:
      let end = min(window.count, mark + limits.methodLength + 1)
      let index = window.tokenEnd(from: position, to: end)
      position = index
      if index - mark > limits.methodLength { throw .methodTooLong }
      guard index < end else { return }
      guard window[index] == .space, index > mark else {
        throw window[index] == .lineFeed ? .bareLineFeed : .methodInvalid
      }
      methodRange = mark..<index
      position = index + 1
      mark = position
      stage = .target
    case .target:
      let end = min(window.count, mark + limits.targetLength + 1)
      let index = window.targetEnd(from: position, to: end)
      position = index
      if index - mark > limits.targetLength { throw .targetTooLong }
      guard index < end else { return }
      switch window[index] {
      case .space where index > mark: break
      case .carriageReturn, .lineFeed: throw .versionMissing
      default: throw .targetInvalid
      }
      targetRange = mark..<index
      position = index + 1
      mark = position
      stage = .version
    case .version:
      if position == mark, window.count - mark > 8, takeUsualVersion(window) { return }
      try scanVersion(byte)
    case .requestLineFeed:
      guard byte == .lineFeed else { throw .bareCarriageReturn }
      position += 1
      try judgeRequestLine(window)
      sectionStart = position
      stage = .lineStart
    case .lineStart, .name, .padding, .value, .valueLineFeed, .lastLineFeed, .finished:
      preconditionFailure("the request line has ended")
    }
  }

  /// The two versions that nearly all requests have, at one glance.
  private mutating func takeUsualVersion(_ window: Span<UInt8>) -> Bool {
    guard window[mark + 8] == .carriageReturn else { return false }
    // "HTTP/1.1" and "HTTP/1.0" as numbers, first byte highest.
    if window.hasWord(0x4854_5450_2F31_2E31, at: mark) {
      version = .http11
    } else if window.hasWord(0x4854_5450_2F31_2E30, at: mark) {
      version = .http10
    } else {
      return false
    }
    position = mark + 9
    stage = .requestLineFeed
    return true
  }

  /// `HTTP/` DIGIT `.` DIGIT CR, a byte a call (RFC 9112 2.3).
  private mutating func scanVersion(_ byte: UInt8) throws(HTTPParseError) {
    switch position - mark {
    case 0: guard byte == UInt8(ascii: "H") else { throw byte.isLineEnd ? .versionMissing : .versionInvalid }
    case 1, 2: guard byte == UInt8(ascii: "T") else { throw .versionInvalid }
    case 3: guard byte == UInt8(ascii: "P") else { throw .versionInvalid }
    case 4: guard byte == UInt8(ascii: "/") else { throw .versionInvalid }
    case 5:
      guard ByteClass.isDigit(byte) else { throw .versionInvalid }
      majorVersion = byte
    case 6: guard byte == UInt8(ascii: ".") else { throw .versionInvalid }
    case 7:
      guard ByteClass.isDigit(byte) else { throw .versionInvalid }
      guard majorVersion == UInt8(ascii: "1") else { throw .versionNotSupported }
      version = byte == UInt8(ascii: "0") ? .http10 : .http11
    default:
      guard byte == .carriageReturn else { throw byte == .lineFeed ? .bareLineFeed : .versionInvalid }
      stage = .requestLineFeed
    }
    position += 1
  }

  /// Judged once the line is whole, so that another version's preface is called by its name.
  private mutating func judgeRequestLine(_ window: Span<UInt8>) throws(HTTPParseError) {
    guard let method = HTTPMethod(window.part(methodRange)) else { throw .methodNotImplemented }
    self.method = method
    target = try RequestTarget(window, targetRange, method)
  }

  /// Takes a field line, or as much of it as there is, from wherever in it the scan has stopped.
  /// - Precondition: `position < end`.
  private mutating func scanFieldLine(
    _ window: Span<UInt8>, _ end: Int, _ limits: HTTPLimits
  ) throws(HTTPParseError) {
    switch stage {
    case .lineStart:
      let byte = window[position]
      guard byte != .carriageReturn else {
        position += 1
        stage = .lastLineFeed
        return
      }
      if byte == .lineFeed { throw .bareLineFeed }
      if ByteClass.isBlank(byte) { throw lines.isEmpty ? .whitespaceBeforeFields : .obsoleteFold }
      guard lines.count < limits.fieldCount else { throw .fieldsTooMany }
      mark = position
      stage = .name
      fallthrough
    case .name:
      let index = window.tokenEnd(from: position, to: end)
      position = index
      guard index < end else { return }
      let byte = window[index]
      guard byte == UInt8(ascii: ":"), index > mark else {
        throw index > mark && ByteClass.isBlank(byte) ? .whitespaceBeforeColon : .fieldNameInvalid
      }
      nameRange = mark..<index
      position = index + 1
      stage = .padding
      fallthrough
    case .padding:
      var index = position
      while index < end, ByteClass.isBlank(window[index]) { index += 1 }
      position = index
      guard index < end else { return }
      mark = index
      stage = .value
      fallthrough
    case .value:
      let index = window.fieldContentEnd(from: position, to: end)
      position = index
      guard index < end else { return }
      guard window[index] == .carriageReturn else {
        throw window[index] == .lineFeed ? .bareLineFeed : .fieldValueInvalid
      }
      position = index + 1
      stage = .valueLineFeed
      guard position < end else { return }
      fallthrough
    case .valueLineFeed:
      guard window[position] == .lineFeed else { throw .bareCarriageReturn }
      var valueEnd = position - 1
      while valueEnd > mark, ByteClass.isBlank(window[valueEnd - 1]) { valueEnd -= 1 }
      position += 1
      try finishLine(window, mark..<valueEnd)
      stage = .lineStart
    case .lastLineFeed:
      guard window[position] == .lineFeed else { throw .bareCarriageReturn }
      position += 1
      try framing.judge(version: version, limits: limits)
      stage = .finished
    case .leadingLine, .leadingLineFeed, .method, .target, .version, .requestLineFeed, .finished:
      preconditionFailure("not within the field lines")
    }
  }

  private mutating func finishLine(_ window: Span<UInt8>, _ value: Range<Int>) throws(HTTPParseError) {
    lines.append(FieldLine(name: nameRange, value: value))
    try framing.take(name: window.part(nameRange), value: window.part(value))
  }
}

extension UInt8 {
  static let carriageReturn: UInt8 = 0x0D
  static let lineFeed: UInt8 = 0x0A
  static let space: UInt8 = 0x20
  static let tab: UInt8 = 0x09

  fileprivate var isLineEnd: Bool { self == .carriageReturn || self == .lineFeed }
}
