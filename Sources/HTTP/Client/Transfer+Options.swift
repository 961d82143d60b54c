internal import CCurl
internal import Ring

// What is the same for every transfer of a client: set once, and kept by the easy handle.
extension Transfer {
  func setChoices(_ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    try setSafety()
    try setTrust(configuration)
    try setNetwork(configuration)
    try easy.set(CURLOPT_USERAGENT, configuration.userAgent)
  }

  private func setSafety() throws(HTTPClientError) {
    // No signals for time-outs: they are the process's.
    try easy.set(CURLOPT_NOSIGNAL, true)
    // An ended transfer does not wait for the look-up of its host's name: that would stop the loop.
    try easy.set(CURLOPT_QUICK_EXIT, true)
    try easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
    try easy.set(CURLOPT_FOLLOWLOCATION, false)
    // Empty, not unset: then the environment's proxies are not asked either.
    try easy.set(CURLOPT_PROXY, "")
    try easy.set(CURLOPT_NETRC, false)
    try easy.set(CURLOPT_DISALLOW_USERNAME_IN_URL, true)
    try easy.set(CURLOPT_HTTP09_ALLOWED, false)
  }

  private func setTrust(_ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    try easy.set(CURLOPT_SSL_VERIFYPEER, true)
    try easy.set(CURLOPT_SSL_VERIFYHOST, 2)
    try easy.set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    try easy.set(CURLOPT_CAPATH, CurlLibrary.systemAuthorities)
    // Instead of the file of all the system's authorities, which the directory has as well.
    try easy.set(CURLOPT_CAINFO, configuration.extraAuthorities)
  }

  private func setNetwork(_ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    try easy.set(
      CURLOPT_IPRESOLVE, configuration.usesIPv6 ? Int(CURL_IPRESOLVE_WHATEVER) : Int(CURL_IPRESOLVE_V4))
    if let address = configuration.sourceAddress {
      // "host!": an address, never the name of an interface.
      try easy.set(CURLOPT_INTERFACE, "host!" + SocketAddress(address, port: 0).hostText)
    }
    let isHTTP2 = configuration.offersHTTP2 && CurlLibrary.offersHTTP2
    try easy.set(CURLOPT_HTTP_VERSION, isHTTP2 ? Int(CURL_HTTP_VERSION_2TLS) : Int(CURL_HTTP_VERSION_1_1))
    try easy.set(CURLOPT_CONNECTTIMEOUT_MS, Int(configuration.connectLimit / .milliseconds(1)))
    try easy.set(CURLOPT_MAXAGE_CONN, Int(configuration.idleLimit / .seconds(1)))
    try easy.set(CURLOPT_TCP_NODELAY, true)
    try easy.set(CURLOPT_TCP_KEEPALIVE, true)
  }

  func setCallbacks() throws(HTTPClientError) {
    // Unretained: see the type's own comment on who keeps the object alive.
    let user = unsafe Unmanaged.passUnretained(self).toOpaque()
    try unsafe easy.set(CURLOPT_PRIVATE, pointer: user)
    try unsafe easy.set(CURLOPT_WRITEDATA, pointer: user)
    try unsafe easy.set(CURLOPT_HEADERDATA, pointer: user)
    try unsafe easy.set(CURLOPT_PREREQDATA, pointer: user)
    try unsafe easy.set(CURLOPT_OPENSOCKETDATA, pointer: user)
    // A connection outlives the transfer that opened it, so its end is told to the multi handle's owner.
    try unsafe easy.set(CURLOPT_CLOSESOCKETDATA, pointer: Unmanaged.passUnretained(multi).toOpaque())
    let handle = unsafe easy.handle
    try easy.check(unsafe ccurl_set_bytes_function(handle, CURLOPT_WRITEFUNCTION, Self.write))
    try easy.check(unsafe ccurl_set_bytes_function(handle, CURLOPT_HEADERFUNCTION, Self.header))
    try easy.check(unsafe ccurl_set_before_request(handle, Self.beforeRequest))
    try easy.check(unsafe ccurl_set_open_function(handle, Self.openSocket))
    try easy.check(unsafe ccurl_set_close_function(handle, CurlMulti.closeSocket))
  }

  private static func from(_ user: UnsafeMutableRawPointer?) -> Transfer {
    guard let user = unsafe user else { preconditionFailure("a callback without its transfer") }
    return unsafe Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
  }

  private static let write: ccurl_bytes_function = { bytes, _, count, user in
    let transfer = unsafe from(user)
    let content = unsafe UnsafeRawBufferPointer(start: bytes, count: count).bindMemory(to: UInt8.self)
    switch unsafe transfer.receiveContent(content.span) {
    case .taken: return count
    case .paused: return Int(CURL_WRITEFUNC_PAUSE)
    case .refused: return Int(CURL_WRITEFUNC_ERROR)
    }
  }

  private static let header: ccurl_bytes_function = { bytes, _, count, user in
    let transfer = unsafe from(user)
    let line = unsafe UnsafeRawBufferPointer(start: bytes, count: count).bindMemory(to: UInt8.self)
    return unsafe transfer.receiveLine(line.span) ? count : 0
  }

  private static let beforeRequest: ccurl_before_request_function = { user, peer, _, peerPort, localPort in
    let transfer = unsafe from(user)
    let peer = unsafe peer.map { unsafe String(cString: $0) } ?? ""
    let isPermitted = transfer.permitRequest(localPort: Int(localPort), peer: peer, peerPort: peerPort)
    return isPermitted ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
  }

  private static let openSocket: ccurl_open_function = { user, _, address in
    let transfer = unsafe from(user)
    let descriptor = unsafe ccurl_open_socket(address)
    if descriptor >= 0, let address = unsafe address {
      let (peer, port) = unsafe describe(address)
      transfer.openedSocket()
      transfer.multi.opened(descriptor, peer: peer, peerPort: port)
    }
    return descriptor
  }

  private static func describe(_ address: UnsafePointer<curl_sockaddr>) -> (peer: String, port: Int32) {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { text in
      guard let start = text.baseAddress else { preconditionFailure("an empty allocation") }
      let port = unsafe ccurl_peer(address, start)
      return unsafe (String(cString: start), port)
    }
  }
}
