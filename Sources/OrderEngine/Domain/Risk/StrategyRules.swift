/// What holds for one strategy's alerts besides the engine's own limits.
public struct StrategyRules: Sendable {
  public var limits: RiskLimits
  /// The only products that its entries may have; `nil` allows all.
  public var products: Set<ProductType>?

  public init(limits: RiskLimits = .open, products: Set<ProductType>? = nil) {
    self.limits = limits
    self.products = products
  }

  /// Of a strategy that nothing is said of.
  public static let none = StrategyRules()
}
