/// From the bytes of a body to an ``Alert``: three formats, told apart by what they contain. `docs/alerts.md` lists
/// every field, unit, default and refusal.
public enum AlertParser {
  /// The most bytes that are looked at; the server refuses far smaller bodies first.
  public static let sizeLimit = 16 * 1_024 * 1_024
  /// The most bytes of a symbol or an underlying.
  public static let symbolLimit = 64
  /// The most bytes of `alert_id`, `order_id`, `strategy` and `account`.
  public static let identifierLimit = 128
  /// The most bytes of `note`.
  public static let noteLimit = 1_000
  /// The longest that an alert may ask to stay sendable: a day.
  public static let validityLimitMilliseconds: Int64 = 86_400_000

  /// What the native format's `format` field says.
  public static let nativeMarker = "order-engine/1"

  /// Parses one alert. Every error carries the secret that the body held, so that the caller can compare it before
  /// telling the sender anything.
  ///
  /// - Throws: `AlertError`: ``AlertError/Kind/notJSON`` for a body that is not JSON, ``AlertError/Kind/refused`` for
  ///   JSON that is no legal alert. Syntax comes first: no field is judged in a body that is broken further on.
  public static func parse(
    body: Span<UInt8>, policy: UnknownFieldPolicy = .byFormat
  ) throws(AlertError) -> Alert {
    guard body.count <= sizeLimit else {
      throw AlertError(
        "alert.tooLarge", "The body has \(body.count) bytes; \(sizeLimit) are the most.", fix: "Send a smaller alert.")
    }
    var reader = AlertReader(body)
    let kind: JSONKind
    do throws(JSONError) {
      kind = try reader.read()
    } catch {
      var alertError = AlertError(error, hint: templateHint(body))
      alertError.secret = reader.secret
      throw alertError
    }
    guard kind == .object else {
      throw AlertError(
        "alert.notAnObject", "The body is \(kind.words), not an object.",
        fix: "Send one JSON object; legs that stand alone go into its order_legs.", offset: 0)
    }
    do throws(AlertError) {
      return try reader.alert(policy: policy)
    } catch {
      var error = error
      error.secret = reader.secret
      throw error
    }
  }

  /// The secret that a body carries, whether or not it is an alert or even whole; `nil` when none was found.
  public static func secret(in body: Span<UInt8>) -> Secret? {
    guard body.count <= sizeLimit else { return nil }
    var reader = AlertReader(body)
    do throws(JSONError) {
      _ = try reader.read()
    } catch {
      // A body that breaks off further on has still shown whose it is.
      return reader.secret
    }
    return reader.secret
  }

  private static func templateHint(_ body: Span<UInt8>) -> String? {
    guard AlertReader.holdsTemplate(body) else { return nil }
    return "The body holds {{…}} that TradingView did not fill in. Let the alert come from TradingView, or replace"
      + " them by values; put placeholders for text in double quotes."
  }
}
