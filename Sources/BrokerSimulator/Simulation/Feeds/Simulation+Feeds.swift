package import OrderDomain
import SimulatedExchange

/// The brokers' order sockets.
extension Simulation {
  package enum Handshake: Equatable, Sendable {
    case welcome(FeedSession.Broker)
    case refused(status: UInt16)
  }

  /// Judges a WebSocket's opening request. Fyers asks for the token here, Dhan in the first message.
  package func openFeed(_ request: BrokerRequest) -> Handshake {
    switch request.path {
    // The price sockets live on other hosts under the same path, and are told apart by their query.
    case "/": return request.query.isEmpty ? .welcome(.dhan(nil)) : .refused(status: 404)
    case "/trade/v3":
      guard let client = fyers.client(of: request, floor) else { return .refused(status: 403) }
      return .welcome(.fyers(client, []))
    default: return .refused(status: 404)
    }
  }

  /// When something may be told next without anybody asking.
  package func nextNewsTime(_ wall: Timestamp) -> Timestamp? {
    guard !clock.isStopped, let next = floor.exchange.nextEventTime else { return nil }
    return wall.adding(nanoseconds: max(0, next.nanoseconds(since: clock.now(wall))))
  }

  /// Lets the market go on, for those who listen.
  package mutating func advance(wall: Timestamp) { floor.advance(to: clock.now(wall)) }

  /// What happened since this was last asked. Kept only while somebody listens.
  package mutating func takeNews() -> [OrderNews] {
    floor.takeNews()
  }

  package mutating func setListening(_ isListening: Bool) {
    floor.isListening = isListening
    if !isListening { _ = floor.takeNews() }
  }

  /// What a session is told of one piece of news: nothing, when it is not his, or not what he subscribed to.
  package func messages(_ news: OrderNews, to session: FeedSession) -> [[UInt8]] {
    switch session.broker {
    case .dhan(let client):
      guard let client, dhan.clients[client].account == news.account,
        let order = floor.exchange.order(news.orderID, account: news.account)
      else { return [] }
      return [dhan.alert(news, order, client, floor)]
    case .fyers(let client, let topics):
      guard fyers.clients[client].account == news.account,
        let order = floor.exchange.order(news.orderID, account: news.account)
      else { return [] }
      return fyers.frames(news, order, client, topics, floor)
    }
  }

  /// Whether anybody's news is posted somewhere.
  package var hasPostbacks: Bool {
    dhan.clients.contains { $0.postbackAddress != nil } || fyers.clients.contains { $0.postbackAddress != nil }
  }

  /// What is posted of one piece of news, and where to.
  package func postbacks(_ news: OrderNews) -> [(address: String, body: [UInt8])] {
    guard let order = floor.exchange.order(news.orderID, account: news.account) else { return [] }
    var posts: [(address: String, body: [UInt8])] = []
    for (number, client) in dhan.clients.enumerated() where client.account == news.account {
      if let address = client.postbackAddress { posts.append((address, dhan.postback(news, order, number))) }
    }
    for (number, client) in fyers.clients.enumerated() where client.account == news.account {
      if let address = client.postbackAddress, let body = fyers.postback(news, order, number, floor) {
        posts.append((address, body))
      }
    }
    return posts
  }
}
