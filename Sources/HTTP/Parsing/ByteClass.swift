/// Character classes of RFC 9110 and RFC 3986, as bit maps of 128 bits: a test is a shift and a mask.
enum ByteClass {
  /// `tchar` (RFC 9110 5.6.2).
  @inline(__always)
  static func isToken(_ byte: UInt8) -> Bool {
    contains(byte, 0x03FF_6CFA_0000_0000, 0x57FF_FFFF_C7FF_FFFE)
  }

  /// A byte that may stand in a request target: `pchar`, `/`, `?`, the `%` of an escape, and the brackets
  /// of an IPv6 authority (RFC 3986 3). No fragment, no white space, nothing beyond ASCII.
  @inline(__always)
  static func isTarget(_ byte: UInt8) -> Bool {
    contains(byte, 0xAFFF_FFF2_0000_0000, 0x47FF_FFFE_AFFF_FFFF)
  }

  /// A byte that may stand in `reg-name` apart from `%` (RFC 3986 3.2.2): unreserved and sub-delims.
  @inline(__always)
  static func isRegisteredName(_ byte: UInt8) -> Bool {
    contains(byte, 0x2BFF_7FD2_0000_0000, 0x47FF_FFFE_87FF_FFFE)
  }

  /// `field-vchar`, SP and HTAB; obs-text included (RFC 9110 5.5).
  @inline(__always)
  static func isFieldContent(_ byte: UInt8) -> Bool {
    byte >= 0x20 ? byte != 0x7F : byte == 0x09
  }

  /// The white space of OWS and BWS (RFC 9110 5.6.3).
  @inline(__always)
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  @inline(__always)
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }

  /// The value of a hexadecimal digit, or nil.
  @inline(__always)
  static func hexValue(_ byte: UInt8) -> UInt8? {
    if byte &- 0x30 < 10 { return byte &- 0x30 }
    let letter = (byte | 0x20) &- 0x61
    return letter < 6 ? letter &+ 10 : nil
  }

  /// Lower-cases an ASCII letter.
  @inline(__always)
  static func lowercased(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }

  @inline(__always)
  private static func contains(_ byte: UInt8, _ low: UInt64, _ high: UInt64) -> Bool {
    let map = byte & 0x40 == 0 ? low : high
    return byte < 0x80 && (map &>> UInt64(byte & 0x3F)) & 1 == 1
  }
}
