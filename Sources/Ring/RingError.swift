internal import Glibc

/// Why the loop, a listener or a stream could not do what was asked, and what a person can change.
package struct RingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Stable names: they go to logs and documentation.
  package enum Code: String, Hashable, Sendable {
    /// `kernel.io_uring_disabled` forbids io_uring to this user.
    case ringDisabled = "ring.disabled"
    /// A seccomp filter (Docker's default profile, gVisor) or a kernel without io_uring refuses it.
    case ringForbidden = "ring.forbidden"
    /// io_uring is there, but older than what this loop needs.
    case kernelTooOld = "ring.kernelTooOld"
    /// `RLIMIT_MEMLOCK` or the memory group is too small for the rings.
    case memoryLimit = "ring.memoryLimit"
    /// No descriptor is free, in this process or in the system.
    case descriptorsExhausted = "ring.descriptorsExhausted"
    /// Another kind of refusal when the loop was made.
    case setupFailed = "ring.setupFailed"
    case invalidConfiguration = "ring.invalidConfiguration"
    case invalidAddress = "ring.invalidAddress"
    case addressInUse = "ring.addressInUse"
    case addressNotAvailable = "ring.addressNotAvailable"
    case permissionDenied = "ring.permissionDenied"
    case listenFailed = "ring.listenFailed"
    case connectFailed = "ring.connectFailed"
    case receiveFailed = "ring.receiveFailed"
    case sendFailed = "ring.sendFailed"
    case watchFailed = "ring.watchFailed"
    /// A stated limit of the configuration is reached (streams, listeners, watches).
    case limitReached = "ring.limitReached"
    /// The loop is stopping or has stopped.
    case stopped = "ring.stopped"
    case threadFailed = "ring.threadFailed"
  }

  package let code: Code
  /// The operating system's number; 0 where it had no part.
  package let errno: Errno

  package init(_ code: Code, _ errno: Errno = Errno(rawValue: 0)) {
    self.code = code
    self.errno = errno
  }

  package var description: String { "\(code.rawValue): \(cause); \(fix)" }

  /// What happened, in words.
  package var cause: String {
    let reason = errno.rawValue == 0 ? "" : ": \(errno)"
    return switch code {
    case .ringDisabled: "kernel.io_uring_disabled forbids io_uring to this process\(reason)"
    case .ringForbidden: "io_uring is refused here by a seccomp filter, a sandbox or the kernel's build\(reason)"
    case .kernelTooOld: "this kernel's io_uring lacks what the loop needs (Linux 6.1 has all of it)\(reason)"
    case .memoryLimit: "the memory for the rings was refused\(reason)"
    case .descriptorsExhausted: "no file descriptor is free\(reason)"
    case .setupFailed: "the event loop could not be set up\(reason)"
    case .invalidConfiguration: "a limit in the event loop's configuration is out of range"
    case .invalidAddress: "the address is not an IPv4 or IPv6 address in text"
    case .addressInUse: "another process listens on this address and port\(reason)"
    case .addressNotAvailable: "this machine does not have the address\(reason)"
    case .permissionDenied: "the address or port is not allowed to this user\(reason)"
    case .listenFailed: "listening failed\(reason)"
    case .connectFailed: "connecting failed\(reason)"
    case .receiveFailed: "receiving failed\(reason)"
    case .sendFailed: "sending failed\(reason)"
    case .watchFailed: "watching a descriptor failed\(reason)"
    case .limitReached: "a limit of the event loop's configuration is reached"
    case .stopped: "the event loop is stopping or has stopped"
    case .threadFailed: "the thread could not be started\(reason)"
    }
  }

  /// What to change so that it works.
  package var fix: String {
    switch code {
    case .ringDisabled: "sysctl kernel.io_uring_disabled=0, or run on epoll"
    case .ringForbidden:
      "allow io_uring_setup, io_uring_enter and io_uring_register in the seccomp profile, or run on epoll"
    case .kernelTooOld: "run Linux 6.1 or newer, or run on epoll"
    case .memoryLimit: "raise RLIMIT_MEMLOCK (ulimit -l) or the container's memory, or lower the ring's entries"
    case .descriptorsExhausted: "raise RLIMIT_NOFILE (ulimit -n) or close what is not needed"
    case .setupFailed, .threadFailed: "look at the error number; limits of the system are the usual cause"
    case .invalidConfiguration: "see the ranges beside each limit of EventLoopConfiguration"
    case .invalidAddress: "write it as 127.0.0.1 or ::1, a host name is not resolved here"
    case .addressInUse: "choose another port or stop the other process"
    case .addressNotAvailable: "listen on 127.0.0.1, 0.0.0.0 or an address that `ip addr` shows"
    case .permissionDenied: "use a port of 1024 or above, or grant CAP_NET_BIND_SERVICE"
    case .listenFailed, .connectFailed, .receiveFailed, .sendFailed: "look at the error number and the network"
    case .watchFailed: "watch only open sockets, pipes and eventfds, each once"
    case .limitReached: "raise the limit in EventLoopConfiguration, or close something first"
    case .stopped: "start a new event loop"
    }
  }

  /// Names what a refused `io_uring_setup` (or a registration after it) means.
  static func setup(_ errno: Errno) -> RingError {
    switch errno.rawValue {
    case EPERM: RingError(isDisabledBySysctl ? .ringDisabled : .ringForbidden, errno)
    case ENOSYS, EACCES: RingError(.ringForbidden, errno)
    case EINVAL: RingError(.kernelTooOld, errno)
    case ENOMEM: RingError(.memoryLimit, errno)
    case EMFILE, ENFILE: RingError(.descriptorsExhausted, errno)
    default: RingError(.setupFailed, errno)
    }
  }

  static func listening(_ errno: Errno) -> RingError {
    switch errno.rawValue {
    case EADDRINUSE: RingError(.addressInUse, errno)
    case EADDRNOTAVAIL: RingError(.addressNotAvailable, errno)
    case EACCES, EPERM: RingError(.permissionDenied, errno)
    case EMFILE, ENFILE: RingError(.descriptorsExhausted, errno)
    default: RingError(.listenFailed, errno)
    }
  }

  /// Reads the switch that Linux 6.6 brought: 1 forbids unprivileged processes, 2 forbids all.
  private static var isDisabledBySysctl: Bool {
    let file = unsafe open("/proc/sys/kernel/io_uring_disabled", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { _ = close(file) }
    var digit: UInt8 = 0
    return unsafe read(file, &digit, 1) == 1 && digit != UInt8(ascii: "0")
  }
}
