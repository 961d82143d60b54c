/// Why bytes were not taken as a request. Each ends its connection: behind a message that we do not
/// understand we cannot know where the next begins.
public enum HTTPParseError: Error, Hashable, Sendable, CaseIterable {
  /// More empty lines ahead of the request line than the limit (RFC 9112 2.2).
  case leadingLinesTooMany
  /// A method that is empty or holds a byte outside `token` (RFC 9110 9.1, RFC 9112 3).
  case methodInvalid
  /// A method longer than any that we implement (RFC 9112 3).
  case methodTooLong
  /// A well-formed method that we do not implement, `CONNECT` among them (RFC 9110 15.6.2).
  case methodNotImplemented
  /// A request target that is empty, holds a forbidden byte or a bad escape, or carries a fragment
  /// (RFC 9112 3.2, RFC 3986 2.1).
  case targetInvalid
  /// A request target longer than the limit (RFC 9112 3).
  case targetTooLong
  /// A form of target that its method may not use, or another scheme than http and https (RFC 9112 3.2).
  case targetFormInvalid
  /// No version after the target: the way of HTTP/0.9 (RFC 9112 3).
  case versionMissing
  /// Something other than `HTTP/` DIGIT `.` DIGIT (RFC 9112 2.3).
  case versionInvalid
  /// A major version other than 1 (RFC 9110 15.6.6).
  case versionNotSupported
  /// CR without LF (RFC 9112 2.2).
  case bareCarriageReturn
  /// LF without CR. RFC 9112 2.2 lets a recipient take it as a line's end; who differs on that can be
  /// played off against another, so we do not.
  case bareLineFeed
  /// White space between the request line and the first field (RFC 9112 2.2).
  case whitespaceBeforeFields
  /// A folded field line (RFC 9112 5.2).
  case obsoleteFold
  /// A field name that is empty or holds a byte outside `token` (RFC 9112 5.1).
  case fieldNameInvalid
  /// White space between a field name and its colon (RFC 9112 5.1).
  case whitespaceBeforeColon
  /// A control character in a field value (RFC 9110 5.5).
  case fieldValueInvalid
  /// A header or trailer section longer than the limit (RFC 6585 5).
  case headerSectionTooLong
  /// More field lines than the limit (RFC 6585 5).
  case fieldsTooMany
  /// An HTTP/1.1 request without Host (RFC 9112 3.2).
  case hostMissing
  /// More than one Host line (RFC 9112 3.2).
  case hostRepeated
  /// A Host value, or the authority of an absolute target, that is no `uri-host [":" port]`, is empty
  /// (RFC 9110 4.2.1) or names a user (RFC 9110 4.2.4).
  case hostInvalid
  /// A Content-Length that is not one run of digits that fits (RFC 9110 8.6).
  case contentLengthInvalid
  /// A second Content-Length line, even with the same value (RFC 9112 6.3 allows the refusal).
  case contentLengthConflict
  /// Content-Length and Transfer-Encoding in one message (RFC 9112 6.1, 6.3).
  case lengthAmbiguous
  /// A Transfer-Encoding that does not end in `chunked` exactly once, or is malformed (RFC 9112 6.1, 6.3).
  case transferEncodingInvalid
  /// A coding ahead of `chunked` that we do not implement (RFC 9112 6.1).
  case transferCodingNotImplemented
  /// Transfer-Encoding in an HTTP/1.0 message (RFC 9112 6.1).
  case transferEncodingInOldVersion
  /// An expectation other than `100-continue` (RFC 9110 10.1.1).
  case expectationUnknown
  /// Content longer than the limit (RFC 9110 15.5.14).
  case bodyTooLarge
  /// A chunk size that is empty, holds something else than hexadecimal digits, or too many of them
  /// (RFC 9112 7.1).
  case chunkSizeInvalid
  /// A chunk extension that breaks the grammar (RFC 9112 7.1.1).
  case chunkExtensionInvalid
  /// Chunk extensions longer than the limit (RFC 9112 7.1.1).
  case chunkExtensionTooLong
  /// Chunk data that is not followed by CRLF (RFC 9112 7.1).
  case chunkDataUnterminated

  /// The status to answer with.
  public var status: HTTPStatus {
    switch self {
    case .methodTooLong, .methodNotImplemented, .transferCodingNotImplemented: .notImplemented
    case .targetTooLong: .uriTooLong
    case .versionNotSupported: .versionNotSupported
    case .headerSectionTooLong, .fieldsTooMany: .headerFieldsTooLarge
    case .expectationUnknown: .expectationFailed
    case .bodyTooLarge: .contentTooLarge
    case .leadingLinesTooMany, .methodInvalid, .targetInvalid, .targetFormInvalid, .versionMissing, .versionInvalid,
      .bareCarriageReturn, .bareLineFeed, .whitespaceBeforeFields, .obsoleteFold, .fieldNameInvalid,
      .whitespaceBeforeColon, .fieldValueInvalid, .hostMissing, .hostRepeated, .hostInvalid, .contentLengthInvalid,
      .contentLengthConflict, .lengthAmbiguous, .transferEncodingInvalid, .transferEncodingInOldVersion,
      .chunkSizeInvalid, .chunkExtensionInvalid, .chunkExtensionTooLong, .chunkDataUnterminated:
      .badRequest
    }
  }

  /// The stable code, for answers and counters.
  public var code: String { "http.\(self)" }

  /// The cause in words, for the person who reads the answer.
  public var cause: String {
    switch self {
    case .leadingLinesTooMany: "too many empty lines before the request line"
    case .methodInvalid: "the method is not a token"
    case .methodTooLong: "the method is longer than any implemented one"
    case .methodNotImplemented: "the method is not implemented"
    case .targetInvalid: "the request target holds a forbidden character or a bad escape"
    case .targetTooLong: "the request target is too long"
    case .targetFormInvalid: "the request target's form does not fit the method"
    case .versionMissing: "the request line has no version"
    case .versionInvalid: "the request line does not end in a version"
    case .versionNotSupported: "only major version 1 is spoken here"
    case .bareCarriageReturn: "a CR without LF"
    case .bareLineFeed: "an LF without CR"
    case .whitespaceBeforeFields: "white space before the first field"
    case .obsoleteFold: "a folded field line"
    case .fieldNameInvalid: "a field name is not a token"
    case .whitespaceBeforeColon: "white space between a field name and its colon"
    case .fieldValueInvalid: "a field value holds a control character"
    case .headerSectionTooLong: "the field section is too long"
    case .fieldsTooMany: "too many field lines"
    case .hostMissing: "Host is missing"
    case .hostRepeated: "Host is given twice"
    case .hostInvalid: "the host is not valid"
    case .contentLengthInvalid: "Content-Length is not a number that fits"
    case .contentLengthConflict: "Content-Length is given twice"
    case .lengthAmbiguous: "both Content-Length and Transfer-Encoding are given"
    case .transferEncodingInvalid: "Transfer-Encoding is not exactly 'chunked'"
    case .transferCodingNotImplemented: "no transfer coding but chunked is implemented"
    case .transferEncodingInOldVersion: "Transfer-Encoding in an HTTP/1.0 request"
    case .expectationUnknown: "only the expectation 100-continue can be met"
    case .bodyTooLarge: "the content is too large"
    case .chunkSizeInvalid: "a chunk size is not a hexadecimal number of bounded length"
    case .chunkExtensionInvalid: "a chunk extension is malformed"
    case .chunkExtensionTooLong: "the chunk extensions are too long"
    case .chunkDataUnterminated: "chunk data is not followed by CRLF"
    }
  }
}
