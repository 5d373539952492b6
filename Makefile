# make demo   ships sample logs to an endpoint inside the process, and counts
# make test   builds everything and passes the tests
# make help   lists the rest

# A pipe fails when any part of it fails.
SHELL = /bin/bash -o pipefail

SWIFT ?= swift
# A section for each function, of libraries as well, so that Sources/tailrace/functions.order can put them in order.
RELEASE = $(SWIFT) build -c release -Xswiftc -Xfrontend -Xswiftc -function-sections -Xcc -ffunction-sections
OSMEM = .build/osmem
BOTOCORE = .build/botocore
BASES = --build-arg SWIFT_IMAGE=$(SWIFT_IMAGE) --build-arg RUNTIME_IMAGE=$(RUNTIME_IMAGE)
SWIFT_IMAGE ?= docker.io/library/swift:6.3.1-bookworm
RUNTIME_IMAGE ?= gcr.io/distroless/cc-debian12:nonroot
IMAGE ?= localhost/tailrace:latest
SEEDS ?= 5000
TAILING_SEEDS ?= 10000
INPUTS ?= 1000000
SECONDS ?= 600

.PHONY: help demo test build bench bench-micro bench-memory bench-footprint instructions order image pod-test rotation-test simulate \
  simulate-tailing simulate-short trace-matrix torture-tail torture fuzz fuzz-coverage format check deps

help:
	@sed -n 's/^# //p' Makefile
	@echo "make build     a release build, in .build/release/tailrace"
	@echo "make bench     speed, CPU and memory for 300 MB, beside rsyslog and Fluent Bit where they are installed; into README.md"
	@echo "make bench-micro  what each step of a line costs, in nanoseconds and MB/s"
	@echo "make bench-footprint  memory when idle and at 2 MB/s, latency, time to the first document"
	@echo "make instructions  what each step costs in instructions, held against Benchmarks/instructions.json"
	@echo "make order     the order of functions in the program, from those that run; for less memory"
	@echo "make simulate  SEEDS seeded simulations of the pipeline, and as many with a spool ($(SEEDS)); SEED=x replays one"
	@echo "make trace-matrix  every captured trace between the lines of every logger (TAILRACE_TRACES=DIR: other traces)"
	@echo "make simulate-tailing  TAILING_SEEDS simulations of the tailer alone ($(TAILING_SEEDS)); make test has them as well"
	@echo "make fuzz      INPUTS damaged inputs for each reader of others' bytes ($(INPUTS)); make fuzz-coverage: libFuzzer"
	@echo "make bench-memory  peak memory under loads that want much"
	@echo "make torture-tail  ten minutes of writers, logrotate and SIGKILL (SECONDS=600)"
	@echo "make torture   twenty minutes of everything that can go wrong, on real processes and disks (SECONDS=1200)"
	@echo "make image     the container image, with podman or docker"
	@echo "make pod-test  the image in a pod with an app, against osmem-server, through kill -9 (podman)"
	@echo "make rotation-test  containers whose logs are rotated by podman, as the kubelet does it, and by Docker (root)"
	@echo "make format, make check   layout of the sources; both before a commit"

demo: deps
	$(SWIFT) build --product tailrace
	.build/debug/tailrace demo

# What computes, what waits for sockets, and what starts processes: one would hold up the others' deadlines.
TEST_PARTS = "TailraceCoreTests|SimulationTests|FuzzingTests" "TailraceRuntimeTests|TailraceHTTPTests" EndToEndTests

test: deps $(OSMEM) $(BOTOCORE)
	$(SWIFT) build --build-tests
	@rm -f .build/test.log; for part in $(TEST_PARTS); do \
	  $(SWIFT) test --skip-build --filter "^($$part)\." 2>&1 | tee -a .build/test.log || failed=yes; done; \
	[ -z "$$failed" ] || { \
	  echo; echo "What failed, once more:"; grep -A 6 -h 'recorded an issue\|Fatal error\|signal code' .build/test.log; exit 1; }
	$(MAKE) simulate-short instructions

build: deps
	$(RELEASE) --product tailrace --static-swift-stdlib $(if $(TRAITS),--traits $(TRAITS))

# What a build may have besides zlib: make build TRAITS=ISAL,Libdeflate
TRAITS ?= $(shell [ -e /usr/include/isa-l.h ] && [ -e /usr/include/libdeflate.h ] && echo ISAL,Libdeflate)

bench: build
	python3 Benchmarks/bench.py .build/release/tailrace --insert README.md --svg docs/bench.svg

bench-footprint: build
	python3 Benchmarks/footprint.py .build/release/tailrace

# Anew when `bench-footprint` tells more memory than before.
order: build
	python3 Benchmarks/order.py .build/release/tailrace Sources/tailrace/functions.order
	rm .build/release/tailrace
	$(MAKE) build

bench-micro: deps
	$(RELEASE) --product microbench $(if $(TRAITS),--traits $(TRAITS))
	.build/release/microbench

# Without traits, as the simulation is built: then most of it is built already. UPDATE=--update writes the numbers anew.
instructions: deps
	$(RELEASE) --product microbench
	SWIFT="$(SWIFT)" python3 Benchmarks/instructions.py .build/release/microbench $(UPDATE)

bench-memory: build
	python3 Benchmarks/memory.py .build/release/tailrace

fuzz: deps
	$(RELEASE) --product fuzz
	.build/release/fuzz --inputs $(INPUTS)

fuzz-coverage: deps
	$(RELEASE) --product fuzz --scratch-path .build/fuzz -Xswiftc -DLIBFUZZER \
	  -Xswiftc -sanitize=fuzzer -Xswiftc -use-ld=lld
	mkdir -p .build/fuzz/corpus && .build/fuzz/release/fuzz -max_total_time=$(SECONDS) -rss_limit_mb=512 .build/fuzz/corpus

simulate: deps
	$(RELEASE) --product simulate
ifdef SEED
	.build/release/simulate --seed $(SEED) --verbose
else
	.build/release/simulate --seeds 0..$(SEEDS)
	.build/release/simulate --seeds 1000000..$$((1000000 + $(SEEDS)))
endif

trace-matrix: deps
	$(SWIFT) build --build-tests
	TAILRACE_TRACES_ALL=1 $(SWIFT) test --skip-build --filter TraceMatrixTests

simulate-tailing: deps
	$(RELEASE) --product simulate
	.build/release/simulate --tailing --seeds 0..$(TAILING_SEEDS)

# Of both, what fits into every test: optimised, since a debug build takes ten times as long.
simulate-short:
	$(MAKE) simulate-tailing
	$(MAKE) simulate SEEDS=1000

torture-tail: deps $(OSMEM)
	$(SWIFT) build --build-tests
	TAILRACE_TORTURE_SECONDS=$(SECONDS) $(SWIFT) test --skip-build --filter TortureTests

torture: SECONDS = 1200
torture: deps $(OSMEM)
	$(SWIFT) build --build-tests
	TAILRACE_TORTURE_SECONDS=$(SECONDS) $(SWIFT) test --skip-build --filter EverythingGoesWrongTests

image:
	$$(command -v podman || command -v docker) build $(BASES) $(BUILD_OPTIONS) -t $(IMAGE) -f deploy/Dockerfile .

rotation-test: build
	deploy/rotation-test

pod-test: $(OSMEM)
	deploy/pod-test $(IMAGE)

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

check: test
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

# The headers of zlib and PCRE2, their pkg-config file, and what the tests need. Nothing is done when all is there.
deps:
	@missing=$$([ -e /usr/include/zlib.h ] || echo zlib.h; [ -e /usr/include/pcre2.h ] || echo pcre2.h; \
	  [ -e /usr/sbin/logrotate ] || echo logrotate; \
	  [ -e /usr/sbin/ip ] || [ -e /sbin/ip ] || echo iproute2; \
	  [ -e /usr/sbin/nginx ] || echo nginx; \
	  for tool in pkg-config python3 pip3 openssl git curl valgrind; do command -v $$tool > /dev/null || echo $$tool; done); \
	if [ -n "$$missing" ]; then \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$sudo apt-get update -q && $$sudo apt-get install -qy --no-install-recommends \
	    zlib1g-dev libpcre2-dev pkg-config python3 python3-pip openssl ca-certificates git curl logrotate iproute2 nginx-light valgrind; fi

# An OpenSearch-compatible server, for the end-to-end tests.
$(OSMEM): deps
	@[ -x $(OSMEM)/osmem_server/bin/osmem-server ] || \
	  pip3 install -q --no-input --disable-pip-version-check --target $(OSMEM) osmem-server==0.1.6

# AWS's own client signs requests of the tests, for ours to be held against.
$(BOTOCORE): deps
	@python3 -c 'import botocore' 2> /dev/null || [ -d $(BOTOCORE)/botocore ] || \
	  pip3 install -q --no-input --disable-pip-version-check --target $(BOTOCORE) botocore==1.43.11
