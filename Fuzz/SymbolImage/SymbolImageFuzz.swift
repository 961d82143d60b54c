/// Tries two properties of kept symbol tables on any bytes. As they are, they are refused: nobody hits two digests by
/// chance. As changes to a sound image whose digests are then made to fit, they are refused, or every look-up ends
/// without reading where nothing is.
///
/// A change is four bytes of place and number of bytes, and those bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSymbolImage(_ data: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: data, count: count))
  precondition(opened(bytes) == nil, "bytes without a fitting digest were believed")
  if let table = opened(sealed(changed(sound, by: bytes[...]))) { ask(table) }
  return 0
}

private let today = CalendarDate(daysSinceEpoch: 20_780)

private let sound: [UInt8] = {
  do throws(SymbolFileError) {
    let image = try SymbolTable.read([SampleSymbols.file(today: today)]).image
    let body = image.body
    return image.headerBytes(for: SymbolImageIdentity(program: 1, day: today, sources: 2))
      + body.indices.map { body[$0] }
  } catch {
    preconditionFailure("\(error)")
  }
}()

private func opened(_ bytes: [UInt8]) -> SymbolTable? {
  let memory = ReadOnlyMemory.made(byteCount: bytes.count) { $0.copy(bytes.span, to: 0) }
  do throws(SymbolImageFault) {
    return try SymbolTable.opened(SymbolImage(reading: memory))
  } catch {
    precondition(!error.code.isEmpty && !error.cause.isEmpty)
    return nil
  }
}

private func changed(_ image: [UInt8], by changes: ArraySlice<UInt8>) -> [UInt8] {
  var (image, rest) = (image, changes)
  while rest.count > 4 {
    let place = rest.prefix(3).reduce(0) { $0 << 8 | Int($1) } % image.count
    let count = Int(rest.dropFirst(3).first ?? 0) & 0x1F
    let bytes = rest.dropFirst(4).prefix(min(count, image.count - place))
    image.replaceSubrange(place..<place + bytes.count, with: bytes)
    rest = rest.dropFirst(4 + bytes.count)
  }
  return image
}

private func sealed(_ image: [UInt8]) -> [UInt8] {
  var image = image
  let body = XXH64.digest(of: image.span.extracting(512..<image.count))
  withUnsafeBytes(of: body) { image.replaceSubrange(496..<504, with: $0) }
  let header = XXH64.digest(of: image.span.extracting(0..<504))
  withUnsafeBytes(of: header) { image.replaceSubrange(504..<512, with: $0) }
  return image
}

private func ask(_ table: SymbolTable) {
  let names = [
    "RELIANCE", "BSE:SBIN", "NIFTY1!", "NIFTY", "NSE:NIFTY-Nov2026-26000-CE", "SBIN-EQ", "900010", "M_M", "RELIANSE",
    "BANKNIFTY 24 NOV 58000 PUT",
  ]
  for name in names { _ = table.resolve(.symbol(name, exchange: nil, hint: nil), today: today) }
  for expiry in [ExpirySelector.weekly, .monthly, .date(today.adding(days: 7))] {
    guard let strike = Price(rupees: 26_000) else { continue }
    _ = table.resolve(
      .option(underlying: "NIFTY", exchange: nil, strike: strike, type: .call, expiry: expiry), today: today)
  }
  for row in 0..<UInt32(min(table.rowCount, 64)) { _ = (table.instrument(row: row), table.label(row)) }
}
