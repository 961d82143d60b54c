import OrderDomain
import Testing

@testable import Actors

struct LoginDeskTests {
  private let start = Uptime(nanoseconds: 0)
  private func after(_ seconds: Int64) -> Uptime { start.advanced(by: .seconds(seconds)) }

  @Test func `a state that was handed out is good once`() {
    var desk = LoginDesk()
    desk.handOut("abc", at: start)
    #expect(desk.claim("abd", at: start) == false)
    #expect(desk.claim(nil, at: start) == false)
    #expect(desk.claim("", at: start) == false)
    let answer1 = desk.expects("abc", at: start)
    #expect(answer1)
    let answer2 = desk.claim("abc", at: start)
    #expect(answer2)
    #expect(desk.claim("abc", at: start) == false)
  }

  @Test func `a login is waited for a quarter of an hour`() {
    var desk = LoginDesk()
    desk.handOut("abc", at: start)
    let answer3 = desk.expects("abc", at: after(899))
    #expect(answer3)
    let answer4 = desk.expects("abc", at: after(900))
    #expect(!answer4)
    #expect(desk.claim("abc", at: after(900)) == false)
  }

  @Test func `nobody is believed before a login was handed out`() {
    var desk = LoginDesk()
    #expect(desk.claim(nil, at: start) == false)
    #expect(desk.claim("abc", at: start) == false)
  }

  @Test func `a broker that gives no state back is expected, a few times at most`() {
    var desk = LoginDesk()
    desk.handOut(nil, at: start)
    #expect(desk.claim("abc", at: start) == false)
    for _ in 0..<LoginDesk.attemptsWithoutState {
      let isExpected = desk.claim(nil, at: start)
      #expect(isExpected)
    }
    #expect(desk.claim(nil, at: start) == false)
  }

  @Test func `when a token has come, nothing is expected`() {
    var desk = LoginDesk()
    desk.handOut("abc", at: start)
    desk.handOut(nil, at: start)
    desk.end()
    #expect(desk.claim("abc", at: start) == false)
    #expect(desk.claim(nil, at: start) == false)
  }

  @Test func `of many logins the oldest is forgotten`() {
    var desk = LoginDesk()
    for number in 0...LoginDesk.limit { desk.handOut("state\(number)", at: start) }
    let answer5 = desk.expects("state0", at: start)
    #expect(!answer5)
    let answer6 = desk.expects("state1", at: start)
    #expect(answer6)
    let answer7 = desk.expects("state\(LoginDesk.limit)", at: start)
    #expect(answer7)
  }
}
