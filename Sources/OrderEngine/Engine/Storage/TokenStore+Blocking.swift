import OrderDomain

extension TokenStore {
  /// Does what may block away from the engine's thread; what it refuses is this store's failure.
  func away<Value: Sendable>(
    _ body: @escaping @Sendable () throws(Refusal) -> Value
  ) async throws(TokenStoreError) -> Value {
    let result: Result<Value, Refusal> = await BlockingWork.run {
      do throws(Refusal) { return .success(try body()) } catch { return .failure(error) }
    }
    switch result {
    case .success(let value): return value
    case .failure(let refusal): throw TokenStoreError(store: name, refusal: refusal)
    }
  }
}
