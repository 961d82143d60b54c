import Actors
import OrderDomain
import TestSupport
import Testing

struct JournalStateTests {
  private let broken = Refusal(code: "journal.disk", cause: "EIO", fix: "replace the disk")

  private func append(_ state: inout JournalState, _ payload: [UInt8] = [1]) -> JournalState.Admission {
    state.append(type: 4, time: Sample.opening, payload: payload)
  }

  private func begin(_ state: inout JournalState) -> JournalState.Commit? {
    state.beginCommit(at: Sample.opening, digest: TestDigest())
  }

  /// A place in the middle of a segment.
  private func from(_ nextSequence: UInt64) -> JournalPosition {
    JournalPosition(place: LogPlace(segment: 1, offset: 64), nextSequence: nextSequence, chain: .origin)
  }

  @Test func `records are numbered, and a commit ends with its seal's number`() {
    var state = JournalState(at: from(5))
    #expect(state.isIdle)
    #expect(begin(&state) == nil)
    #expect(append(&state) == .gathered(sequence: 5))
    #expect(append(&state) == .gathered(sequence: 6))
    #expect(begin(&state)?.lastSequence == 7)
    #expect(append(&state) == .gathered(sequence: 8))
    #expect(state.position.nextSequence == 9)
  }

  @Test func `one commit is in flight, and the next gathers behind it`() {
    var state = JournalState()
    _ = append(&state)
    #expect(begin(&state) != nil)
    #expect(append(&state) == .gathered(sequence: 3))
    #expect(begin(&state) == nil)
    #expect(!state.isIdle)
    _ = state.commitWritten()
    #expect(begin(&state)?.lastSequence == 4)
    _ = state.commitWritten()
    #expect(state.isIdle)
  }

  @Test func `what gathers is bounded, to the byte`() {
    var state = JournalState()
    let payload = [UInt8](repeating: 0, count: JournalFormat.payloadLimit)
    var room = JournalState.gatheringLimit
    while room >= payload.count + JournalFormat.recordOverhead {
      guard case .gathered = append(&state, payload) else {
        Issue.record("full with \(room) bytes of room")
        return
      }
      room -= payload.count + JournalFormat.recordOverhead
    }
    let rest = [UInt8](repeating: 0, count: room - JournalFormat.recordOverhead)
    let next = state.position.nextSequence
    #expect(append(&state, rest + [0]) == .full)
    #expect(state.position.nextSequence == next)
    #expect(append(&state, rest) == .gathered(sequence: next))
    #expect(append(&state, []) == .full)
    #expect(state.gatheredByteCount == JournalState.gatheringLimit)
    // What is in flight is not waiting any more.
    #expect(state.beginCommit(at: Sample.opening, digest: LengthDigest()) != nil)
    #expect(append(&state) == .gathered(sequence: next + 2))
  }

  @Test func `after a failure nothing is taken, for good`() {
    var state = JournalState()
    _ = append(&state)
    _ = begin(&state)
    _ = append(&state)
    #expect(state.failure == nil)
    state.commitFailed(broken)
    #expect(state.failure == broken)
    #expect(append(&state) == .refused(broken))
    #expect(begin(&state) == nil)
    #expect(state.gatheredByteCount == 0)
  }

  @Test func `ending a commit that was not begun is a bug of ours`() async {
    await #expect(processExitsWith: .failure) {
      var state = JournalState()
      _ = state.commitWritten()
    }
    await #expect(processExitsWith: .failure) {
      var state = JournalState()
      state.commitFailed(Refusal(code: "", cause: "", fix: ""))
    }
    await #expect(processExitsWith: .failure) {
      var state = JournalState()
      _ = state.append(type: JournalFormat.sealType, time: Timestamp(nanoseconds: 0), payload: [])
    }
  }
}
