import HTTP

/// What the door says of its certificate and its handshakes, in Prometheus' text format. Nothing where it speaks plain HTTP.
enum DoorMetrics {
  static func text(_ certificate: TLSCertificate?, _ counters: HTTPServerCounters) -> String {
    guard let certificate else { return "" }
    let name = "order_engine_tls_handshakes_total"
    return """
      # HELP order_engine_tls_certificate_expiry_timestamp_seconds When the door's certificate expires, since 1970.
      # TYPE order_engine_tls_certificate_expiry_timestamp_seconds gauge
      order_engine_tls_certificate_expiry_timestamp_seconds \(certificate.validUntil)
      # HELP \(name) TLS handshakes, by what came of them.
      # TYPE \(name) counter
      \(name){outcome="full"} \(counters.handshakes - counters.resumedHandshakes)
      \(name){outcome="resumed"} \(counters.resumedHandshakes)
      \(name){outcome="failed"} \(counters.failedHandshakes)
      \(name){outcome="crowded_out"} \(counters.crowdedOutHandshakes)
      # HELP order_engine_tls_plain_requests_total Connections that spoke plain HTTP to the TLS port.
      # TYPE order_engine_tls_plain_requests_total counter
      order_engine_tls_plain_requests_total \(counters.plainRequestsToTLS)

      """
  }
}
