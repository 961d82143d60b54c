import Glibc
import Synchronization

/// Stands in for the C library's look-up of names in the whole test process, libcurl's included; other names than those
/// below are looked up as ever.
///
/// `here.test` is 127.0.0.1 (and, if IPv6 is asked for, ::1); `slow.test` is not found, after three seconds; `gone.test` is
/// not found.
enum NameLookup {
  /// The families that were asked for under `here.test`.
  static let askedFamilies = Mutex<[Int32]>([])
}

private typealias Function =
  @convention(c) (
    UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<addrinfo>?,
    UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
  ) -> Int32

// The linker gives it to every library of the process, for they refer to this name.
@_cdecl("getaddrinfo") func lookUp(
  _ name: UnsafePointer<CChar>?, _ service: UnsafePointer<CChar>?, _ hints: UnsafePointer<addrinfo>?,
  _ result: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>?
) -> Int32 {
  // RTLD_NEXT, which is no simple constant in C.
  let next = UnsafeMutableRawPointer(bitPattern: -1)
  guard let symbol = dlsym(next, "getaddrinfo") else { return EAI_FAIL }
  let original = unsafeBitCast(symbol, to: Function.self)
  switch name.map({ String(cString: $0) }) {
  case "gone.test": return EAI_NONAME
  case "slow.test":
    sleep(3)
    return EAI_NONAME
  case "here.test":
    let family = hints?.pointee.ai_family ?? 0
    NameLookup.askedFamilies.withLock { $0.append(family) }
    return original(family == AF_INET6 ? "::1" : "127.0.0.1", service, hints, result)
  default: return original(name, service, hints, result)
  }
}
