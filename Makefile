# Everything that is done with tlsock from a shell. `make` alone explains.

VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
SOVERSION := $(firstword $(subst ., ,$(VERSION)))

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
DESTDIR ?=

CARGO ?= packaging/cargo.sh
# For another machine than this one: a target name of Rust. The compiler and pkg-config named after it, as in
# Debian (aarch64-linux-gnu-gcc), are then used where they exist.
CARGO_BUILD_TARGET ?=
TOOLS := $(subst -unknown-,-,$(CARGO_BUILD_TARGET))
tool = $(or $(if $(TOOLS),$(shell command -v $(TOOLS)-$(1))),$(2))
ifeq ($(origin CC),default)
CC := $(call tool,gcc,cc)
endif
ifeq ($(origin PKG_CONFIG),undefined)
PKG_CONFIG := $(call tool,pkg-config,pkg-config)
endif
# openssl-sys, too, asks this one; for another machine it asks none that it is not told of.
ifneq ($(PKG_CONFIG),pkg-config)
export PKG_CONFIG
endif
# Features of Cargo.toml, such as `vendored`.
FEATURES ?=

# What is said to this make is not meant for others: for the one that builds OpenSSL under cargo LIBDIR would move its
# libraries, for that of the C tests SUITES would be other suites, of which it would run none.
UNSET := env -u MAKEFLAGS -u MAKEOVERRIDES -u PREFIX -u LIBDIR -u INCLUDEDIR -u DESTDIR

TARGET := $(if $(CARGO_TARGET_DIR),$(CARGO_TARGET_DIR),target)
BUILD := build$(addprefix /,$(CARGO_BUILD_TARGET))
ARCHIVE := $(TARGET)$(addprefix /,$(CARGO_BUILD_TARGET))/release/libtlsock.a
# The archive that is linked and installed.
STATIC := $(if $(filter %-musl,$(CARGO_BUILD_TARGET))$(findstring aws-lc,$(FEATURES)),$(BUILD)/lib/libtlsock.a,$(ARCHIVE))
SHARED := $(BUILD)/lib/libtlsock.so.$(VERSION)
SYMBOLS := tests/abi/symbols.txt
PROMISES := tests/abi/tlsock.abi
# Where tests and the demo find what `make install` would give a user.
STAGE := $(CURDIR)/$(BUILD)/prefix
VENDORED := $(findstring vendored,$(FEATURES))
AWS_LC := $(findstring aws-lc,$(FEATURES))
# The library that does the work is in the archive.
INSIDE := $(VENDORED)$(AWS_LC)
OPENSSL_LIBS = $(if $(INSIDE),,$(shell $(PKG_CONFIG) --libs openssl))
# A vendored OpenSSL looks for CAs and for its configuration where this system's does.
ifneq ($(VENDORED),)
export OPENSSL_CONFIG_DIR ?= $(or $(shell openssl version -d 2>/dev/null | sed -n 's/^OPENSSLDIR: "\(.*\)"/\1/p'),/etc/ssl)
endif

INSTALLED = $(addprefix $(INCLUDEDIR)/,tlsock.h tlsock-ffi.h) \
	$(addprefix $(LIBDIR)/,libtlsock.a libtlsock.so libtlsock.so.$(SOVERSION) libtlsock.so.$(VERSION)) \
	$(LIBDIR)/pkgconfig/tlsock.pc \
	$(addprefix $(LIBDIR)/cmake/tlsock/,tlsock-config.cmake tlsock-config-version.cmake)

.DEFAULT_GOAL := help
.PHONY: help deps build stage demo test harden harden-long check header abi abi-check audit sanitizers test-vendored test-openssl4 test-aws-lc test-cross test-distributions test-ktls test-shuffled coverage mutants conformance conformance-aws-lc conformance-suites node-suites node-prebuilds integration install uninstall bench bench-quick bench-go bench-node clean FORCE

help:
	@echo "make deps       install what building and testing needs (Debian, Ubuntu)"
	@echo "make build      build the library into $(BUILD)/"
	@echo "make demo       show a server and clients talking, and what goes wrong when it should"
	@echo "make test       build, install into $(BUILD)/prefix and run every test: SUITES=\"rust c\" for some of them"
	@echo "make test-shuffled  make test in an order that is drawn: SEED=5 for one that was, SUITES=\"rust go\" for some"
	@echo "make coverage   which lines and branches the tests reach, by layer: SUITES=\"rust c\" for some of it"
	@echo "make mutants    make mistakes one at a time and tell which no test sees: LAYER=rust, go or node, and"
	@echo "                IN_DIFF=main, SHARD=3/80, or SAMPLE=60 SEED=1; tests/README.md tells more"
	@echo "make harden     fuzz, sanitize, misuse, inject faults, load: half an hour"
	@echo "make harden-long  every fault and allocation, and load at full size: hours"
	@echo "make check      formatting, lints, layers, generated files, then the tests"
	@echo "make conformance  run Python's own tests of ssl on the library and on the reference"
	@echo "make conformance-aws-lc  the same with AWS-LC in the library"
	@echo "make conformance-suites  the same with the TLS tests of urllib3, Tornado, trio, gevent, eventlet and uvloop"
	@echo "make node-suites  run node's own tests of tls and https on tlsock/tls: NODE_CHECKOUT=<a checkout of nodejs/node>"
	@echo "make node-prebuilds  make a package of the Node binding with addons for x64, x64 with musl and arm64: TARGETS=... for some"
	@echo "make integration  run drivers and other projects' own tests against PostgreSQL, MariaDB, Redis and mosquitto"
	@echo "make header     generate include/tlsock.h and tlsock-ffi.h from src/ffi"
	@echo "make abi        list the exported functions in $(SYMBOLS), and what they promise in $(PROMISES)"
	@echo "make abi-check  tell whether a promise is broken, also of the last tag (make check does it too)"
	@echo "make audit      licences, sources and duplicates of what is depended on, and known vulnerabilities"
	@echo "make sanitizers run the tests under Address-, Leak- and ThreadSanitizer: LENGTH=short or long"
	@echo "make test-vendored  make test with the newest OpenSSL that can be built in: half an hour"
	@echo "make test-openssl4  the same with OpenSSL 4; SUITES=\"c interop\" for some of it"
	@echo "make test-aws-lc  run the tests of Rust, C, Go and Node with AWS-LC, and compare those that fail with tests/aws_lc/exceptions.tsv"
	@echo "make test-cross  build for CARGO_BUILD_TARGET and run C programs there, by qemu-user"
	@echo "make test-distributions  make demo and test in a bare Debian 12, 13, testing and Ubuntu 24.04: hours;"
	@echo "                DISTRIBUTIONS=trixie, COMMANDS=demo, AS=tester for an ordinary user; needs root and debootstrap"
	@echo "make test-ktls  test kernel TLS in a virtual machine whose kernel has it: a minute"
	@echo "make install    PREFIX=$(PREFIX) LIBDIR=$(LIBDIR) DESTDIR= CARGO_BUILD_TARGET="
	@echo "make uninstall  remove what install put there"
	@echo "make bench      measure against raw libssl and others, and the bindings: half an hour; FEATURES=aws-lc: with AWS-LC, beside"
	@echo "                raw AWS-LC, rustls and s2n-tls"
	@echo "make bench-go   measure the Go binding against crypto/tls: 4 minutes"
	@echo "make bench-quick  measure against raw libssl: 3 minutes"
	@echo "make bench-node  measure the Node binding against node:tls: 8 minutes"
	@echo "make clean      remove everything that was built"

deps:
	@packaging/deps.sh

build: $(SHARED)

# cargo knows best whether the archive is up to date.
$(ARCHIVE): FORCE
	$(UNSET) $(CARGO) rustc --release --lib --crate-type staticlib $(if $(FEATURES),--features $(FEATURES))

# Nobody's libssl is mixed up with AWS-LC's, whose names have no prefix.
$(BUILD)/lib/libtlsock.a: $(ARCHIVE) $(SYMBOLS)
	@mkdir -p $(@D)
	$(if $(AWS_LC),packaging/localise.sh $< $(SYMBOLS) $@,packaging/with-unwinder.sh $(CARGO_BUILD_TARGET) $< $@)

$(BUILD)/tlsock.map: $(SYMBOLS) packaging/version-script.sh
	@mkdir -p $(@D)
	packaging/version-script.sh $(SOVERSION) $(SYMBOLS) > $@

# rustc cannot give symbols versions, so the shared library is linked from the archive. It stays loaded after dlclose:
# threads that used OpenSSL clean up when they end, and the code for that has to be there. KEEP_NAMES=1 leaves the names
# of functions in it, for debuggers and profilers.
$(SHARED): $(STATIC) $(BUILD)/tlsock.map Makefile
	@mkdir -p $(@D)
	$(CC) -shared -o $@ $(LDFLAGS) -Wl,-soname,libtlsock.so.$(SOVERSION) -Wl,--version-script=$(BUILD)/tlsock.map \
		-Wl,--gc-sections -Wl,--as-needed -Wl,-z,relro,-z,now,-z,defs,-z,nodelete -Wl,$(if $(KEEP_NAMES),--strip-debug,--strip-all) \
		-Wl,--whole-archive $(STATIC) -Wl,--no-whole-archive \
		$(OPENSSL_LIBS) -lpthread -lm -ldl -lc
	@ln -sf libtlsock.so.$(VERSION) $(@D)/libtlsock.so.$(SOVERSION)
	@ln -sf libtlsock.so.$(SOVERSION) $(@D)/libtlsock.so

install: $(SHARED)
	install -d $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(LIBDIR)/cmake/tlsock
	install -C -m 644 include/tlsock.h include/tlsock-ffi.h $(DESTDIR)$(INCLUDEDIR)
	install -C -m 644 $(STATIC) $(DESTDIR)$(LIBDIR)/libtlsock.a
	install -C -m 644 $(SHARED) $(DESTDIR)$(LIBDIR)/libtlsock.so.$(VERSION)
	ln -sf libtlsock.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libtlsock.so.$(SOVERSION)
	ln -sf libtlsock.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libtlsock.so
	@$(call configure,tlsock.pc,$(LIBDIR)/pkgconfig,prefix)
	@$(call configure,tlsock-config.cmake,$(LIBDIR)/cmake/tlsock,_tlsock_prefix)
	@$(call configure,tlsock-config-version.cmake,$(LIBDIR)/cmake/tlsock)
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" = 0 ] && [ "$(PREFIX)" != "$(STAGE)" ]; then ldconfig 2>/dev/null || true; fi

# Where LIBDIR is below PREFIX, what is installed can be moved: its files for pkg-config and CMake find the rest from where
# they are. Not with /usr for pkg-config, which leaves out -I/usr/include only if it is written like that.
BELOW := $(patsubst $(PREFIX)/%,%,$(filter $(PREFIX)/%,$(LIBDIR)))
up = $(subst $() ,/,$(patsubst %,..,$(subst /, ,$(BELOW)/$(1))))
PC_PREFIX = $(if $(and $(BELOW),$(filter-out /usr,$(PREFIX))),$${pcfiledir}/$(call up,pkgconfig),$(PREFIX))
CMAKE_PREFIX = $(if $(BELOW),$${_tlsock_here}/$(call up,cmake/tlsock),$(PREFIX))

# $(call configure,FILE,FOLDER,NAME): fills in a template of packaging/, in which the variable NAME is the prefix.
configure = sed -e 's|@LIBDIR@|$(patsubst $(PREFIX)/%,$${$(3)}/%,$(LIBDIR))|' \
	-e 's|@INCLUDEDIR@|$(patsubst $(PREFIX)/%,$${$(3)}/%,$(INCLUDEDIR))|' \
	-e 's|@PC_PREFIX@|$(PC_PREFIX)|' -e 's|@CMAKE_PREFIX@|$(CMAKE_PREFIX)|' \
	-e 's|@REQUIRES@|$(if $(INSIDE),,openssl >= 3.0)|' -e 's|@INSIDE@|$(if $(INSIDE),ON,OFF)|' \
	-e 's|@VERSION@|$(VERSION)|' -e 's|@SOVERSION@|$(SOVERSION)|' packaging/$(1).in > $(DESTDIR)$(2)/$(1) \
	&& chmod 644 $(DESTDIR)$(2)/$(1) && echo "$(DESTDIR)$(2)/$(1)"

uninstall:
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	@packaging/remove-empty.sh "$(DESTDIR)" "$(PREFIX)" $(LIBDIR)/cmake/tlsock $(LIBDIR)/pkgconfig $(INCLUDEDIR)

stage:
	@$(MAKE) --no-print-directory --silent install PREFIX=$(STAGE) LIBDIR=$(STAGE)/lib INCLUDEDIR=$(STAGE)/include DESTDIR=

demo: deps
	@$(MAKE) --no-print-directory stage
	@bindings/c/demo.sh $(STAGE)

test: deps
	@$(MAKE) --no-print-directory stage
	@$(UNSET) tests/run.sh $(STAGE) $(SUITES)

harden: stage
	@tests/harden/run.sh $(STAGE) all

harden-long: stage
	@tests/harden/run.sh $(STAGE) long

check:
	@tests/check/all.sh
	@$(MAKE) --no-print-directory test

conformance: stage
	@TLSOCK_LIBRARY=$(STAGE)/lib/libtlsock.so python3 tests/conformance/run.py

conformance-aws-lc:
	@FEATURES=aws-lc packaging/deps.sh
	@$(MAKE) --no-print-directory conformance FEATURES=aws-lc BUILD=build/aws-lc CARGO_TARGET_DIR=$(CURDIR)/target/aws-lc

node-suites: stage
	@cd bindings/node && PKG_CONFIG_PATH=$(STAGE)/lib/pkgconfig npm install --no-audit --no-fund --silent
	@node tests/node-suites/run.js

# TARGETS are those of Rust.
node-prebuilds:
	@packaging/node-prebuilds.sh $(TARGETS)

# SUITES="urllib3 trio" for some of them.
conformance-suites: stage
	@TLSOCK_LIBRARY=$(STAGE)/lib/libtlsock.so TLSOCK_SUITES=$(CURDIR)/$(BUILD)/suites python3 tests/conformance/run_suites.py $(SUITES)

# SUITES="go node" for some of it.
integration: stage
	@packaging/deps.sh integration
	@tests/integration/run.sh $(STAGE) $(SUITES)

# Its own folders, kept: OpenSSL is compiled once, and the Rust tests are linked with what that gave.
test-vendored:
	@$(MAKE) --no-print-directory stage FEATURES=vendored BUILD=build/vendored CARGO_TARGET_DIR=$(CURDIR)/target/vendored
	@OPENSSL_DIR=$$(ls -td target/vendored/release/build/openssl-sys-*/out/openssl-build/install | head -n 1 | xargs realpath) \
		OPENSSL_STATIC=1 CARGO_TARGET_DIR=$(CURDIR)/target/vendored-tests $(UNSET) tests/run.sh $(CURDIR)/build/vendored/prefix $(SUITES)

# Likewise with OpenSSL 4, which openssl-sys takes where it is but does not vendor.
OPENSSL4 ?= $(CURDIR)/target/openssl4
test-openssl4:
	@$(UNSET) $(CARGO) run --quiet --manifest-path tests/openssl/Cargo.toml --target-dir $(OPENSSL4)/tool -- $(OPENSSL4) >/dev/null
	@export OPENSSL_DIR=$(OPENSSL4)/install OPENSSL_STATIC=1 OPENSSL_NO_VENDOR=1 && \
		$(MAKE) --no-print-directory stage FEATURES=vendored BUILD=build/openssl4 CARGO_TARGET_DIR=$(OPENSSL4)/library && \
		CARGO_TARGET_DIR=$(OPENSSL4)/tests $(UNSET) tests/run.sh $(CURDIR)/build/openssl4/prefix $(SUITES)

# SUITES="rust c go node" for some of it.
test-aws-lc:
	@FEATURES=aws-lc packaging/deps.sh
	@$(MAKE) --no-print-directory stage FEATURES=aws-lc BUILD=build/aws-lc CARGO_TARGET_DIR=$(CURDIR)/target/aws-lc
	@CARGO_TARGET_DIR=$(CURDIR)/target/aws-lc $(UNSET) packaging/python.sh tests/aws_lc/run.py build/aws-lc/prefix $(SUITES)

# CARGO_BUILD_TARGET=aarch64-unknown-linux-gnu, say. FEATURES=vendored where OpenSSL of that machine is not at hand.
test-cross: stage
	@tests/install/cross.sh $(STAGE) "$(CARGO_BUILD_TARGET)" "$(CC)"

# Its variables are told at the top of the script.
test-distributions:
	@$(UNSET) tests/distributions/run.sh

test-ktls: stage
	@tests/ktls/run.sh $(STAGE)

# In an order that SEED draws, or that is drawn by chance; what was drawn is told.
test-shuffled: stage
	@TLSOCK_TEST_SEED=$(or $(SEED),random) $(UNSET) tests/run.sh $(STAGE) $(SUITES)

coverage:
	@packaging/tools.sh llvm-cov node
	@$(UNSET) tests/coverage/run.sh $(SUITES)

LAYER ?= rust
MUTANTS_TOOL = $(or $(word 2,$(subst =, ,$(filter $(LAYER)=%,rust=mutants go=gremlins node=node))),$(error LAYER is rust, go or node))
# The library is that of the copy which has the mistake, but for the bindings.
mutants: $(if $(filter rust,$(LAYER)),,stage)
	@packaging/tools.sh $(MUTANTS_TOOL)
	@TLSOCK_PREFIX=$(STAGE) $(UNSET) nice -n 10 python3 tests/mutants/run.py $(LAYER) $(if $(IN_DIFF),--in-diff $(IN_DIFF)) \
		$(if $(FILES),--files $(foreach file,$(FILES),'$(file)')) $(if $(QUICK),--quick) $(if $(TIMEOUT),--timeout $(TIMEOUT)) $(if $(SHARD),--shard $(SHARD)) $(if $(SAMPLE),--sample $(SAMPLE) --seed $(or $(SEED),0))

sanitizers:
	@tests/sanitizers/run.sh $(or $(LENGTH),short)

audit:
	@tests/check/audit.sh

header:
	@packaging/header.sh include

abi: $(ARCHIVE)
	@packaging/symbols.sh $(ARCHIVE) > $(SYMBOLS)
	@packaging/python.sh tests/abi/dump.py include/tlsock.h > $(PROMISES)

abi-check:
	@packaging/python.sh tests/abi/dump.py include/tlsock.h $(PROMISES)
	@tests/check/abi.sh

ifneq ($(AWS_LC),)
# In folders of their own, as in test-aws-lc and test-vendored.
bench:
	@FEATURES=aws-lc packaging/deps.sh
	@$(MAKE) --no-print-directory stage FEATURES=aws-lc BUILD=build/aws-lc CARGO_TARGET_DIR=$(CURDIR)/target/aws-lc
	@$(MAKE) --no-print-directory stage FEATURES=vendored BUILD=build/vendored CARGO_TARGET_DIR=$(CURDIR)/target/vendored
	@CARGO_TARGET_DIR=$(CURDIR)/target/aws-lc $(UNSET) benches/aws_lc/run.sh build/aws-lc/prefix build/vendored/prefix
else
bench: stage
	@benches/run.sh $(STAGE)
	@$(MAKE) --no-print-directory bench-go bench-node
endif

bench-go: stage
	@if command -v go >/dev/null; then benches/go/run.sh $(STAGE); else echo "go is not installed: its binding is not measured"; fi

bench-node: stage
	@if command -v npm >/dev/null; then benches/node/run.sh $(STAGE); else echo "npm is not installed: the binding of Node is not measured"; fi

bench-quick: stage
	@benches/run.sh $(STAGE) --quick

clean:
	$(CARGO) clean
	rm -rf $(BUILD)
