#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

#include <stdint.h>

/// How often the calling thread has called malloc, calloc, realloc, posix_memalign, aligned_alloc or memalign since it
/// began: its own calls, those of the Swift runtime and those of every library.
uint64_t allocation_count(void);

#endif
