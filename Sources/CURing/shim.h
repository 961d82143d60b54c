// A libc header comes first: liburing.h alone gives fd_set another shape than Glibc's module does.
// Nor is _GNU_SOURCE defined here: it would change the same types.
#include <sys/types.h>
#include <errno.h>
#include <signal.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
// The kernel's own header before liburing's copy of it (one include guard serves both): swift-system's C module includes
// the kernel's, and a program that sees both modules must find one definition of each structure.
#include <linux/io_uring.h>
#include <liburing.h>

// Macros and variadic or flexible-array parts of the C interfaces, as typed functions.

static const unsigned int CURING_MORE = IORING_CQE_F_MORE;
static const unsigned int CURING_BUFFER = IORING_CQE_F_BUFFER;
static const unsigned int CURING_BUFFER_SHIFT = IORING_CQE_BUFFER_SHIFT;

/// Copies up to `limit` completions (16 bytes each: user_data, res, flags) and gives them back to the kernel.
static inline unsigned curing_reap(struct io_uring *ring, void *out, unsigned limit) {
  unsigned head = *ring->cq.khead;
  unsigned ready = io_uring_smp_load_acquire(ring->cq.ktail) - head;
  unsigned count = ready < limit ? ready : limit;
  char *to = (char *)out;
  for (unsigned i = 0; i < count; i++)
    memcpy(to + (size_t)i * 16, &ring->cq.cqes[(head + i) & ring->cq.ring_mask], 16);
  if (count) io_uring_cq_advance(ring, count);
  return count;
}

static inline int curing_setup(struct io_uring *ring, unsigned entries, unsigned completions, unsigned *features) {
  struct io_uring_params p;
  memset(&p, 0, sizeof p);
  p.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE | IORING_SETUP_R_DISABLED;
  p.cq_entries = completions;
  int r = io_uring_queue_init_params(entries, ring, &p);
  *features = p.features;
  return r;
}

static inline unsigned curing_needed_features(void) {
  return IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG | IORING_FEAT_CQE_SKIP | IORING_FEAT_FAST_POLL;
}

/// 0, or the first operation code this kernel lacks, plus one.
static inline int curing_missing_operation(struct io_uring *ring) {
  static const int needed[] = {IORING_OP_ACCEPT, IORING_OP_RECV, IORING_OP_SEND, IORING_OP_CLOSE,
                               IORING_OP_ASYNC_CANCEL, IORING_OP_WRITE, IORING_OP_READ, IORING_OP_FSYNC,
                               IORING_OP_POLL_ADD, IORING_OP_CONNECT, IORING_OP_FALLOCATE};
  struct io_uring_probe *p = io_uring_get_probe_ring(ring);
  if (!p) return -1;
  int missing = 0;
  for (size_t i = 0; i < sizeof needed / sizeof needed[0] && !missing; i++)
    if (!io_uring_opcode_supported(p, needed[i])) missing = needed[i] + 1;
  io_uring_free_probe(p);
  return missing;
}

static inline int curing_register_buffers(struct io_uring *ring, void *entries, unsigned count) {
  struct io_uring_buf_reg reg;
  memset(&reg, 0, sizeof reg);
  reg.ring_addr = (__u64)(uintptr_t)entries;
  reg.ring_entries = count;
  int r = io_uring_register_buf_ring(ring, &reg, 0);
  if (!r) io_uring_buf_ring_init((struct io_uring_buf_ring *)entries);
  return r;
}

static inline void curing_add_buffer(void *entries, void *bytes, unsigned size, unsigned short id, int mask, int at) {
  io_uring_buf_ring_add((struct io_uring_buf_ring *)entries, bytes, size, id, mask, at);
}

static inline void curing_advance_buffers(void *entries, int count) {
  io_uring_buf_ring_advance((struct io_uring_buf_ring *)entries, count);
}

static inline void curing_prep_receive(struct io_uring_sqe *s, int fd) {
  io_uring_prep_recv_multishot(s, fd, NULL, 0, 0);
  s->flags |= IOSQE_BUFFER_SELECT;
  s->buf_group = 0;
}

static inline void curing_prep_cancel_all(struct io_uring_sqe *s, int fd) {
  io_uring_prep_cancel_fd(s, fd, IORING_ASYNC_CANCEL_ALL);
  s->flags |= IOSQE_CQE_SKIP_SUCCESS;
}

static inline void curing_set_flags(struct io_uring_sqe *s, int link, int skip) {
  if (link) s->flags |= IOSQE_IO_LINK;
  if (skip) s->flags |= IOSQE_CQE_SKIP_SUCCESS;
}

/// Waits for one completion at most `nanoseconds`; submits first, in the same call.
static inline int curing_submit_and_wait(struct io_uring *ring, long long nanoseconds) {
  struct io_uring_cqe *cqe;
  struct __kernel_timespec ts = {nanoseconds / 1000000000, nanoseconds % 1000000000};
  return io_uring_submit_and_wait_timeout(ring, &cqe, 1, &ts, NULL);
}

/// Binds the calling thread to one processor, 0...1023.
static inline int curing_pin_thread(int cpu) {
  unsigned long set[1024 / (8 * sizeof(unsigned long))] = {0};
  set[(size_t)cpu / (8 * sizeof(unsigned long))] = 1ul << ((size_t)cpu % (8 * sizeof(unsigned long)));
  return syscall(SYS_sched_setaffinity, 0, sizeof set, set) < 0 ? -errno : 0;
}

/// Names the calling thread; the kernel keeps 15 bytes.
static inline void curing_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

static inline int curing_eventfd(int nonblocking) { return eventfd(0, EFD_CLOEXEC | (nonblocking ? EFD_NONBLOCK : 0)); }

/// Blocks every signal that is not the thread's own fault (those must still end the process loudly).
static inline void curing_block_signals(int only_pipe) {
  sigset_t set;
  if (only_pipe) {
    sigemptyset(&set);
    sigaddset(&set, SIGPIPE);
  } else {
    sigfillset(&set);
    sigdelset(&set, SIGSEGV);
    sigdelset(&set, SIGBUS);
    sigdelset(&set, SIGILL);
    sigdelset(&set, SIGFPE);
    sigdelset(&set, SIGTRAP);
    sigdelset(&set, SIGABRT);
  }
  pthread_sigmask(SIG_BLOCK, &set, NULL);
}

/// O_DIRECT, whose plain name wants _GNU_SOURCE.
static inline int curing_direct_flag(void) { return __O_DIRECT; }

/// liburing 2.3 declares io_uring_enable_rings but its shared library does not export it.
static inline int curing_enable(struct io_uring *ring) {
  return io_uring_register((unsigned)ring->ring_fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0);
}

// epoll_event is packed on some machines; these pass its two halves apart.

static inline int curing_epoll_control(int epoll, int operation, int fd, unsigned events) {
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  event.events = events;
  event.data.fd = fd;
  return epoll_ctl(epoll, operation, fd, &event) < 0 ? -errno : 0;
}

struct curing_ready {
  int fd;
  unsigned events;
};

/// Waits at most `nanoseconds` (negative: without end) for up to `limit` (at most 256) descriptors. A kernel without
/// epoll_pwait2 (before 5.11, or a sandbox) gets whole milliseconds, rounded up so that no wait is cut short.
static inline int curing_epoll_wait(int epoll, struct curing_ready *out, int limit, long long nanoseconds, int *coarse) {
  struct epoll_event events[256];
  int count = -1;
  if (limit > 256) limit = 256;
  if (nanoseconds > 0 && !*coarse) {
    struct timespec ts = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    count = (int)syscall(SYS_epoll_pwait2, epoll, events, limit, &ts, NULL, 0);
    if (count < 0 && errno == ENOSYS) *coarse = 1;
  }
  if (nanoseconds <= 0 || *coarse) {
    long long milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
    count = epoll_wait(epoll, events, limit, milliseconds > 0x7fffffff ? 0x7fffffff : (int)milliseconds);
  }
  if (count < 0) return -errno;
  for (int i = 0; i < count; i++) {
    out[i].fd = events[i].data.fd;
    out[i].events = events[i].events;
  }
  return count;
}

/// A nonblocking descriptor, or a negated error number. accept4 by number, since its declaration
/// wants _GNU_SOURCE; on Linux SOCK_CLOEXEC and SOCK_NONBLOCK are O_CLOEXEC and O_NONBLOCK.
static inline int curing_accept(int fd) {
  long r = syscall(SYS_accept4, fd, NULL, NULL, O_CLOEXEC | O_NONBLOCK);
  return r < 0 ? -errno : (int)r;
}

static inline int curing_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
