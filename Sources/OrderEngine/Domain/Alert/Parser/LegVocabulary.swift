/// Which field says what in a leg: the three formats differ in names, not in what a leg is.
struct LegVocabulary {
  var side: AlertField
  var orderType: AlertField
  var quantity: AlertField
  var product: AlertField
  var triggerPrice: AlertField
  /// The four parts that name an option; `nil` where a format names instruments by symbol only.
  var option: Option?
  var lots: AlertField?
  var stopLoss: AlertField?
  var target: AlertField?
  /// Otherwise an order that names no type is a market order.
  var isOrderTypeRequired = false

  struct Option {
    var underlying: AlertField
    var strike: AlertField
    var type: AlertField
    /// Whether a leg may name a symbol instead.
    var isOptional: Bool

    var fields: AlertFieldSet {
      AlertFieldSet(underlying) | AlertFieldSet(strike) | AlertFieldSet(type) | AlertFieldSet(.expiry)
    }
  }

  /// What every leg has to say, beside what it names and how much of it.
  var required: AlertFieldSet {
    let required = AlertFieldSet(side) | AlertFieldSet(product)
    return isOrderTypeRequired ? required | AlertFieldSet(orderType) : required
  }

  static let multiLegOrder = LegVocabulary(
    side: .transactionType, orderType: .orderType, quantity: .quantity, product: .productType,
    triggerPrice: .triggerPrice, isOrderTypeRequired: true)

  static let native = LegVocabulary(
    side: .side, orderType: .nativeOrderType, quantity: .quantity, product: .product,
    triggerPrice: .nativeTriggerPrice,
    option: Option(underlying: .underlying, strike: .strike, type: .nativeOptionType, isOptional: true),
    lots: .lots, stopLoss: .stopLoss, target: .target)

  static let optionOrder = LegVocabulary(
    side: .action, orderType: .orderType, quantity: .qty, product: .productType, triggerPrice: .triggerPrice,
    option: Option(underlying: .symbol, strike: .strikeprice, type: .optionType, isOptional: false),
    stopLoss: .sl, target: .tp)
}
