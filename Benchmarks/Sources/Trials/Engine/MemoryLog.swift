import OrderDomain

/// A disk that takes everything at once and keeps nothing.
struct MemoryLog: AppendLog {
  func write(_ bytes: [UInt8], at place: LogPlace, isDurable: Bool, ended: @escaping Ending) { ended(.success(())) }
  func sync(_ segment: UInt64) async throws(AppendLogFailure) {}
  func prepare(_ segment: UInt64, byteCount: UInt64) async throws(AppendLogFailure) {}
  func checkRoom(_ byteCount: UInt64) async throws(AppendLogFailure) {}
}
