import OrderDomain

/// What an alert's address says besides that it is an alert's.
///
/// `/webhook`, `/webhook/STRATEGY`, `/webhook/secret/SECRET` and `/webhook/secret/SECRET/STRATEGY`. A secret always has the
/// word before it, so that no strategy's name is taken for one and no secret for a name: names are shown and journaled,
/// and what stands behind the word never is.
struct WebhookPath: Sendable {
  var strategy: String?
  var secret: Secret?

  /// `nil` when nothing is at this address.
  init?(segments: [String]) {
    guard segments.count >= 2, segments[0] == "webhook", segments.dropFirst().allSatisfy({ !$0.isEmpty }) else {
      return nil
    }
    switch segments.count {
    case 2: strategy = segments[1]
    case 3, 4:
      guard segments[1] == "secret" else { return nil }
      secret = Secret(segments[2])
      strategy = segments.count == 4 ? segments[3] : nil
    default: return nil
    }
  }
}
