internal import CCurl
internal import Ring

/// libcurl's multi handle, driven by an event loop: its sockets are watched there, its timer is one of the loop's.
///
/// Owner: ``HTTPClient``, which calls ``close()`` before it lets go. libcurl knows its address (unretained) for the
/// callbacks. Loop's thread only. Nothing here calls libcurl from within one of its callbacks.
@safe final class CurlMulti {
  /// One request on one connection.
  struct ConnectionUse {
    let descriptor: Int32
    let serial: UInt64
  }

  /// What is known of a descriptor that libcurl has.
  final class Socket {
    var watch: WatchID?
    /// Opened for a connection; others (the look-up of names) are libcurl's own business.
    let isConnection: Bool
    /// libcurl does not wait for it at the moment.
    var isReleased = false
    /// Kept for later requests: whatever comes in now is no answer to anything.
    var isIdle = false
    /// Tells it from an earlier one with the same number.
    let serial: UInt64
    /// Where it leads. Not asked of the socket, which forgets it when the peer resets it.
    let peer: String
    let peerPort: Int32
    /// 0 until it is asked for.
    var localPort = 0
    /// Whom the last request on it was for.
    var origin = ""
    /// Requests that were put on it.
    var requestCount = 0
    /// Of these, the ones whose transfer has not ended.
    var openRequestCount = 0
    /// Speaks HTTP/2, so what it says between two requests is no answer to the next.
    var isMultiplexed = false

    init(isConnection: Bool = false, serial: UInt64 = 0, peer: String = "", peerPort: Int32 = 0) {
      self.isConnection = isConnection
      self.serial = serial
      self.peer = peer
      self.peerPort = peerPort
    }
  }

  private let loop: EventLoop
  private var handle: UnsafeMutableRawPointer?
  private var sockets: [Int32: Socket] = [:]
  /// Which connection leaves by a port, as it was found last.
  private var descriptorsByPort: [Int: Int32] = [:]
  private var timer: TimerID?
  private var nextSerial: UInt64 = 0
  private var isInside = false
  /// Transfers whose socket the loop would not watch.
  private var unwatchable: [Transfer] = []
  /// Connections that libcurl let go of since they were last looked through.
  private var released: [Int32] = []
  /// A transfer has ended by itself, or cannot go on since the loop would not watch its socket (nil). The receiver takes
  /// it out.
  var onEnd: (Transfer, CURLcode?) -> Void = { _, _ in }
  /// A connection was opened or closed.
  var onConnectionChange: (_ isOpened: Bool) -> Void = { _ in }
  /// A kept connection to the origin has died.
  var onIdleEnd: (_ origin: String) -> Void = { _ in }

  init(loop: EventLoop, configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    self.loop = loop
    unsafe handle = unsafe curl_multi_init()
    do throws(HTTPClientError) { try setChoices(configuration) } catch {
      unsafe curl_multi_cleanup(handle)
      unsafe handle = nil
      throw error
    }
  }

  private func setChoices(_ configuration: HTTPClientConfiguration) throws(HTTPClientError) {
    guard let multi = unsafe handle else { throw .libraryFailed("no multi handle") }
    // Unretained: see above.
    let user = unsafe Unmanaged.passUnretained(self).toOpaque()
    try Self.check(unsafe ccurl_multi_set_socket_function(multi, Self.socketChanged))
    try Self.check(unsafe ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, user))
    try Self.check(unsafe ccurl_multi_set_timer_function(multi, Self.timerChanged))
    try Self.check(unsafe ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, user))
    try Self.check(unsafe ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX)))
    try Self.check(unsafe ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, configuration.connectionLimit))
    try Self.check(unsafe ccurl_multi_set_long(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, configuration.connectionLimit))
    try Self.check(
      unsafe ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.connectionsPerHostLimit))
  }

  deinit { precondition(unsafe handle == nil, "a multi handle is closed before it is dropped") }

  private static func check(_ code: CURLMcode) throws(HTTPClientError) {
    if code != CURLM_OK { throw .libraryFailed(CurlLibrary.text(code)) }
  }

  /// Starts a transfer as far as that goes without waiting: over a kept connection the request leaves here.
  func add(_ transfer: Transfer) throws(HTTPClientError) {
    try Self.check(unsafe curl_multi_add_handle(handle, transfer.easy.handle))
    act(CURL_SOCKET_BAD, 0)
  }

  /// Ends a transfer, or takes out one that has ended. Its callbacks are not called any more.
  func remove(_ transfer: Transfer) {
    precondition(!isInside, "libcurl takes no transfer out within a callback")
    unsafe curl_multi_remove_handle(handle, transfer.easy.handle)
  }

  /// Lets a transfer go on whose content was not taken.
  func resume(_ transfer: Transfer) {
    precondition(!isInside)
    isInside = true
    // May bring the content at once. An error ends the transfer, which is told when libcurl acts.
    unsafe curl_easy_pause(transfer.easy.handle, CURLPAUSE_CONT)
    isInside = false
    act(CURL_SOCKET_BAD, 0)
  }

  /// Closes every connection. All transfers have been taken out.
  func close() {
    guard let multi = unsafe handle else { return }
    precondition(!isInside)
    unsafe curl_multi_cleanup(multi)
    unsafe handle = nil
    if let timer = timer.take() { loop.cancel(timer) }
    for socket in sockets.values { if let watch = socket.watch { loop.unwatch(watch) } }
    sockets = [:]
    forgetOwner()
  }

  /// From now on nobody is told anything.
  func forgetOwner() {
    onEnd = { _, _ in }
    onConnectionChange = { _ in }
    onIdleEnd = { _ in }
  }

  /// Tells libcurl what has happened to a descriptor, or (`CURL_SOCKET_TIMEOUT`, which is -1) that time has passed; then
  /// hands out the transfers that have ended.
  private func act(_ descriptor: Int32, _ events: Int32) {
    guard let multi = unsafe handle else { return }
    precondition(!isInside, "libcurl is not to be entered twice")
    isInside = true
    var runningCount: Int32 = 0
    unsafe curl_multi_socket_action(multi, descriptor, events, &runningCount)
    isInside = false
    var ended: [(Transfer, CURLcode)] = []
    var result = CURLE_OK
    while let easy = unsafe ccurl_next_ended(multi, &result) {
      guard let user = unsafe ccurl_info_private(easy) else { preconditionFailure("a handle that is none of ours") }
      ended.append((unsafe Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue(), result))
    }
    for (transfer, result) in ended { onEnd(transfer, result) }
    while let transfer = unwatchable.popLast() {
      if !ended.contains(where: { $0.0 === transfer }) { onEnd(transfer, nil) }
    }
    settle()
  }

  // MARK: Callbacks of libcurl

  private static func from(_ user: UnsafeMutableRawPointer?) -> CurlMulti {
    guard let user = unsafe user else { preconditionFailure("a callback without its multi handle") }
    return unsafe Unmanaged<CurlMulti>.fromOpaque(user).takeUnretainedValue()
  }

  private static let socketChanged: ccurl_socket_function = { easy, descriptor, what, user, _ in
    unsafe from(user).socketChanged(descriptor, what, unsafe easy)
    return 0
  }

  private static let timerChanged: ccurl_timer_function = { _, milliseconds, user in
    unsafe from(user).timerChanged(milliseconds)
    return 0
  }

  static let closeSocket: ccurl_close_function = { user, descriptor in
    unsafe from(user).closed(descriptor)
    return ccurl_close_socket(descriptor)
  }

  private func timerChanged(_ milliseconds: Int) {
    if milliseconds < 0 {
      if let timer = timer.take() { loop.cancel(timer) }
      return
    }
    // From the clock and not from the turn's time, which may be behind: libcurl would be asked too early.
    let deadline = loop.clock.now.advanced(by: .milliseconds(milliseconds))
    if let timer, loop.move(timer, to: deadline) { return }
    timer = loop.schedule(at: deadline) { [unowned self] in
      timer = nil
      act(CURL_SOCKET_BAD, 0)
    }
  }

  private func socketChanged(_ descriptor: Int32, _ what: Int32, _ easy: UnsafeMutableRawPointer?) {
    let interest: Readiness
    switch what {
    case CURL_POLL_IN: interest = .readable
    case CURL_POLL_OUT: interest = .writable
    case CURL_POLL_INOUT: interest = [.readable, .writable]
    default: return release(descriptor)
    }
    let known = sockets[descriptor]
    known?.isReleased = false
    known?.isIdle = false
    if let watch = known?.watch { return loop.update(watch, for: interest) }
    do throws(RingError) {
      let watch = try loop.watch(descriptor, for: interest) { [unowned self] in became($0, descriptor) }
      let socket = known ?? Socket()
      socket.watch = watch
      if known == nil { sockets[descriptor] = socket }
    } catch {
      // To tell libcurl so would end all its transfers; this one is ended when it has returned.
      guard let easy = unsafe easy, let user = unsafe ccurl_info_private(easy) else { return }
      let transfer = unsafe Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
      if !unwatchable.contains(where: { $0 === transfer }) { unwatchable.append(transfer) }
    }
  }

  private func release(_ descriptor: Int32) {
    guard let socket = sockets[descriptor] else { return }
    if socket.isConnection {
      // Perhaps to be kept, perhaps to be closed, perhaps paused: that shows when libcurl has returned.
      socket.isReleased = true
      released.append(descriptor)
    } else {
      if let watch = socket.watch { loop.unwatch(watch) }
      sockets[descriptor] = nil
    }
  }

  /// Goes on watching connections that are kept, so that we hear of their end before somebody needs them; in most cases
  /// there is nothing to tell the loop.
  func settle() {
    while let descriptor = released.popLast() {
      guard let socket = sockets[descriptor], socket.isReleased, let watch = socket.watch else { continue }
      socket.isIdle = socket.openRequestCount == 0
      loop.update(watch, for: socket.isIdle ? .readable : [])
    }
  }

  private func became(_ readiness: Readiness, _ descriptor: Int32) {
    if sockets[descriptor]?.isIdle == true { return endIdle(descriptor) }
    var events: Int32 = 0
    if readiness.contains(.readable) { events |= CURL_CSELECT_IN }
    if readiness.contains(.writable) { events |= CURL_CSELECT_OUT }
    if readiness.contains(.failed) { events |= CURL_CSELECT_ERR }
    act(descriptor, events)
  }

  /// Something came in on a kept connection: its end, or what no request asked for. It is not used again.
  private func endIdle(_ descriptor: Int32) {
    // Told too late: libcurl has read it before it let go.
    guard let socket = sockets[descriptor], ccurl_is_silent(descriptor) == 0 else { return }
    if let watch = socket.watch { loop.unwatch(watch) }
    socket.watch = nil
    // HTTP/2 has things to say between requests, which libcurl reads before the next one.
    if socket.isMultiplexed, ccurl_has_ended(descriptor) == 0 { return }
    ccurl_condemn(descriptor)
    onIdleEnd(socket.origin)
  }

  // MARK: Connections

  func opened(_ descriptor: Int32, peer: String, peerPort: Int32) {
    nextSerial += 1
    sockets[descriptor] = Socket(isConnection: true, serial: nextSerial, peer: peer, peerPort: peerPort)
    onConnectionChange(true)
  }

  private func closed(_ descriptor: Int32) {
    guard let socket = sockets.removeValue(forKey: descriptor) else { return }
    if descriptorsByPort[socket.localPort] == descriptor { descriptorsByPort[socket.localPort] = nil }
    if let watch = socket.watch { loop.unwatch(watch) }
    onConnectionChange(false)
  }

  /// The connection that libcurl is about to put a request on, if it is sound: new, or nothing came in since the last
  /// answer. Nil if it is not.
  ///
  /// libcurl takes a kept connection for sound when a byte waits in it. That byte may begin a second answer to the last
  /// request, or the 408 of a server that hangs up: libcurl would read it as the answer to the next request, which was
  /// never looked at.
  func beginRequest(
    localPort: Int, peer: String, peerPort: Int32, origin: String
  ) -> ConnectionUse? {
    guard let descriptor = connection(localPort, peer, peerPort), let socket = sockets[descriptor] else { return nil }
    let isSound =
      socket.requestCount == 0 || socket.openRequestCount > 0 || socket.isMultiplexed
      || ccurl_is_silent(descriptor) != 0
    if !isSound { return nil }
    socket.requestCount += 1
    socket.openRequestCount += 1
    socket.origin = origin
    return ConnectionUse(descriptor: descriptor, serial: socket.serial)
  }

  /// The transfer has ended, or is about to use another connection.
  /// - Parameter isMultiplexed: it is known to speak HTTP/2.
  func endRequest(_ use: ConnectionUse, isMultiplexed: Bool) {
    guard let socket = sockets[use.descriptor], socket.serial == use.serial else { return }
    socket.openRequestCount -= 1
    if isMultiplexed { socket.isMultiplexed = true }
  }

  private func connection(_ localPort: Int, _ peer: String, _ peerPort: Int32) -> Int32? {
    func leads(_ socket: Socket) -> Bool { socket.peerPort == peerPort && socket.peer == peer }
    if let descriptor = descriptorsByPort[localPort], let socket = sockets[descriptor], socket.localPort == localPort,
      leads(socket)
    {
      return descriptor
    }
    // Two connections may leave by one port, to different peers.
    for (descriptor, socket) in sockets where leads(socket) {
      if socket.localPort == 0 { socket.localPort = Int(ccurl_local_port(descriptor)) }
      if socket.localPort == localPort {
        descriptorsByPort[localPort] = descriptor
        return descriptor
      }
    }
    return nil
  }
}
