/// Every error that Fyers documents or was seen to answer with, and what it proves. Older numbers are still met in places.
///
/// Where one number is said of several things, its messages decide first.
package enum FyersErrors {
  package static let table: [BrokerErrorEntry] = current + older

  private static let current: [BrokerErrorEntry] = [
    BrokerErrorEntry(
      "201", "", "fyers.notAcknowledged", cause: "Fyers sent the request on and got no acknowledgement",
      fix: "nothing to do at once: the engine reads the order book", verdict: .unproven),
    BrokerErrorEntry(
      "-8", "", "fyers.tokenExpired", cause: "the access token has expired", fix: "log in at Fyers again",
      verdict: .tokenDead),
    BrokerErrorEntry(
      "-15", "", "fyers.tokenInvalid", cause: "Fyers does not take the access token", fix: "log in at Fyers again",
      verdict: .tokenDead),
    BrokerErrorEntry(
      "-16", "refresh token api", "fyers.refreshDisabled",
      cause: "Fyers renews no tokens any more, by the rules of 2026",
      fix: "log in at Fyers once every trading day", verdict: .tokenDead),
    BrokerErrorEntry(
      "-16", "", "fyers.tokenInvalid", cause: "Fyers cannot authenticate the access token",
      fix: "log in at Fyers again", verdict: .tokenDead),
    BrokerErrorEntry(
      "-17", "", "fyers.tokenInvalid", cause: "Fyers refuses the access token", fix: "log in at Fyers again",
      verdict: .tokenDead),
    BrokerErrorEntry(
      "-50", "tick size", "fyers.notOnTick", cause: "a price lies between two ticks",
      fix: "load today's symbol file: ticks change over time"),
    BrokerErrorEntry(
      "-50", "lot size", "fyers.notALotMultiple", cause: "the quantity is not a whole number of lots",
      fix: "load today's symbol file: lots change over time"),
    BrokerErrorEntry(
      "-50", "", "fyers.badInput", cause: "Fyers does not take a field of the request",
      fix: "read Fyers' words; correct the order and send it as a new alert"),
    BrokerErrorEntry(
      "-51", "", "fyers.unknownOrder", cause: "Fyers has no working order of this number",
      fix: "look at the order's state; it may have ended first"),
    BrokerErrorEntry(
      "-53", "", "fyers.unknownPosition", cause: "Fyers has no position of this number", fix: "read the positions again"
    ),
    BrokerErrorEntry(
      "-99", "margin shortfall", "fyers.insufficientFunds", cause: "the account has not the money for this order",
      fix: "add funds, or send a smaller order"),
    BrokerErrorEntry(
      "-99", "circuit limit", "fyers.outsideBand", cause: "the price lies outside today's band",
      fix: "send the order at a price inside the band"),
    // The words of this refusal have not been captured; these are a guess that costs nothing.
    BrokerErrorEntry(
      "-99", "whitelisted", "fyers.addressNotRegistered",
      cause: "Fyers takes orders only from the address that is registered for the app",
      fix: "register this machine's public address on myapi.fyers.in"),
    BrokerErrorEntry(
      "-99", "", "fyers.riskRefused", cause: "Fyers' risk checks, or the exchange, refuse the order",
      fix: "read Fyers' words; correct the order and send it as a new alert"),
    BrokerErrorEntry(
      "-300", "", "fyers.badSymbol", cause: "Fyers has no instrument of this name",
      fix: "load today's symbol file: names change over time"),
    BrokerErrorEntry(
      "-310", "valid symbol", "fyers.badSymbol", cause: "Fyers has no instrument of this name",
      fix: "load today's symbol file: names change over time"),
    BrokerErrorEntry(
      "-310", "", "fyers.badQuantity", cause: "Fyers does not take the quantity",
      fix: "send whole lots below the freeze quantity"),
    BrokerErrorEntry(
      "-352", "position", "fyers.nothingToExit", cause: "there is no position to exit", fix: "nothing to do"),
    BrokerErrorEntry(
      "-352", "", "fyers.badAppID", cause: "Fyers does not know the app, or it is older than the rules of 2026",
      fix: "make a new app on myapi.fyers.in and set FYERS_CLIENT_ID"),
    BrokerErrorEntry(
      "-373", "", "fyers.noPermission", cause: "the app may not make this call",
      fix: "give the app the permission on myapi.fyers.in"),
    BrokerErrorEntry(
      "-429", "", "fyers.rateLimited", cause: "Fyers takes no more calls for now",
      fix: "nothing to do: the call is made again when its limit allows", verdict: .rateLimited),
    BrokerErrorEntry(
      "400", "", "fyers.badLegs", cause: "Fyers does not take the legs of the request",
      fix: "read Fyers' words; correct the order and send it as a new alert"),
  ]

  /// From the sheet that Fyers published for an earlier version.
  private static let older: [BrokerErrorEntry] = [
    BrokerErrorEntry(
      "-96", "", "fyers.unexpected", cause: "Fyers failed in a way that it does not name",
      fix: "nothing to do at once: the engine reads the order book", verdict: .unproven),
    field("-101", "the type of order"),
    BrokerErrorEntry(
      "-157", "", "fyers.noSuchUser", cause: "Fyers knows no such user", fix: "check the account's login"),
    BrokerErrorEntry(
      "-159", "", "fyers.unknownOrder", cause: "Fyers has no working order of this number",
      fix: "look at the order's state; it may have ended first"),
    BrokerErrorEntry(
      "-209", "", "fyers.unknownOrder", cause: "Fyers has no working order of this number",
      fix: "look at the order's state; it may have ended first"),
    BrokerErrorEntry(
      "-161", "", "fyers.alreadyCancelled", cause: "the order is cancelled already", fix: "nothing is left to change"),
    BrokerErrorEntry(
      "-162", "", "fyers.alreadyFilled", cause: "the order has filled already", fix: "nothing is left to change"),
    BrokerErrorEntry(
      "-163", "", "fyers.notModified", cause: "the order could not be changed", fix: "read Fyers' words"),
    BrokerErrorEntry(
      "-164", "", "fyers.alreadyRejected", cause: "the order was rejected already", fix: "nothing is left to change"),
    market("-201"), market("-202"), market("-203"), market("-204"), market("-205"),
    field("-305", "the product type"),
    field("-308", "the limit price"),
    field("-309", "the stop price"),
    field("-311", "the stop loss"),
    field("-313", "the side"),
    field("-314", "the product type"),
    field("-315", "the limit price of a stop order"),
    field("-316", "the stop loss"),
    field("-323", "the type of a cover or bracket order"),
    field("-325", "the target"),
    field("-326", "the validity"),
    field("-327", "the disclosed quantity"),
    field("-328", "the after-market mark"),
    BrokerErrorEntry(
      "-329", "", "fyers.exitSent", cause: "an exit was sent already", fix: "read the positions", verdict: .unproven),
    BrokerErrorEntry(
      "-353", "", "fyers.rateLimited", cause: "Fyers takes no more calls for now",
      fix: "nothing to do: the call is made again when its limit allows", verdict: .rateLimited),
    BrokerErrorEntry(
      "-371", "", "fyers.badLogin", cause: "Fyers does not take the app's hash",
      fix: "check FYERS_APP_ID and FYERS_SECRET_ID"),
    field("-372", "the price"),
    BrokerErrorEntry(
      "-374", "", "fyers.badLogin", cause: "Fyers does not take the login's code",
      fix: "log in again; a code serves once"),
    field("-390", "the stop price"),
    BrokerErrorEntry(
      "-392", "", "fyers.notOnTick", cause: "a price lies between two ticks",
      fix: "load today's symbol file: ticks change over time"),
    BrokerErrorEntry("-397", "", "fyers.nothingToExit", cause: "the position is closed already", fix: "nothing to do"),
    BrokerErrorEntry("-398", "", "fyers.nothingToExit", cause: "no position is open", fix: "nothing to do"),
    BrokerErrorEntry("-399", "", "fyers.nothingToExit", cause: "no order is working", fix: "nothing to do"),
  ]

  private static func field(_ wire: String, _ name: String) -> BrokerErrorEntry {
    BrokerErrorEntry(
      wire, "", "fyers.badInput", cause: "Fyers does not take \(name)",
      fix: "read Fyers' words; correct the order and send it as a new alert")
  }

  private static func market(_ wire: String) -> BrokerErrorEntry {
    BrokerErrorEntry(
      wire, "", "fyers.marketConnection", cause: "Fyers' connection to the exchange is in trouble",
      fix: "nothing to do at once: the engine reads the order book", verdict: .unproven)
  }
}
