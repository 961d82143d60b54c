# Where one thing allocates, by gdb: each place, the innermost function first, and how often.
#
#   gdb -batch -x Benchmarks/places.py --args Benchmarks/.build/release/allocation-check once NAME
#
# `make places ONLY=NAME` runs it and makes the names readable.

import collections

import gdb

DEPTH = 30
# How memory is had, which is the same everywhere.
OUTSIDE = ("malloc", "calloc", "realloc", "posix_memalign", "swift_slowAlloc", "swift_allocObject", "count_allocation")

places = collections.Counter()


class Allocation(gdb.Breakpoint):
    def stop(self):
        names = []
        frame = gdb.newest_frame()
        while frame and len(names) < DEPTH:
            names.append(frame.name() or "?")
            frame = frame.older()
        places[" < ".join(name for name in names if name not in OUTSIDE)] += 1
        return False


class Moment(gdb.Breakpoint):
    """The meter reads the counter twice to check it, then before and after what it measures: once, and once more."""

    def stop(self):
        self.reading = getattr(self, "reading", 0) + 1
        if self.reading == 5:
            Allocation("count_allocation", internal=True)
        return self.reading == 6


gdb.execute("set pagination off")
gdb.execute("set confirm off")
Moment("allocation_count")
gdb.execute("run")
for place, count in places.most_common():
    print(f"place {count}  {place}")
gdb.execute("kill")
