/// An answer, whole.
package struct HTTPClientResponse: Sendable {
  package let status: HTTPStatus
  package let fields: ReceivedFields
  /// Empty where it was streamed.
  package let body: [UInt8]
  package let timing: TransferTiming
}
