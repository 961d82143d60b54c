package import OrderDomain

/// Finds the list of holidays that counts: the file of the setting, else `holidays.csv` in the data directory, else the
/// one that comes with the engine.
package enum HolidayFile {
  /// Some hundred lines a year.
  static let byteLimit = 1 << 20

  /// Blocks for the disk.
  package static func read(setting path: String?, dataDirectory: String) -> Result<HolidayCalendar.Source, Refusal> {
    do throws(Refusal) {
      if let path {
        guard let source = try read(path) else {
          throw Refusal(
            code: "calendar.notThere", cause: "there is no list of holidays at \(path)",
            fix: "put it there, or correct HOLIDAYS_FILE; docs/holidays.md says what it looks like")
        }
        return .success(source)
      }
      if let source = try read(dataDirectory + "/holidays.csv") { return .success(source) }
      return .success(
        HolidayCalendar.Source(try HolidayCalendar(HolidayCalendar.bundled), "the list that came with the engine"))
    } catch {
      return .failure(error)
    }
  }

  private static func read(_ path: String) throws(Refusal) -> HolidayCalendar.Source? {
    guard let bytes = try DataDirectory.read(path, limit: byteLimit) else { return nil }
    return HolidayCalendar.Source(try HolidayCalendar(String(decoding: bytes, as: UTF8.self)), path)
  }
}
