import Glibc
import Ring

/// A plain blocking client, so that the loop is tested against something that is not itself.
final class BlockingSocket: Sendable {
  struct Failure: Error { let errno: Int32 }

  let descriptor: Int32

  init(_ address: SocketAddress, receiveBuffer: Int32? = nil) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw Failure(errno: errno) }
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    if var receiveBuffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, 4) }
    guard case .v4(let host) = address.host else { throw Failure(errno: EAFNOSUPPORT) }
    var four = sockaddr_in()
    four.sin_family = sa_family_t(AF_INET)
    four.sin_port = address.port.bigEndian
    four.sin_addr.s_addr = host.bigEndian
    let connected = withUnsafePointer(to: &four) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        var result: Int32
        // A signal that comes in between leaves the connecting to go on: asked again, it says how far it is.
        repeat {
          result = connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        } while result != 0 && (errno == EINTR || errno == EALREADY)
        return result != 0 && errno == EISCONN ? 0 : result
      }
    }
    if connected != 0 { throw Failure(errno: errno) }
  }

  deinit { close(descriptor) }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0 { throw Failure(errno: errno) }
      sent += count
    }
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  /// Up to `limit` bytes; empty at the end.
  func receive(_ limit: Int = 65_536) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: limit)
    let count = bytes.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress, limit, 0) }
    if count < 0 { throw Failure(errno: errno) }
    return Array(bytes[..<count])
  }

  func receive(exactly count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try receive(min(65_536, count - bytes.count))
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }

  func receiveAll() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let more = try receive()
      if more.isEmpty { return bytes }
      bytes += more
    }
  }

  func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Ends the connection with a reset.
  func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    // The number stays taken until deinit closes it, so that it cannot be another's by then.
    let null = open("/dev/null", O_RDONLY)
    dup2(null, descriptor)
    close(null)
  }
}

/// Runs blocking work on a thread of its own: the cooperative pool has too few threads to block them.
func blocking<R: Sendable>(_ body: @escaping @Sendable () throws -> R) async throws -> R {
  try await withCheckedThrowingContinuation { continuation in
    let box = Unmanaged.passRetained(Work { continuation.resume(with: Result { try body() }) })
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    precondition(result == 0)
    pthread_detach(thread)
  }
}

private final class Work {
  let body: () -> Void
  init(_ body: @escaping () -> Void) { self.body = body }
}

/// How many descriptors this process has open.
func openDescriptorCount() -> Int {
  guard let directory = opendir("/proc/self/fd") else { return -1 }
  defer { closedir(directory) }
  var count = 0
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    var target = [UInt8](repeating: 0, count: 64)
    let length = readlink("/proc/self/fd/" + name, &target, target.count)
    // Dispatch opens one for each kind of timer when it first needs it; the loop has none.
    if String(decoding: target.prefix(max(0, length)), as: UTF8.self) != "anon_inode:[timerfd]" { count += 1 }
  }
  return count
}
