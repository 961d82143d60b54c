package import OrderDomain

extension OrderAdmission {
  /// One call that only looks, with its permits: the answer, or why there is none. What went wrong counts for token,
  /// limit and circuit as any call does.
  package func read<Value: Sendable>(
    deadline: Timestamp, _ call: (Secret?) async throws(BrokerReadFailure) -> Value
  ) async -> Result<Value, BrokerReadFailure> {
    var permit: OrderPermit
    let admitted = await admit(.read, deadline: deadline)
    switch consume admitted {
    case .admitted(let granted): permit = granted
    case .expired(let refusal): return .failure(.unreachable(refusal))
    case .denied(let refusal): return .failure(.unreachable(refusal))
    case .parked:
      return .failure(
        .unreachable(Refusal(code: "engine.stopping", cause: "the engine is stopping", fix: "ask again later")))
    }
    depart(&permit)
    do throws(BrokerReadFailure) {
      let value = try await call(permit.token)
      finish(permit, .accepted)
      return .success(value)
    } catch {
      finish(permit, PlacementClass(error))
      return .failure(error)
    }
  }
}
