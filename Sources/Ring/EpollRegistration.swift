internal import Glibc

/// What waits for one descriptor under epoll.
@safe struct EpollRegistration {
  static let readable = UInt32(POLLIN)
  static let writable = UInt32(POLLOUT)
  /// Reported whether asked for or not.
  static let broken = UInt32(POLLERR | POLLHUP)

  var accept: OperationToken?
  var receive: OperationToken?
  var send: OperationToken?
  /// What is left to send; its memory belongs to the stream's slot.
  var sendBytes = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  var connect: OperationToken?
  var poll: OperationToken?
  var pollEvents: UInt32 = 0
  /// The events that the kernel has been told of; 0 if it does not know the descriptor.
  var registered: UInt32 = 0
  /// Listed to be told to the kernel.
  var isDirty = false

  /// The events that the waiting operations need; 0 takes the descriptor out, since errors would be reported for it
  /// without end.
  var wanted: UInt32 {
    var events: UInt32 = 0
    if accept != nil || receive != nil { events |= Self.readable }
    if send != nil || connect != nil { events |= Self.writable }
    if poll != nil { events |= pollEvents }
    return events
  }

  /// Takes one operation out, if it still waits.
  mutating func take(_ token: OperationToken) -> OperationToken? {
    if accept == token { return accept.take() }
    if receive == token { return receive.take() }
    if send == token { return send.take() }
    if connect == token { return connect.take() }
    if poll == token { return poll.take() }
    return nil
  }

  mutating func takeAll() -> [OperationToken] {
    [accept.take(), receive.take(), send.take(), connect.take(), poll.take()].compactMap(\.self)
  }
}
