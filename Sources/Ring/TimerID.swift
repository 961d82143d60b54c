/// Names one timer of one event loop. Stale once the timer has fired or was cancelled; using it then does nothing.
package struct TimerID: Hashable, Sendable {
  let id: SlotID
}
