import OrderDomain
import Testing

@testable import Actors

struct LoginDeskTests {
  private let start = Uptime(nanoseconds: 0)
  private func after(_ seconds: Int64) -> Uptime { start.advanced(by: .seconds(seconds)) }

  @Test func `a state that was handed out is good once`() {
    var desk = LoginDesk()
    desk.handOut("abc", at: start)
    #expect(!desk.claim("abd", at: start))
    #expect(!desk.claim(nil, at: start))
    #expect(!desk.claim("", at: start))
    #expect(desk.expects("abc", at: start))
    #expect(desk.claim("abc", at: start))
    #expect(!desk.claim("abc", at: start))
  }

  @Test func `a login is waited for a quarter of an hour`() {
    var desk = LoginDesk()
    desk.handOut("abc", at: start)
    #expect(desk.expects("abc", at: after(899)))
    #expect(!desk.expects("abc", at: after(900)))
    #expect(!desk.claim("abc", at: after(900)))
  }

  @Test func `nobody is believed before a login was handed out`() {
    var desk = LoginDesk()
    #expect(!desk.claim(nil, at: start))
    #expect(!desk.claim("abc", at: start))
  }

  @Test func `a broker that gives no state back is expected, a few times at most`() {
    var desk = LoginDesk()
    desk.handOut(nil, at: start)
    #expect(!desk.claim("abc", at: start))
    for _ in 0..<LoginDesk.attemptsWithoutState { #expect(desk.claim(nil, at: start)) }
    #expect(!desk.claim(nil, at: start))
  }

  @Test func `when a token has come, nothing is expected`() {
    var desk = LoginDesk()
    desk.handOut("abc", at: start)
    desk.handOut(nil, at: start)
    desk.end()
    #expect(!desk.claim("abc", at: start))
    #expect(!desk.claim(nil, at: start))
  }

  @Test func `of many logins the oldest is forgotten`() {
    var desk = LoginDesk()
    for number in 0...LoginDesk.limit { desk.handOut("state\(number)", at: start) }
    #expect(!desk.expects("state0", at: start))
    #expect(desk.expects("state1", at: start))
    #expect(desk.expects("state\(LoginDesk.limit)", at: start))
  }
}
