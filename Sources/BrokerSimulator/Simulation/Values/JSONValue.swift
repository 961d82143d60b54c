package import OrderDomain

/// A JSON text as a tree, for the small bodies that brokers are sent. Numbers stay exact.
package enum JSONValue: Hashable, Sendable {
  case null
  case boolean(Bool)
  case number(Decimal)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])

  package init(parsing bytes: Span<UInt8>) throws(JSONError) {
    var scanner = JSONScanner(bytes)
    self = try JSONValue(&scanner)
    try scanner.finish()
  }

  /// Recurses no deeper than the scanner lets it: ``JSONScanner/depthLimit``.
  private init(_ scanner: inout JSONScanner) throws(JSONError) {
    switch try scanner.peek() {
    case .null:
      try scanner.null()
      self = .null
    case .boolean: self = .boolean(try scanner.boolean())
    case .number: self = .number(try scanner.decimal(try scanner.number()))
    case .string: self = .string(scanner.text(try scanner.string()))
    case .array:
      try scanner.beginArray()
      var elements: [JSONValue] = []
      while try scanner.nextElement() { elements.append(try JSONValue(&scanner)) }
      self = .array(elements)
    case .object:
      try scanner.beginObject()
      var members: [JSONMember] = []
      while let key = try scanner.nextKey() {
        members.append(JSONMember(name: scanner.text(key), value: try JSONValue(&scanner)))
      }
      self = .object(members)
    }
  }

  /// The member of an object; the last of a repeated name, as most readers take it. `nil` for anything else.
  package subscript(_ name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  package var text: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  package var flag: Bool? {
    if case .boolean(let flag) = self { return flag }
    return nil
  }

  /// A number, or a string that holds one: brokers' own samples show both.
  package var decimal: Decimal? {
    switch self {
    case .number(let decimal): decimal
    case .string(let text): Decimal(text)
    case .null, .boolean, .array, .object: nil
    }
  }

  package var integer: Int64? { decimal?.units(scale: 0) }

  package var elements: [JSONValue]? {
    if case .array(let elements) = self { return elements }
    return nil
  }

  package var members: [JSONMember]? {
    if case .object(let members) = self { return members }
    return nil
  }
}

package struct JSONMember: Hashable, Sendable {
  package let name: String
  package let value: JSONValue

  package init(name: String, value: JSONValue) {
    self.name = name
    self.value = value
  }
}
