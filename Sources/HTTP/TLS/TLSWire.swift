internal import COpenSSL
internal import Ring

/// What OpenSSL reads a session's bytes from and writes them to: memory of the session's, without a copy in between. It never
/// waits and never fails: when nothing is there to be read, OpenSSL comes back to us and is called again later.
enum TLSWire {
  /// Nil if there is no memory for it. Made once, never changed and never freed.
  nonisolated(unsafe) private static let method: OpaquePointer? = {
    guard let method = unsafe BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "session") else { return nil }
    unsafe BIO_meth_set_read_ex(method, read)
    unsafe BIO_meth_set_write_ex(method, write)
    unsafe BIO_meth_set_ctrl(method, copenssl_wire_control)
    return unsafe method
  }()

  /// - Parameter session: holds what is made here, and so outlives it.
  static func make(for session: TLSSession) -> OpaquePointer? {
    guard let wire = unsafe BIO_new(method) else { return nil }
    unsafe BIO_set_data(wire, Unmanaged.passUnretained(session).toOpaque())
    unsafe BIO_set_init(wire, 1)
    return unsafe wire
  }

  private static func session(of wire: OpaquePointer?) -> TLSSession? {
    unsafe BIO_get_data(wire).map { unsafe Unmanaged<TLSSession>.fromOpaque($0).takeUnretainedValue() }
  }

  private static let read:
    @convention(c) (OpaquePointer?, UnsafeMutablePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> Int32 = {
      wire, bytes, capacity, count in
      guard let session = unsafe session(of: wire), let bytes = unsafe bytes else { return 0 }
      let taken = unsafe session.takeInput(UnsafeMutableRawBufferPointer(start: bytes, count: capacity))
      unsafe count?.pointee = taken
      if taken == 0 {
        unsafe copenssl_read_again(wire)
        return 0
      }
      unsafe copenssl_clear_retry(wire)
      return 1
    }

  private static let write:
    @convention(c) (OpaquePointer?, UnsafePointer<CChar>?, Int, UnsafeMutablePointer<Int>?) -> Int32 = {
      wire, bytes, length, count in
      guard let session = unsafe session(of: wire) else { return 0 }
      unsafe copenssl_clear_retry(wire)
      unsafe session.gather(UnsafeRawBufferPointer(start: bytes, count: length))
      unsafe count?.pointee = length
      return 1
    }
}
