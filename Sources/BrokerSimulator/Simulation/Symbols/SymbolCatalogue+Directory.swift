internal import Glibc
package import OrderDomain

/// Masters from a directory.
extension SymbolCatalogue {
  package struct Unreadable: Error, CustomStringConvertible {
    package let description: String
  }

  /// Ten times the largest file of today.
  private static let byteLimit = 512 << 20

  /// Reads `api-scrip-master-detailed.csv`, which decides what there is. Dhan's compact file and Fyers' files are served
  /// as they lie there, and made from the detailed one where they are missing.
  package static func read(from directory: String, on day: CalendarDate) throws -> SymbolCatalogue {
    let name = "api-scrip-master-detailed.csv"
    guard let detailed = try bytes(of: "\(directory)/\(name)") else {
      throw Unreadable(description: "there is no \(name) in \(directory)")
    }
    var files: [String: [UInt8]] = [:]
    files["/api-data/api-scrip-master.csv"] = try bytes(of: "\(directory)/api-scrip-master.csv")
    for file in FyersFile.allCases {
      for end in [".csv", "_sym_master.json"] {
        let name = file.rawValue + end
        files["/sym_details/\(name)"] = try bytes(of: "\(directory)/\(name)")
      }
    }
    return try SymbolCatalogue(detailed: detailed, name: name, day: day, files: files)
  }

  /// `nil` when there is no such file.
  private static func bytes(of path: String) throws(Unreadable) -> [UInt8]? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw unreadable(path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw unreadable(path) }
    guard status.st_size <= byteLimit else {
      throw Unreadable(description: "\(path) is larger than \(byteLimit) bytes")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var filled = 0
    while filled < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress?.advanced(by: filled), buffer.count - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw unreadable(path) }
      filled += count
    }
    return bytes
  }

  private static func unreadable(_ path: String) -> Unreadable {
    Unreadable(description: "\(path) cannot be read: \(unsafe String(cString: strerror(errno)))")
  }
}
