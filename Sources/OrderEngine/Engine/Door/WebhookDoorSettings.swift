package import OrderDomain

/// What alerts must bring with them, and where they may come from.
package struct WebhookDoorSettings: Sendable {
  package enum Authentication: String, Sendable, CaseIterable {
    /// The shared secret; a signature is not looked at.
    case secret
    /// A signature; a secret is not looked at.
    case hmac
    /// A signature where one comes, and it must be good then; else the secret.
    case either
    /// Both.
    case both
  }

  package var authentication = Authentication.secret
  package var signatureSecrets: [Secret] = []
  /// How far a signature's time may be from ours, before and after.
  package var signatureWindowSeconds: Int64 = 300
  /// Where alerts may come from; `nil` is anywhere.
  package var allowedAddresses: AddressList?
  /// Proxies whose `X-Forwarded-For` is believed.
  package var trustedProxies = AddressList()
  /// Wrong secrets of one address in a window of seconds, after which it waits.
  package var lockOutLimit = 5
  package var lockOutWindowSeconds: Int64 = 60

  package init() {}

  var lockOut: LockOut.Settings {
    var settings = LockOut.Settings()
    settings.limit = lockOutLimit
    settings.window = .seconds(lockOutWindowSeconds)
    return settings
  }
}
