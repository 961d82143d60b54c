/// Writes answers (RFC 9112 4, 6, 7) to the end of a buffer that its caller keeps.
public struct ResponseSerializer {
  /// What of the request shapes its answer's frame.
  public struct Context: Sendable, Equatable {
    public var version: HTTPVersion
    /// Whether the request was HEAD: the same fields, no content (RFC 9110 9.3.2).
    public var isHead: Bool
    /// Whether the connection lives on behind this answer.
    public var keepsAlive: Bool

    public init(version: HTTPVersion = .http11, isHead: Bool = false, keepsAlive: Bool = true) {
      self.version = version
      self.isHead = isHead
      self.keepsAlive = keepsAlive
    }
  }

  private var date = DateField()

  public init() {}

  /// Sets the time that following answers carry as their Date.
  /// - Parameter unixSeconds: seconds since 1970 of the wall clock. Cheap while the second is the same.
  public mutating func setDate(unixSeconds: Int64) {
    date.update(unixSeconds: unixSeconds)
  }

  /// Appends a whole answer.
  public func write(_ response: HTTPResponse, for context: Context, to buffer: inout some ByteOutput) {
    writeStart(response.status, to: &buffer)
    if response.status.forbidsContent {
      // 304 might carry the length that a 200 would have; 204 must not carry any (RFC 9110 8.6).
      writeConnection(context, to: &buffer)
      append(response.fields, to: &buffer)
      return
    }
    buffer.append("Content-Length: ")
    buffer.append(decimal: response.body.count)
    buffer.append("\r\n")
    writeConnection(context, to: &buffer)
    append(response.fields, to: &buffer)
    if !context.isHead { buffer.append(response.body.span) }
  }

  /// Appends the head of an answer whose length nobody knows yet: chunked in 1.1, and in 1.0, which has no
  /// chunks, ended by the connection (RFC 9112 6.3).
  public func writeStreamHead(
    _ status: HTTPStatus, fields: HTTPFields, for context: Context, to buffer: inout some ByteOutput
  ) {
    writeStart(status, to: &buffer)
    if context.version == .http11 { buffer.append("Transfer-Encoding: chunked\r\n") }
    writeConnection(context, to: &buffer)
    append(fields, to: &buffer)
  }

  /// Appends one piece of a stream's content. An empty piece writes nothing: an empty chunk would end it.
  public func writeStreamPiece(_ bytes: Span<UInt8>, for context: Context, to buffer: inout some ByteOutput) {
    guard bytes.count > 0, !context.isHead else { return }
    guard context.version == .http11 else {
      buffer.append(bytes)
      return
    }
    buffer.append(hexadecimal: bytes.count)
    buffer.append("\r\n")
    buffer.append(bytes)
    buffer.append("\r\n")
  }

  /// Appends a stream's end.
  public func writeStreamEnd(for context: Context, to buffer: inout some ByteOutput) {
    if context.version == .http11, !context.isHead { buffer.append("0\r\n\r\n") }
  }

  /// Appends the interim answer that lets a client send its content (RFC 9110 15.2.1).
  public static func writeContinue(to buffer: inout some ByteOutput) {
    buffer.append("HTTP/1.1 100 Continue\r\n\r\n")
  }

  /// The status line and Date. The version is our own even to a 1.0 client (RFC 9110 6.2).
  private func writeStart(_ status: HTTPStatus, to buffer: inout some ByteOutput) {
    if status.code == 200 {
      buffer.append("HTTP/1.1 200 OK\r\n")
    } else {
      buffer.append("HTTP/1.1 ")
      buffer.append(decimal: Int(status.code))
      buffer.append(" ")
      buffer.append(status.reason)
      buffer.append("\r\n")
    }
    buffer.append(date.line.span)
  }

  /// 1.1 lives on unless told otherwise, 1.0 ends unless told otherwise (RFC 9112 9.3).
  private func writeConnection(_ context: Context, to buffer: inout some ByteOutput) {
    if !context.keepsAlive {
      buffer.append("Connection: close\r\n")
    } else if context.version == .http10 {
      buffer.append("Connection: keep-alive\r\n")
    }
  }

  private func append(_ fields: HTTPFields, to buffer: inout some ByteOutput) {
    buffer.append(fields.bytes.span)
    buffer.append("\r\n")
  }
}
