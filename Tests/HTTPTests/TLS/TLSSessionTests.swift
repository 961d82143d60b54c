import HTTP
import Ring
import Testing

@Suite struct TLSSessionTests {
  private let files: CertificateFiles
  private let server: TLSContext

  init() throws {
    files = try CertificateFiles.shared.get()
    server = try TLSContext(serving: files.load(), at: start)
  }

  private func client(_ version: TLSVersion? = nil) throws -> TLSContext {
    try TLSContext(trusting: files.certificate, version: version)
  }

  @Test(arguments: TLSVersion.allCases)
  func `a client and the server agree, and data goes both ways`(_ version: TLSVersion) throws {
    let pair = try TLSPair(client(version), server)
    #expect(pair.server.version == nil)
    pair.pump()
    #expect(pair.client.isEstablished && pair.server.isEstablished)
    #expect(pair.server.version == version)
    #expect(pair.server.cipher?.contains("GCM") == true)
    #expect(pair.server.applicationProtocol == "http/1.1")
    #expect(!pair.server.isResumed)
    try pair.client.write(bytes("question").span)
    try pair.server.write(bytes("answer").span)
    pair.pump()
    #expect(text(pair.heardByServer) == "question")
    #expect(text(pair.heardByClient) == "answer")
    #expect(pair.serverEnd == .open && pair.clientEnd == .open)
  }

  @Test(arguments: TLSVersion.allCases)
  func `any split of the ciphertext opens to the same`(_ version: TLSVersion) throws {
    let context = try client(version)
    // More than two records, and no whole number of them.
    let sent = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for size in [1, 2, 3, 4, 5, 6, 7, 17, 100, 1000, 4096, 16_383, 16_384, 16_385, 16_406, 65_536] {
      let pair = try TLSPair(context, server)
      pair.pump(by: size)
      try pair.client.write(sent.span)
      try pair.server.write(sent.span)
      pair.pump(by: size)
      #expect(pair.heardByServer == sent, "pieces of \(size)")
      #expect(pair.heardByClient == sent, "pieces of \(size)")
    }
  }

  // MARK: Resumption

  @Test(arguments: TLSVersion.allCases)
  func `a ticket takes a session up again, also under another certificate`(_ version: TLSVersion) throws {
    let context = try client(version)
    let first = try TLSPair(context, server)
    first.pump()
    #expect(!first.client.isResumed)
    var ticket = try #require(first.client.ticket)
    for round in 0..<3 {
      if round == 1 { try server.adopt(CertificateFiles().load()) }
      let again = try TLSPair(context, server, resuming: ticket)
      again.pump()
      try #require(again.client.isResumed && again.server.isResumed, "round \(round)")
      try again.client.write(bytes("again").span)
      again.pump()
      #expect(text(again.heardByServer) == "again")
      ticket = try #require(again.client.ticket)
    }
  }

  @Test(arguments: TLSVersion.allCases)
  func `a ticket outlives one change of keys and not two, and then the handshake is whole`(_ version: TLSVersion) throws
  {
    let context = try client(version)
    let first = try TLSPair(context, server)
    first.pump()
    let ticket = try #require(first.client.ticket)
    let lifetime = Duration.seconds(4 * 3600)
    let later = try TLSPair(context, server, resuming: ticket, at: start.advanced(by: lifetime))
    later.pump()
    #expect(later.server.isResumed)
    let muchLater = try TLSPair(context, server, resuming: ticket, at: start.advanced(by: lifetime * 2))
    muchLater.pump()
    #expect(muchLater.client.isEstablished && !muchLater.client.isResumed)
  }

  @Test func `a ticket of another server is passed over`() throws {
    let context = try client()
    let first = try TLSPair(context, server)
    first.pump()
    let other = try TLSContext(serving: files.load(), at: start)
    let ticket = try #require(first.client.ticket)
    let pair = try TLSPair(context, other, resuming: ticket)
    pair.pump()
    #expect(pair.client.isEstablished && !pair.client.isResumed)
  }

  // MARK: Certificates

  @Test func `another certificate is shown to those who come after it`() throws {
    let before = try TLSPair(client(), server)
    before.pump()
    let other = try CertificateFiles(.rsa(2048))
    try server.adopt(other.load())
    // The one that was there goes on.
    try before.client.write(bytes("still").span)
    before.pump()
    #expect(text(before.heardByServer) == "still")
    // Whoever knows the new one alone is served, also if it prefers the old one's kind of key.
    let after = try TLSPair(TLSContext(trusting: other.certificate), server)
    after.pump()
    #expect(after.client.isEstablished)
    let stale = try TLSPair(client(), server)
    stale.pump()
    guard case .failed(let failure) = stale.clientEnd else {
      Issue.record("the old certificate is still shown")
      return
    }
    #expect(failure.mentions("certificate verify failed"), "\(failure)")
    guard case .failed(.handshakeFailed(let words)) = stale.serverEnd else {
      Issue.record("the server has not heard of it")
      return
    }
    #expect(words.contains("alert"), "\(words)")
  }

  @Test func `a client that wants another host is not satisfied`() throws {
    let wrong = try client().clientSession(host: "elsewhere.example")
    let session = try server.serverSession(at: start)
    let scratch = IOBuffer()
    let hello = TLSPair.take(wrong)
    let asked = session.receive(hello.span, through: scratch) { _ in true }
    #expect(asked == .open)
    let answer = TLSPair.take(session)
    guard case .failed(let failure) = wrong.receive(answer.span, through: scratch, { _ in true }) else {
      Issue.record("it is")
      return
    }
    #expect(failure.code == "tls.handshakeFailed")
  }

  // MARK: Ends

  @Test(arguments: TLSVersion.allCases)
  func `each side ends for itself`(_ version: TLSVersion) throws {
    let pair = try TLSPair(client(version), server)
    pair.pump()
    try pair.client.write(bytes("last").span)
    pair.client.close()
    pair.pump()
    #expect(text(pair.heardByServer) == "last")
    #expect(pair.serverEnd == .finished)
    #expect(pair.clientEnd == .open)
    // The other way is still open.
    try pair.server.write(bytes("answer").span)
    pair.server.close()
    pair.server.close()
    pair.pump()
    #expect(text(pair.heardByClient) == "answer")
    #expect(pair.clientEnd == .finished)
    try pair.server.write(bytes("too late").span)
    #expect(pair.server.outputByteCount == 0)
  }

  @Test func `before the handshake an end says nothing`() throws {
    let session = try server.serverSession(at: start)
    session.close()
    #expect(session.outputByteCount == 0)
  }

  @Test func `who takes no more is given no more`() throws {
    let pair = try TLSPair(client(), server)
    pair.pump()
    try pair.client.write([UInt8](repeating: 1, count: 50_000).span)
    var pieces = 0
    let wire = TLSPair.take(pair.client)
    let end = pair.server.receive(wire.span, through: IOBuffer()) { _ in
      pieces += 1
      return pieces < 2
    }
    #expect(end == .abandoned)
    #expect(pieces == 2)
  }

  // MARK: Mischief

  @Test func `bytes that are no TLS end the session at once, whatever they are`() throws {
    var chance = SplitMix(seed: 1)
    for round in 0..<500 {
      let session = try server.serverSession(at: start)
      var garbage = (0..<Int.random(in: 1...3000, using: &chance)).map { _ in
        UInt8.random(in: 0 ... .max, using: &chance)
      }
      // Some look like a record's beginning.
      if round % 3 == 0 { garbage = [22, 3, 1, UInt8.random(in: 0 ... .max, using: &chance), 0] + garbage }
      let end = session.receive(garbage.span, through: IOBuffer()) { _ in
        Issue.record("garbage was opened")
        return false
      }
      switch end {
      case .open, .failed(.handshakeFailed): break
      default: Issue.record("round \(round): \(end)")
      }
      #expect(!session.isEstablished)
      #expect(session.outputByteCount < 100)
    }
  }

  @Test(arguments: TLSVersion.allCases)
  func `a bit that is changed on the way ends the session`(_ version: TLSVersion) throws {
    let context = try client(version)
    for place in [5, 6, 20, 29, 30, 500] {
      let pair = try TLSPair(context, server)
      pair.pump()
      try pair.client.write([UInt8](repeating: 1, count: 1000).span)
      var wire = TLSPair.take(pair.client)
      wire[place] ^= 1
      pair.give(server: wire)
      #expect(pair.heardByServer.isEmpty)
      guard case .failed(.recordRefused) = pair.serverEnd else {
        Issue.record("byte \(place): \(pair.serverEnd)")
        continue
      }
      // The peer is told.
      #expect(pair.server.outputByteCount > 0)
      // Nothing more is said, nor does asking again help.
      try pair.server.write(bytes("x").span)
      pair.server.close()
      #expect(pair.server.outputByteCount < 100)
      let scratch = IOBuffer()
      let again = pair.server.receive(wire.span, through: scratch) { _ in true }
      #expect(again != .open)
    }
  }

  @Test func `a record longer than the rules allow is refused by its head`() throws {
    let pair = try TLSPair(client(), server)
    pair.pump()
    pair.give(server: [23, 3, 3, 0xFF, 0xFF])
    guard case .failed(.recordRefused(let words)) = pair.serverEnd else {
      Issue.record("\(pair.serverEnd)")
      return
    }
    #expect(words.contains("length"), "\(words)")
  }

  @Test func `every beginning of a handshake waits for its rest`() throws {
    let hello = TLSPair.take(try client().clientSession(host: "localhost"))
    for count in 1..<hello.count {
      let session = try server.serverSession(at: start)
      let beginning = Array(hello[..<count])
      let end = session.receive(beginning.span, through: IOBuffer()) { _ in true }
      #expect(end == .open)
      #expect(session.outputByteCount == 0)
    }
  }
}
