/// Sums up the files that a table is made of: the layout, the size and an ``XXH64`` of the bytes of each, in their order.
///
/// By content and not by time and inode: a copy that keeps its times (`cp -p`, `rsync -t`), a write within one tick of
/// the file system's clock and a clock that was set back all fool the latter, while a container that copies the same file
/// into place at each start would never find its cache. The price is to read the files once at each start.
package struct SymbolSourceDigest: Sendable {
  private var words: [UInt64] = []

  package init() {}

  package mutating func add(_ format: SymbolFileFormat, byteCount: Int, digest: UInt64) {
    words += [UInt64(format.rawValue), UInt64(byteCount), digest]
  }

  package mutating func add(_ file: SymbolFile) {
    file.content.withBytes { bytes in
      add(file.format, byteCount: bytes.count, digest: XXH64.digest(of: bytes))
    }
  }

  package var value: UInt64 {
    let bytes = words.flatMap { word in unsafe withUnsafeBytes(of: word.littleEndian) { unsafe Array($0) } }
    return XXH64.digest(of: bytes.span)
  }
}
