internal import Glibc

/// What a descriptor is watched for, and what it is ready for.
package struct Readiness: OptionSet, Sendable, Hashable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let readable = Readiness(rawValue: 1)
  package static let writable = Readiness(rawValue: 2)
  /// An error or a hang-up; always watched for, need not be asked for.
  package static let failed = Readiness(rawValue: 4)

  /// The bits of poll(2), which are those of epoll, too.
  var events: UInt32 {
    (contains(.readable) ? UInt32(POLLIN) : 0) | (contains(.writable) ? UInt32(POLLOUT) : 0)
  }

  init(events: UInt32) {
    var ready: Readiness = []
    if events & UInt32(POLLIN) != 0 { ready.insert(.readable) }
    if events & UInt32(POLLOUT) != 0 { ready.insert(.writable) }
    if events & UInt32(POLLERR | POLLHUP | POLLNVAL) != 0 { ready.insert(.failed) }
    self = ready
  }
}
