package import Ring

/// An HTTP/1.1 server on one event loop.
///
/// Thread: the loop's, for everything; an ``HTTPResponder`` may be carried elsewhere in between. It and its connections hold
/// each other; ``drain(deadline:completion:)`` undoes that, and the loop lets go of its listeners.
@safe package final class HTTPServer: ListenerHandler, @unchecked Sendable {
  // @unchecked: immutable references, and state that the loop's thread alone touches; the loop checks that at each call.
  package let configuration: HTTPServerConfiguration
  let loop: EventLoop
  let handler: any HTTPHandler
  package internal(set) var counters = HTTPServerCounters()
  private(set) var serializer = ResponseSerializer()
  private var datedAt = LoopClock.Instant(nanoseconds: .min)
  private var connections: [HTTPConnection?] = []
  private var freeSlots: [UInt32] = []
  /// Ended connections, to be used again.
  private var spares: [HTTPConnection] = []
  private var nextSerial: UInt64 = 1
  private var openCount = 0
  /// Of the open ones, those beyond a limit that are being told so.
  private var refusedCount = 0
  private var addresses = AddressTable()
  private var listeners: [ListenerID] = []
  /// Where TLS is spoken; nil for plain HTTP.
  var door: TLSDoor?
  private var drainTimer: TimerID?
  private var drainDeadline = LoopClock.Instant(nanoseconds: .max)
  private var drainCompletion: ((DrainReport) -> Void)?
  private var forcedCount = 0
  package private(set) var isDraining = false

  /// A few kibibytes each: enough for what comes and goes, not for what once came all at a time.
  private static let spareLimit = 256

  /// How a drain ended.
  package struct DrainReport: Sendable, Equatable {
    /// Connections that were cut off at the deadline; 0 if all ended by themselves.
    package var forcedConnectionCount: Int

    package init(forcedConnectionCount: Int) { self.forcedConnectionCount = forcedConnectionCount }
  }

  /// - Parameter handler: held as long as the server.
  package init(loop: EventLoop, configuration: HTTPServerConfiguration, handler: any HTTPHandler) {
    precondition(configuration.connectionLimit > 0 && configuration.connectionsPerAddressLimit > 0)
    precondition(configuration.connection.minimumSendRate > 0 && configuration.connection.unansweredRequestLimit > 0)
    self.loop = loop
    self.configuration = configuration
    self.handler = handler
  }

  /// Takes connections at `address`; port 0 lets the kernel choose.
  /// - Returns: where it listens.
  package func listen(
    on address: SocketAddress, options: ListenOptions = ListenOptions()
  ) throws(RingError) -> SocketAddress {
    let listener = try loop.listen(on: address, options: options, handler: self)
    listeners.append(listener)
    return loop.localAddress(listener) ?? address
  }

  var isListening: Bool { !listeners.isEmpty }

  /// Takes no more connections, lets those that ask or are being answered finish, and closes the others.
  /// - Parameters:
  ///   - deadline: what is left then is cut off.
  ///   - completion: called once, when no connection is left. A second drain while one is under way may only bring the
  ///     deadline forward; its completion is called with the first's.
  package func drain(deadline: LoopClock.Instant, completion: @escaping (DrainReport) -> Void) {
    if let earlier = drainCompletion {
      drainCompletion = { report in
        earlier(report)
        completion(report)
      }
    } else {
      drainCompletion = completion
    }
    isDraining = true
    for listener in listeners { loop.closeListener(listener) }
    listeners = []
    for connection in connections { connection?.drain() }
    if openCount == 0 { return finishDraining() }
    if let drainTimer {
      if deadline >= drainDeadline { return }
      loop.cancel(drainTimer)
    }
    drainDeadline = deadline
    drainTimer = loop.schedule(at: deadline) { [unowned self] in
      drainTimer = nil
      forcedCount += openCount
      for connection in connections { connection?.abandon() }
    }
  }

  private func finishDraining() {
    if let timer = drainTimer.take() { loop.cancel(timer) }
    let report = DrainReport(forcedConnectionCount: forcedCount)
    forcedCount = 0
    // They hold this server.
    spares = []
    let completion = drainCompletion.take()
    completion?(report)
  }

  // MARK: Connections

  package func accepted(
    _ stream: StreamID, from peer: SocketAddress, on listener: ListenerID
  ) -> (any StreamHandler)? {
    let address = PeerAddress(peer)
    let isRefused = isBeyondLimits(address)
    if isRefused, refusedCount >= configuration.refusalLimit {
      counters.refusedConnections &+= 1
      return nil
    }
    var session: TLSSession?
    if let door {
      // It fails for want of memory alone, and the next may be luckier.
      do throws(TLSFailure) { session = try door.context.serverSession(at: loop.time) } catch {
        counters.failedHandshakes &+= 1
        return nil
      }
    }
    if isRefused {
      counters.refusedConnections &+= 1
      refusedCount += 1
    } else {
      counters.acceptedConnections &+= 1
      addresses.add(address)
    }
    let connection = place(stream, address, isRefused)
    openCount += 1
    counters.openConnections = UInt64(openCount)
    var handler: any StreamHandler = connection
    if let door, let session { handler = cover(connection, session, at: door) }
    if isRefused { connection.refuse(.connectionLimit) } else { connection.begin() }
    return handler
  }

  private func isBeyondLimits(_ address: PeerAddress) -> Bool {
    if openCount - refusedCount >= configuration.connectionLimit { return true }
    let limit =
      address.isLoopback ? configuration.connectionsPerLoopbackAddressLimit : configuration.connectionsPerAddressLimit
    return addresses.count(address) >= limit
  }

  private func place(_ stream: StreamID, _ peer: PeerAddress, _ isRefused: Bool) -> HTTPConnection {
    let slot: UInt32
    if let free = freeSlots.popLast() {
      slot = free
    } else {
      slot = UInt32(connections.count)
      connections.append(nil)
    }
    let id = ConnectionID(slot: slot, serial: nextSerial)
    nextSerial += 1
    let connection: HTTPConnection
    if let spare = spares.popLast() {
      spare.reuse(id: id, stream: stream, peer: peer)
      connection = spare
    } else {
      connection = HTTPConnection(server: self, loop: loop, id: id, stream: stream, peer: peer)
    }
    connection.isRefused = isRefused
    connections[Int(slot)] = connection
    return connection
  }

  /// Called by the connection when the loop has let go of it.
  func ended(_ connection: HTTPConnection) {
    connections[Int(connection.id.slot)] = nil
    freeSlots.append(connection.id.slot)
    if spares.count < Self.spareLimit { spares.append(connection) }
    openCount -= 1
    counters.openConnections = UInt64(openCount)
    if connection.isRefused { refusedCount -= 1 } else { addresses.remove(connection.peer) }
    if isDraining, openCount == 0 { finishDraining() }
  }

  private func connection(_ responder: HTTPResponder) -> HTTPConnection? {
    connection(responder.connection)
  }

  /// Nil if it has ended.
  func connection(_ id: ConnectionID) -> HTTPConnection? {
    guard let connection = connections[Int(id.slot)], connection.id == id else { return nil }
    return connection
  }

  // MARK: Answers

  func respond(_ response: HTTPResponse, _ responder: HTTPResponder) {
    guard let connection = connection(responder) else {
      counters.ignoredAnswers &+= 1
      return
    }
    connection.respond(response, to: responder.number)
  }

  func respond(raw bytes: [UInt8], closes: Bool, _ responder: HTTPResponder) {
    guard let connection = connection(responder) else {
      counters.ignoredAnswers &+= 1
      return
    }
    connection.respond(raw: bytes, closes: closes, to: responder.number)
  }

  func write(ahead bytes: [UInt8], _ responder: HTTPResponder) {
    connection(responder)?.write(ahead: bytes, of: responder.number)
  }

  func reset(_ responder: HTTPResponder) {
    connection(responder)?.reset()
  }

  func startStream(
    _ status: HTTPStatus, _ fields: HTTPFields, _ onClose: @escaping () -> Void, _ responder: HTTPResponder
  ) -> HTTPStream? {
    guard let connection = connection(responder) else {
      counters.ignoredAnswers &+= 1
      return nil
    }
    return connection.startStream(responder.number, status, fields, onClose) ? HTTPStream(responder: responder) : nil
  }

  func startTunnel(
    _ head: [UInt8], _ onBytes: @escaping (Span<UInt8>) -> Void, _ onClose: @escaping () -> Void,
    _ responder: HTTPResponder
  ) -> HTTPTunnel? {
    guard let connection = connection(responder) else {
      counters.ignoredAnswers &+= 1
      return nil
    }
    return connection.startTunnel(responder.number, head, onBytes, onClose) ? HTTPTunnel(responder: responder) : nil
  }

  func sendPiece(_ bytes: Span<UInt8>, _ responder: HTTPResponder) -> Bool {
    connection(responder)?.sendPiece(bytes, of: responder.number) ?? false
  }

  func endStream(_ responder: HTTPResponder) {
    connection(responder)?.endStream(responder.number)
  }

  func backlogByteCount(_ responder: HTTPResponder) -> Int {
    connection(responder)?.backlog(of: responder.number) ?? 0
  }

  /// Sets the serialiser's Date to that of this turn of the loop.
  func refreshDate() {
    if datedAt == loop.time { return }
    datedAt = loop.time
    serializer.setDate(unixSeconds: configuration.wallClock())
  }
}

extension PeerAddress {
  init(_ address: SocketAddress) {
    switch address.host {
    case .v4(let host): self.init(ipv4: host, port: address.port)
    case .v6(let high, let low, _): self.init(high: high, low: low, port: address.port)
    }
  }
}
