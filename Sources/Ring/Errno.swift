internal import Glibc

/// An error number of the operating system, with its symbolic name.
package struct Errno: Error, Hashable, Sendable, CustomStringConvertible {
  package let rawValue: Int32

  package init(rawValue: Int32) { self.rawValue = rawValue }

  /// What the last failed call of this thread left behind.
  static var current: Errno { Errno(rawValue: errno) }

  package static let invalid = Errno(rawValue: EINVAL)
  package static let connectionReset = Errno(rawValue: ECONNRESET)
  package static let brokenPipe = Errno(rawValue: EPIPE)
  package static let connectionRefused = Errno(rawValue: ECONNREFUSED)
  package static let cancelled = Errno(rawValue: ECANCELED)
  package static let noSpace = Errno(rawValue: ENOSPC)
  package static let busy = Errno(rawValue: EBUSY)

  /// The symbolic name where this program knows it, else the number.
  package var name: String { Self.names[rawValue] ?? "errno \(rawValue)" }

  package var description: String { "\(name) (\(message))" }

  private var message: String {
    // The text is a constant of libc's or this thread's own; it is copied before anything else can run here.
    guard let text = unsafe strerror(rawValue) else { return name }
    return unsafe String(cString: text)
  }

  private static let names: [Int32: String] = [
    EPERM: "EPERM", ENOENT: "ENOENT", EINTR: "EINTR", EIO: "EIO", EBADF: "EBADF", EAGAIN: "EAGAIN", ENOMEM: "ENOMEM",
    EACCES: "EACCES", EFAULT: "EFAULT", EBUSY: "EBUSY", EEXIST: "EEXIST", ENODEV: "ENODEV", ENOTDIR: "ENOTDIR",
    EISDIR: "EISDIR", EINVAL: "EINVAL", ENFILE: "ENFILE", EMFILE: "EMFILE", EFBIG: "EFBIG", ENOSPC: "ENOSPC",
    EROFS: "EROFS", EPIPE: "EPIPE", ENOSYS: "ENOSYS", EOPNOTSUPP: "EOPNOTSUPP", EADDRINUSE: "EADDRINUSE",
    EADDRNOTAVAIL: "EADDRNOTAVAIL", ENETDOWN: "ENETDOWN", ENETUNREACH: "ENETUNREACH", ECONNABORTED: "ECONNABORTED",
    ECONNRESET: "ECONNRESET", ENOBUFS: "ENOBUFS", ENOTCONN: "ENOTCONN", ETIMEDOUT: "ETIMEDOUT",
    ECONNREFUSED: "ECONNREFUSED", EHOSTUNREACH: "EHOSTUNREACH", ECANCELED: "ECANCELED", EDQUOT: "EDQUOT",
    ETIME: "ETIME",
    EAFNOSUPPORT: "EAFNOSUPPORT", EMSGSIZE: "EMSGSIZE",
  ]
}
