// A libc header comes first: liburing.h alone gives fd_set another shape than Glibc's module does.
#include <sys/types.h>
#include <liburing.h>
