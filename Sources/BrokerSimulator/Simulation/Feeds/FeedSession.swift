import HTTP
import OrderDomain

/// One listener at a broker's order socket: who he is, what he wants, and what a script does to what he is told.
package struct FeedSession: Sendable {
  package enum Broker: Hashable, Sendable {
    /// The client, once he has logged in.
    case dhan(Int?)
    /// The client, and the topics that he has subscribed to.
    case fyers(Int, Set<String>)
  }

  package enum Reaction: Equatable, Sendable {
    case send(WebSocket.Opcode, [UInt8])
    /// Without a close frame, as Dhan does.
    case reset
    case end
  }

  package private(set) var broker: Broker
  private var count = 0
  private var held: [UInt8]?

  package init(_ broker: Broker) { self.broker = broker }

  package mutating func receive(_ message: WebSocketReader.Message, _ simulation: Simulation) -> [Reaction] {
    switch message {
    case .ping(let payload): return [.send(.pong, payload)]
    case .pong: return []
    case .close: return [.send(.close, []), .end]
    case .text(let bytes), .binary(let bytes):
      switch broker {
      case .dhan: return logIn(bytes, simulation)
      case .fyers(let client, let topics): return subscribe(bytes, client, topics)
      }
    }
  }

  /// No acknowledgement is known; a bad token is answered by a reset.
  private mutating func logIn(_ bytes: [UInt8], _ simulation: Simulation) -> [Reaction] {
    guard let login = try? JSONValue(parsing: bytes.span)["LoginReq"], login["MsgCode"]?.integer == 42,
      let client = simulation.dhan.client(
        loggingInAs: login["ClientId"]?.text, token: login["Token"]?.text, simulation.floor)
    else { return [.reset] }
    broker = .dhan(client)
    return []
  }

  private mutating func subscribe(_ bytes: [UInt8], _ client: Int, _ topics: Set<String>) -> [Reaction] {
    if bytes == Array("ping".utf8) { return [.send(.text, Array("pong".utf8))] }
    guard let json = try? JSONValue(parsing: bytes.span), json["T"]?.text == "SUB_ORD",
      let list = json["SLIST"]?.elements?.compactMap(\.text), let direction = json["SUB_T"]?.integer
    else { return [.send(.text, FyersRefusal.invalidInput.response.body)] }
    broker = .fyers(client, direction == 1 ? topics.union(list) : topics.subtracting(list))
    let message = direction == 1 ? "Successfully subscribed" : "Successfully unsubscribed"
    var writer = JSONWriter(reserving: 64)
    writer.object { json in
      json.integer("code", 1605)
      json.string("message", message)
      json.string("s", "ok")
    }
    return [.send(.text, writer.bytes)]
  }

  /// What of the news goes out now: repeated, or held back until after the next, as the settings say.
  package mutating func pass(_ message: [UInt8], _ settings: SimulationSettings) -> [[UInt8]] {
    count += 1
    if settings.feedHoldEvery > 0, held == nil, count % settings.feedHoldEvery == 0 {
      held = message
      return []
    }
    var messages = [message]
    if let late = held.take() { messages.append(late) }
    if settings.feedDuplicateEvery > 0, count % settings.feedDuplicateEvery == 0 { messages.append(message) }
    return messages
  }
}
