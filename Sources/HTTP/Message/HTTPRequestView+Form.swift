/// What forms send: `name=value` pairs with `&` between (application/x-www-form-urlencoded).
extension HTTPRequestView {
  /// The first value under `name` in a form that is the content, or nil where it is absent or does not decode.
  public func formValue(_ name: String) -> String? { HTTPRequestView.value(of: name, in: body) }

  static func value(of name: String, in form: Span<UInt8>) -> String? {
    var start = 0
    while start < form.count {
      let end = form.firstOffset(of: UInt8(ascii: "&"), from: start) ?? form.count
      let pair = form.part(start..<end)
      let equals = pair.firstOffset(of: UInt8(ascii: "=")) ?? pair.count
      if PercentCoding.decode(pair.part(0..<equals), plusIsSpace: true) == name {
        return PercentCoding.decode(pair.part(min(equals + 1, pair.count)..<pair.count), plusIsSpace: true)
      }
      start = end + 1
    }
    return nil
  }
}
