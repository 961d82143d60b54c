/// What a client has counted since it was made.
package struct HTTPClientCounters: Sendable, Equatable {
  /// Transfers that were begun, warm-ups included.
  package var transfers: UInt64 = 0
  /// Under way or waiting at this moment.
  package var openTransfers: UInt64 = 0
  /// Whole answers, whatever their status.
  package var answers: UInt64 = 0
  package var failuresCertainlyNotSent: UInt64 = 0
  package var failuresPerhapsSent: UInt64 = 0
  /// Refused before they were begun.
  package var refusals: UInt64 = 0
  package var connectionsOpened: UInt64 = 0
  package var connectionsOpen: UInt64 = 0
  /// Transfers over a connection that was there already.
  package var connectionsReused: UInt64 = 0
  /// Kept connections that ended, or on which something came in that nobody had asked for, while they were not in use.
  package var idleEnds: UInt64 = 0
  /// Kept connections found dead or unsound before a request was put on them.
  package var staleConnections: UInt64 = 0
  /// Second attempts that were made, of requests that allow it.
  package var resends: UInt64 = 0
  /// Second attempts that libcurl wanted to make and was kept from.
  package var preventedResends: UInt64 = 0
  package var warmUps: UInt64 = 0
  package var warmUpFailures: UInt64 = 0
  package var receivedBytes: UInt64 = 0
  package var sentBytes: UInt64 = 0
}
