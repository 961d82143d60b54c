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
      var index = position
      let end = min(window.count, mark + limits.methodLength + 1)
      while index < end, ByteClass.isToken(window[index]) { index += 1 }
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
      var index = position
      let end = min(window.count, mark + limits.targetLength + 1)
      while index < end, ByteClass.isTarget(window[index]) { index += 1 }
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

  /// Takes one element of a field line, or as much of it as there is.
  /// - Precondition: `position < end`.
  private mutating func scanFieldLine(
    _ window: Span<UInt8>, _ end: Int, _ limits: HTTPLimits
  ) throws(HTTPParseError) {
    switch stage {
    case .lineStart:
      switch window[position] {
      case .carriageReturn:
        position += 1
        stage = .lastLineFeed
      case .lineFeed: throw .bareLineFeed
      case .space, .tab: throw lines.isEmpty ? .whitespaceBeforeFields : .obsoleteFold
      default:
        guard lines.count < limits.fieldCount else { throw .fieldsTooMany }
        mark = position
        stage = .name
      }
    case .name:
      var index = position
      while index < end, ByteClass.isToken(window[index]) { index += 1 }
      position = index
      guard index < end else { return }
      let byte = window[index]
      guard byte == UInt8(ascii: ":"), index > mark else {
        throw index > mark && ByteClass.isBlank(byte) ? .whitespaceBeforeColon : .fieldNameInvalid
      }
      lines.append(
        FieldLine(
          nameStart: UInt32(truncatingIfNeeded: mark), nameEnd: UInt32(truncatingIfNeeded: index),
          valueStart: 0, valueEnd: 0))
      position = index + 1
      stage = .padding
    case .padding:
      var index = position
      while index < end, ByteClass.isBlank(window[index]) { index += 1 }
      position = index
      guard index < end else { return }
      mark = index
      stage = .value
    case .value:
      var index = position
      while index < end, ByteClass.isFieldContent(window[index]) { index += 1 }
      position = index
      guard index < end else { return }
      guard window[index] == .carriageReturn else {
        throw window[index] == .lineFeed ? .bareLineFeed : .fieldValueInvalid
      }
      position = index + 1
      stage = .valueLineFeed
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
    let last = lines.count - 1
    lines[last].valueStart = UInt32(truncatingIfNeeded: value.lowerBound)
    lines[last].valueEnd = UInt32(truncatingIfNeeded: value.upperBound)
    try framing.take(name: window.part(lines[last].name), value: window.part(value))
  }
}

extension UInt8 {
  static let carriageReturn: UInt8 = 0x0D
  static let lineFeed: UInt8 = 0x0A
  static let space: UInt8 = 0x20
  static let tab: UInt8 = 0x09

  fileprivate var isLineEnd: Bool { self == .carriageReturn || self == .lineFeed }
}
