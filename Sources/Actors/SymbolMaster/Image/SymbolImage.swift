internal import OrderDomain

/// A symbol table as one stretch of bytes without a pointer in it: made once by the builder, then read where it lies, in
/// memory or in a mapped file.
///
/// A header (``SymbolImageHeader``), then the columns (``SymbolSection``), each of fixed-size elements at a cache line's
/// start. Who opens one that came from outside checks it first; see ``SymbolTable/opened(_:)``.
package struct SymbolImage: Sendable {
  package let memory: ReadOnlyMemory
  package let header: SymbolImageHeader

  /// What an image is made of.
  struct Parts {
    var rows: [SymbolRow]
    var groups: [SymbolGroup]
    let groupIndex: SlotIndex
    let identityIndex: SlotIndex
    let nameIndex: SlotIndex
    let order: [UInt32]
    let runs: [ExpiryRun]
    let arena: [UInt8]
    /// Up to seven letters each, the last in the lowest byte; 0 for none.
    let series: [UInt64]
    let prefixesBrokerSymbol: Bool
    let counts: SymbolRowCounts
  }

  /// Lays out and copies. The identity and the digest are those of ``headerBytes(for:)``, when the image is kept.
  init(_ parts: borrowing Parts) {
    var header = SymbolImageHeader(
      identity: SymbolImageIdentity(program: 0, day: CalendarDate(daysSinceEpoch: 0), sources: 0))
    header.prefixesBrokerSymbol = parts.prefixesBrokerSymbol
    header.counts = parts.counts
    header.lay(.rows, count: parts.rows.count)
    header.lay(.order, count: parts.order.count)
    header.lay(.runs, count: parts.runs.count)
    header.lay(.groups, count: parts.groups.count)
    header.lay(.series, count: parts.series.count)
    header.lay(.groupTags, count: parts.groupIndex.tags.count)
    header.lay(.groupValues, count: parts.groupIndex.values.count)
    header.lay(.identityTags, count: parts.identityIndex.tags.count)
    header.lay(.identityValues, count: parts.identityIndex.values.count)
    header.lay(.nameTags, count: parts.nameIndex.tags.count)
    header.lay(.nameValues, count: parts.nameIndex.values.count)
    header.lay(.arena, count: parts.arena.count)
    let headerBytes = header.bytes
    memory = ReadOnlyMemory.made(byteCount: header.byteCount) { target in
      target.copy(headerBytes.span, to: 0)
      target.copy(parts.rows.span, to: header[.rows].offset)
      target.copy(parts.order.span, to: header[.order].offset)
      target.copy(parts.runs.span, to: header[.runs].offset)
      target.copy(parts.groups.span, to: header[.groups].offset)
      target.copy(parts.series.span, to: header[.series].offset)
      target.copy(parts.groupIndex.tags.span, to: header[.groupTags].offset)
      target.copy(parts.groupIndex.values.span, to: header[.groupValues].offset)
      target.copy(parts.identityIndex.tags.span, to: header[.identityTags].offset)
      target.copy(parts.identityIndex.values.span, to: header[.identityValues].offset)
      target.copy(parts.nameIndex.tags.span, to: header[.nameTags].offset)
      target.copy(parts.nameIndex.values.span, to: header[.nameValues].offset)
      target.copy(parts.arena.span, to: header[.arena].offset)
    }
    self.header = header
  }

  /// An image that came from outside. Only its header has been checked then, and neither whose it is nor what it holds.
  package init(reading memory: ReadOnlyMemory) throws(SymbolImageFault) {
    header = try SymbolImageHeader(reading: memory.bytes)
    self.memory = memory
  }

  // MARK: Keeping

  /// What stands behind the header.
  package var body: Span<UInt8> {
    @_lifetime(borrow self) get {
      unsafe _overrideLifetime(memory.bytes.extracting(SymbolImageHeader.byteCount..<memory.byteCount), borrowing: self)
    }
  }

  /// The header of this image as the one of `identity`, with the digest of ``body``.
  package func headerBytes(for identity: SymbolImageIdentity) -> [UInt8] {
    var header = header
    header.identity = identity
    header.bodyDigest = XXH64.digest(of: body)
    return header.bytes
  }

  func place<Element: BitwiseCopyable>(_ section: SymbolSection, of type: Element.Type) -> MemoryPlace<Element> {
    precondition(MemoryLayout<Element>.stride == section.stride, "another type than the section's")
    return memory.place(of: type, at: header[section].offset, count: header[section].count)
  }
}
