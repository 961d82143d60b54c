import OrderDomain
import TestSupport
import Testing

@testable import OrderEngine

@Suite("Whoever guesses waits, longer each time, and nobody else does")
struct LockOutTests {
  private func at(_ seconds: Double) -> Uptime { Uptime(nanoseconds: Int64(seconds * 1e9)) }
  private func caller(_ number: UInt64) -> Caller {
    Caller(SenderAddress(high: 0, low: 0xFFFF_0000_0000 | number))
  }

  @Test func `the fifth wrong secret in a minute locks for a minute`() {
    var lockOut = LockOut()
    for second in 0..<4 { #expect(lockOut.fail(caller(1), at: at(Double(second))) == .free) }
    #expect(lockOut.fail(caller(1), at: at(4)) == .locked(retryAfterSeconds: 60))
    #expect(lockOut.standing(of: caller(1), at: at(4.5)) == .locked(retryAfterSeconds: 60))
    #expect(lockOut.standing(of: caller(1), at: at(63.9)) == .locked(retryAfterSeconds: 1))
    #expect(lockOut.standing(of: caller(1), at: at(64)) == .free)
    #expect(lockOut.standing(of: caller(2), at: at(5)) == .free)
  }

  @Test func `a wrong secret now and then locks nobody`() {
    var lockOut = LockOut()
    for minute in 0..<500 {
      for _ in 0..<4 { #expect(lockOut.fail(caller(1), at: at(Double(minute) * 60)) == .free) }
    }
  }

  @Test func `each further lock is twice as long, up to an hour, and an hour's quiet forgets`() {
    var lockOut = LockOut()
    var now = 0.0
    var durations: [Int64] = []
    for _ in 0..<9 {
      var standing = LockOut.Standing.free
      while standing == .free { standing = lockOut.fail(caller(1), at: at(now)) }
      guard case .locked(let seconds) = standing else { return }
      durations.append(seconds)
      now += Double(seconds)
    }
    #expect(durations == [60, 120, 240, 480, 960, 1_920, 3_600, 3_600, 3_600])
    now += 3_600
    for _ in 0..<4 { #expect(lockOut.fail(caller(1), at: at(now)) == .free) }
    #expect(lockOut.fail(caller(1), at: at(now)) == .locked(retryAfterSeconds: 60))
  }

  @Test func `all addresses of an IPv6 customer are one`() throws {
    var lockOut = LockOut()
    for number in 1...5 {
      lockOut.fail(Caller(SenderAddress(high: 0x2001_0db8_0000_0001, low: UInt64(number))), at: at(0))
    }
    let neighbour = Caller(SenderAddress(high: 0x2001_0db8_0000_0001, low: 99))
    #expect(lockOut.standing(of: neighbour, at: at(1)) != .free)
    #expect(lockOut.standing(of: Caller(SenderAddress(high: 0x2001_0db8_0000_0002, low: 1)), at: at(1)) == .free)
  }

  @Test func `behind a proxy that names nobody, a lock is not that of the proxy itself`() {
    var lockOut = LockOut()
    let address = SenderAddress(high: 0, low: 0xFFFF_7F00_0001)
    for _ in 0..<5 { lockOut.fail(Caller(address, isShared: true), at: at(0)) }
    #expect(lockOut.standing(of: Caller(address, isShared: true), at: at(1)) != .free)
    #expect(lockOut.standing(of: Caller(address), at: at(1)) == .free)
  }

  @Test func `no crowd ends a lock, and no crowd fills the memory`() {
    var settings = LockOut.Settings()
    settings.capacity = 64
    var lockOut = LockOut(settings)
    for _ in 0..<5 { lockOut.fail(caller(1), at: at(0)) }
    for number in 0..<10_000 { lockOut.fail(caller(UInt64(1_000 + number)), at: at(1)) }
    #expect(lockOut.standing(of: caller(1), at: at(2)) != .free)
    #expect(lockOut.count == 64)
    // Also when all that there is room for are locked.
    for number in 0..<64 { for _ in 0..<5 { lockOut.fail(caller(UInt64(100_000 + number)), at: at(3)) } }
    for number in 0..<1_000 { lockOut.fail(caller(UInt64(200_000 + number)), at: at(4)) }
    #expect(lockOut.standing(of: caller(1), at: at(5)) != .free)
    #expect(lockOut.count == 64)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `whatever happens, nobody has more guesses looked at than his locks leave him`(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var settings = LockOut.Settings()
    settings.capacity = 8
    var lockOut = LockOut(settings)
    var now = 0.0
    var lookedAt: [UInt64: [Double]] = [:]
    for _ in 0..<20_000 {
      now += Double.random(in: 0...3, using: &generator)
      let number = UInt64.random(in: 0..<6, using: &generator)
      guard lockOut.standing(of: caller(number), at: at(now)) == .free else { continue }
      lookedAt[number, default: []].append(now)
      lockOut.fail(caller(number), at: at(now))
    }
    for times in lookedAt.values {
      // Four at the end of one window and five at the beginning of the next, which lock for a minute at least.
      for index in times.indices.dropFirst(9) {
        #expect(times[index] - times[index - 9] >= 59.99)
      }
    }
  }
}
