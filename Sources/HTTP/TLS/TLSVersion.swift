internal import COpenSSL

/// The versions that are spoken; older ones are broken (RFC 8996).
package enum TLSVersion: String, Sendable, CaseIterable {
  // By OpenSSL's names.
  case v12 = "TLSv1.2"
  case v13 = "TLSv1.3"

  var number: Int32 {
    switch self {
    case .v12: TLS1_2_VERSION
    case .v13: TLS1_3_VERSION
    }
  }
}
