/// Every error that Dhan documents or was seen to answer with, and what it proves.
///
/// DH-905 and DH-906 are said of very different things, so their messages decide first (fragments as seen on the wire).
package enum DhanErrors {
  package static let table: [BrokerErrorEntry] = [
    BrokerErrorEntry(
      "DH-901", "", "dhan.tokenRefused", cause: "Dhan refuses the access token", fix: "log in at Dhan again",
      verdict: .tokenDead),
    BrokerErrorEntry(
      "DH-902", "", "dhan.noAccess", cause: "the account may not use this part of Dhan's interface",
      fix: "subscribe to the data plan, or to the trading interface, on web.dhan.co"),
    BrokerErrorEntry(
      "DH-903", "", "dhan.accountNotReady", cause: "the account is not ready for this",
      fix: "activate the segment for the account on web.dhan.co"),
    BrokerErrorEntry(
      "DH-904", "", "dhan.rateLimited", cause: "Dhan takes no more calls for now",
      fix: "nothing to do: the call is made again when its limit allows", verdict: .rateLimited),

    BrokerErrorEntry(
      "DH-905", "invalid ip", "dhan.addressNotRegistered",
      cause: "Dhan takes orders only from the address that is registered for the account",
      fix: "register this machine's public address on web.dhan.co; it may be changed once in seven days"),
    BrokerErrorEntry(
      "DH-905", "invalid price for ordertype", "dhan.priceForType", cause: "the price does not fit the type of order",
      fix: "correct the order and send it as a new alert"),
    BrokerErrorEntry(
      "DH-905", "renewal of token not allowed", "dhan.renewalNotAllowed",
      cause: "Dhan renews only tokens that were made on web.dhan.co", fix: "let the engine log in by PIN and TOTP"),
    BrokerErrorEntry(
      "DH-905", "", "dhan.badInput", cause: "Dhan does not take a field of the request",
      fix: "read Dhan's words; correct the order and send it as a new alert"),

    BrokerErrorEntry(
      "DH-906", "invalid token", "dhan.tokenRefused", cause: "Dhan refuses the access token",
      fix: "log in at Dhan again", verdict: .tokenDead),
    BrokerErrorEntry(
      "DH-906", "invalid totp", "dhan.totpRefused", cause: "Dhan refuses the one-time password",
      fix: "look at the machine's clock and at the TOTP secret"),
    BrokerErrorEntry(
      "DH-906", "transit state", "dhan.inTransit", cause: "the order has not reached the exchange yet",
      fix: "ask again in a moment"),
    BrokerErrorEntry(
      "DH-906", "insufficient fund", "dhan.insufficientFunds", cause: "the account has not the money for this order",
      fix: "add funds, or send a smaller order"),
    BrokerErrorEntry(
      "DH-906", "offline or blocked", "dhan.marketClosed", cause: "the market is closed or blocked",
      fix: "send it in market hours, or as an after-market order in its window"),
    BrokerErrorEntry(
      "DH-906", "trigger price", "dhan.triggerPrice", cause: "the trigger and the limit are on the wrong sides",
      fix: "a buy's limit is at or above its trigger, a sell's at or below"),
    BrokerErrorEntry(
      "DH-906", "incorrect request for order", "dhan.orderNotShown",
      cause: "Dhan does not show this order, or not yet", fix: "nothing to do: the engine reads the order book"),
    BrokerErrorEntry(
      "DH-906", "", "dhan.orderRefused", cause: "Dhan cannot process the order",
      fix: "read Dhan's words; correct the order and send it as a new alert"),

    BrokerErrorEntry(
      "DH-907", "", "dhan.dataError", cause: "Dhan has no data for this question",
      fix: "check the instrument and the day of the symbol file"),
    BrokerErrorEntry(
      "DH-908", "", "dhan.internalError", cause: "Dhan failed inside",
      fix: "nothing to do at once: the engine asks Dhan's books", verdict: .unproven),
    BrokerErrorEntry(
      "DH-909", "", "dhan.backendUnreachable", cause: "Dhan cannot reach its own order system",
      fix: "nothing to do at once: the engine asks Dhan's books", verdict: .unproven),
    BrokerErrorEntry(
      "DH-910", "", "dhan.otherError", cause: "Dhan failed for a reason that it does not name",
      fix: "nothing to do at once: the engine asks Dhan's books", verdict: .unproven),
    BrokerErrorEntry(
      "DH-1111", "", "dhan.noHoldings", cause: "the demat account is empty", fix: "nothing to do",
      verdict: .nothingToList),

    BrokerErrorEntry(
      "800", "", "dhan.dataInternalError", cause: "Dhan's data service failed inside", fix: "ask again later",
      verdict: .unproven),
    BrokerErrorEntry(
      "804", "", "dhan.tooManyInstruments", cause: "more instruments than one call may name",
      fix: "ask in several calls"),
    BrokerErrorEntry(
      "805", "", "dhan.tooManyRequests", cause: "too many calls or connections; Dhan may block the account for it",
      fix: "end other programs that use this account's interface", verdict: .rateLimited),
    BrokerErrorEntry(
      "806", "", "dhan.dataPlanMissing", cause: "the account has no data plan", fix: "subscribe to it on web.dhan.co"),
    BrokerErrorEntry(
      "807", "", "dhan.tokenExpired", cause: "the access token has expired", fix: "log in at Dhan again",
      verdict: .tokenDead),
    BrokerErrorEntry(
      "808", "", "dhan.authenticationFailed", cause: "Dhan does not know whose call this is",
      fix: "log in at Dhan again",
      verdict: .tokenDead),
    BrokerErrorEntry(
      "809", "", "dhan.tokenInvalid", cause: "the access token is invalid", fix: "log in at Dhan again",
      verdict: .tokenDead),
    BrokerErrorEntry(
      "810", "", "dhan.clientIDInvalid", cause: "the client id is not one of Dhan's", fix: "correct DHAN_CLIENT_ID"),
    BrokerErrorEntry(
      "811", "", "dhan.badExpiry", cause: "there is no such expiry", fix: "check the day of the symbol file"),
    BrokerErrorEntry("812", "", "dhan.badDate", cause: "the date is not written as Dhan wants it", fix: "report this"),
    BrokerErrorEntry(
      "813", "", "dhan.badSecurityID", cause: "Dhan has no instrument of this number",
      fix: "load today's symbol file: numbers are given anew over time"),
    BrokerErrorEntry("814", "", "dhan.badRequest", cause: "Dhan does not understand the question", fix: "report this"),
  ]
}
