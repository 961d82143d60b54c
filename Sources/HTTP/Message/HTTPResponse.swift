/// A whole answer: status, fields and content. Framing fields are the serialiser's.
public struct HTTPResponse: Sendable, Equatable {
  public var status: HTTPStatus
  public var fields: HTTPFields
  public var body: [UInt8]
  /// Ends the connection after this answer, whatever the client wished.
  public var closesConnection: Bool

  public init(
    _ status: HTTPStatus, fields: HTTPFields = HTTPFields(), body: [UInt8] = [], closesConnection: Bool = false
  ) {
    self.status = status
    self.fields = fields
    self.body = body
    self.closesConnection = closesConnection
  }
}
