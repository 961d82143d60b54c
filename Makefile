# Everything that a person or a CI does with this project. `make help` lists it.

SWIFT ?= swift
# The last one brings the authorities that TLS peers are verified against, and the openssl that the tests serve TLS with.
PACKAGES := liburing-dev libcurl4-openssl-dev libssl-dev ca-certificates
# Tests break the disk with the one, and are clients of the engine's TLS with the others.
TEST_PACKAGES := strace curl openssl
FUZZ_SECONDS ?= 30
SWIFT_FOLDERS := Package.swift Sources Tests Fuzz Benchmarks/Package.swift Benchmarks/Sources Benchmarks/Timing
# Tests that end a process on purpose would each wait for a backtrace that nobody reads.
export SWIFT_BACKTRACE := enable=no

.PHONY: help run run-sim test build deps test-deps debug simulate fuzz load bench bench-tool bench-check bench-limits instructions places \
  clients cloud crash-test tsan asan settings format lint clean

help:
	@echo "make run     install what is missing, build in release, serve with the paper broker"
	@echo "make run-sim the same with a simulator of Dhan and Fyers, by their own protocols"
	@echo "make test    build and run every test, each fuzzer for $(FUZZ_SECONDS) s, and make bench-check"
	@echo "make build   the release executables, in .build/release"
	@echo "make simulate  the whole engine under fresh seeds for MINUTES=5, or under one again with SEED=..."
	@echo "make tsan    the tests under the thread sanitizer"
	@echo "make asan    the tests under the address sanitizer"
	@echo "make clients the brokers' own Python clients against the simulator (needs PyPI)"
	@echo "make cloud   the store of tokens in Google Cloud Storage against an emulator (needs PyPI)"
	@echo "make crash-test N=1000  kill -9 so often under load; nothing may be lost or doubled"
	@echo "make load    alerts at a rate and in a burst against an engine of its own: latencies, lost and doubled orders"
	@echo "make bench   how long each part of an alert's way takes; ONLY=... for some of them"
	@echo "make bench-check  fails if anything allocates more than Benchmarks/allocations.txt says"
	@echo "make places  where one part allocates; make instructions counts its instructions"
	@echo "make fuzz    the fuzzers alone, for FUZZ_SECONDS each"
	@echo "make settings  docs/settings.md and .env.example from the program's own schema"
	@echo "make format  the formatter over all sources; make lint only looks"

# Debian's packages, only when one is missing: a machine that has them needs no rights and no network.
test-deps: PACKAGES += $(TEST_PACKAGES)
deps test-deps:
	@missing=""; for package in $(PACKAGES); do \
	  dpkg-query -W -f='$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
	if [ -n "$$missing" ]; then \
	  if [ "$$(id -u)" = 0 ]; then as=""; else as=sudo; fi; \
	  echo "installing$$missing"; \
	  $$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$missing; \
	fi

build: deps
	$(SWIFT) build -c release --product order-engine
	$(SWIFT) build -c release --product broker-simulator

run: deps
	$(SWIFT) build -c release --product order-engine
	@.build/release/order-engine serve

# Simulator and engine together: both brokers' protocols without an account.
run-sim: build
	@Scripts/run-sim

debug: test-deps
	$(SWIFT) build --build-tests

# Tests that wait for processes and sockets hold threads that the others need, so they have runs of their own. Of the
# process tests a few run at a time: a test's time limit counts from its start, and all of them started at once would
# spend it waiting for a thread.
test: debug lint
	@SWIFT=$(SWIFT) Scripts/test --skip-build --skip 'ProcessTests|HTTPTests|SimulationTests'
	@SWIFT=$(SWIFT) Scripts/test --skip-build --filter SimulationTests
	@SWIFT=$(SWIFT) Scripts/test --skip-build --no-parallel --filter HTTPTests
	@SWIFT=$(SWIFT) Scripts/test --skip-build --filter ProcessTests --experimental-maximum-parallelization-width 4
	@Tests/Clients/run --if-possible
	@$(MAKE) --no-print-directory fuzz
	@$(MAKE) --no-print-directory bench-check

# The whole engine under seeds: fresh ones for so many minutes, or one again with all that happens in it.
simulate: deps
	$(SWIFT) build -c $(or $(BUILD),release) --product simulate
	@.build/$(or $(BUILD),release)/simulate $(if $(SEED),--seed $(SEED),--minutes $(or $(MINUTES),5))

fuzz: deps
	@Fuzz/run RequestParser $(FUZZ_SECONDS)
	@Fuzz/run AlertParser $(FUZZ_SECONDS)
	@Fuzz/run DhanAnswers $(FUZZ_SECONDS)
	@Fuzz/run FyersAnswers $(FUZZ_SECONDS)
	@Fuzz/run SymbolImage $(FUZZ_SECONDS)

# Starts an engine of its own, loads it, and shows how long alerts take; SERVER=host:port and SECRET=… load yours instead.
# TLS=1 does it over TLS.
load: deps
	$(SWIFT) build -c release --product alert-load
	@if [ -z "$(SERVER)" ]; then $(MAKE) --no-print-directory build; fi
	@SERVER="$(SERVER)" SECRET="$(SECRET)" TLS="$(TLS)" Scripts/load

# A package of its own, so that what it needs is nobody else's. ONLY is a regular expression.
BENCHMARKS := $(SWIFT) package --package-path Benchmarks
ALLOCATION_CHECK := Benchmarks/.build/release/allocation-check

bench: deps
	$(BENCHMARKS) benchmark --target Timing --grouping metric --no-progress $(if $(ONLY),--filter '$(ONLY)')

bench-tool: deps
	$(SWIFT) build --package-path Benchmarks -c release --product allocation-check

# Counted, not timed: the same on a busy machine.
bench-check: bench-tool
	@$(ALLOCATION_CHECK) check Benchmarks/allocations.txt

# Writes what is allocated now down as what may be.
bench-limits: bench-tool
	@$(ALLOCATION_CHECK) update Benchmarks/allocations.txt
	@git --no-pager diff --stat -- Benchmarks/allocations.txt

# By valgrind; ONLY is the whole name of one part.
instructions: PACKAGES += valgrind
instructions: bench-tool
	@Benchmarks/instructions $(if $(ONLY),'$(ONLY)')

# By gdb; ONLY is the whole name of one part.
places: PACKAGES += gdb
places: bench-tool
	@gdb -batch -x Benchmarks/places.py --args $(ALLOCATION_CHECK) once '$(or $(ONLY),order path: an alert of one leg)' \
	  2>/dev/null | sed -n 's/^place //p' | $(SWIFT) demangle --simplified

clients: deps
	$(SWIFT) build --product broker-simulator
	@Tests/Clients/run

# The store of tokens in Google Cloud Storage against an emulator of it (needs PyPI).
cloud: deps
	@Tests/Cloud/run

# Kills the release build N times under a stream of alerts, and compares the broker's book with what was answered.
N ?= 1000
crash-test: debug build
	CRASH_KILLS=$(N) CRASH_STREAM_KILLS=$(N) CRASH_STREAM_ACCEPTED=$$((50 * $(N))) CRASH_SEED=$(SEED) \
	  ENGINE_FOLDER=$(CURDIR)/.build/release $(SWIFT) test --skip-build --filter CrashTests

# Without address randomisation, which the thread sanitizer's fixed shadow cannot always live with on newer kernels.
tsan: test-deps
	TSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Sanitizers/thread.supp TEST_SYMBOL_ROWS=20000 CRASH_KILLS=50 \
	  setarch -R $(SWIFT) test --no-parallel --sanitize=thread --scratch-path .build-tsan

asan: test-deps
	LSAN_OPTIONS=suppressions=$(CURDIR)/Tests/Sanitizers/leak.supp CRASH_KILLS=50 \
	  $(SWIFT) test --no-parallel --sanitize=address --scratch-path .build-asan

# A test fails while they differ.
settings: deps
	$(SWIFT) build --product order-engine
	@.build/debug/order-engine settings --update docs/settings.md
	@.build/debug/order-engine settings --env-example > .env.example

format:
	$(SWIFT) format format --in-place --recursive --parallel $(SWIFT_FOLDERS)

lint:
	$(SWIFT) format lint --strict --recursive --parallel $(SWIFT_FOLDERS)

clean:
	rm -rf .build .build-tsan .build-asan .build-clients Benchmarks/.build
