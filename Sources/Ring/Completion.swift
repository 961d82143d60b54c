internal import CURing
internal import Glibc

/// What the kernel says about one operation. Laid out as `io_uring_cqe`, so that a batch is copied as it is.
struct Completion {
  let token: UInt64
  /// A count or a descriptor, or a negated error number.
  let result: Int32
  let flags: UInt32

  /// Whether the operation stays armed and more completions follow.
  @inline(__always)
  var isMoreComing: Bool { flags & CURING_MORE != 0 }

  /// The pool's buffer that a receive has filled.
  @inline(__always)
  var buffer: UInt16? { flags & CURING_BUFFER == 0 ? nil : UInt16(truncatingIfNeeded: flags >> CURING_BUFFER_SHIFT) }

  /// The result by name: the one place where error numbers of completions are told apart.
  @inline(__always)
  var outcome: Outcome {
    if result >= 0 { return .done(result) }
    switch -result {
    case ECANCELED: return .cancelled
    case ENOBUFS where OperationToken(rawValue: token).kind == .receive: return .noBuffers
    case EINTR, EAGAIN: return .tryAgain
    case EMFILE, ENFILE, ENOBUFS, ENOMEM: return .exhausted(Errno(rawValue: -result))
    case ECONNABORTED, EPROTO: return .peerGone(Errno(rawValue: -result))
    default: return .failed(Errno(rawValue: -result))
    }
  }
}

enum Outcome {
  case done(Int32)
  case cancelled
  /// The pool was empty when bytes arrived: flow control, not an error.
  case noBuffers
  case tryAgain
  /// Descriptors or kernel memory ran out.
  case exhausted(Errno)
  /// A connection was gone before it was accepted.
  case peerGone(Errno)
  case failed(Errno)
}
