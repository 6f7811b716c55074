#!/bin/bash
# Which lines and branches the tests reach, by layer: tests/coverage/run.sh [SUITE...]. `make coverage`.
#
# Rust: cargo llvm-cov counts in the Rust tests, and in the C, interop and harden programs through a shared library that
# is built for it. Branches are counted where a nightly toolchain with llvm-tools is installed, as no other counts them.
# Go: go test -cover, which counts statements. Node: c8. SUITES: some of rust c interop harden go node; without, all.
set -euo pipefail
cd "$(dirname "$0")/../.."

out=$PWD/build/coverage
tools=$PWD/build/tools
prefix=$out/prefix
suites=("$@")
[ $# -gt 0 ] || suites=(rust c interop harden go node)
mkdir -p "$out"

wanted() { [[ " ${suites[*]} " == *" $1 "* ]]; }

nightly_counts_branches() {
    local sysroot
    sysroot=$(rustc +nightly --print sysroot 2>/dev/null) && ls "$sysroot"/lib/rustlib/*/bin/llvm-cov >/dev/null 2>&1
}

# From here on cargo counts; only in this library and its tests.
count() {
    export CARGO_TARGET_DIR=$PWD/target/coverage
    # Close to the source: what was inlined or left out is counted no worse, but is built sooner.
    export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_OPT_LEVEL=1
    if nightly_counts_branches; then
        export RUSTUP_TOOLCHAIN=nightly
        BRANCHES=--branch
    elif command -v rustup >/dev/null; then
        rustup component add llvm-tools >/dev/null 2>&1 || true
    fi
    [ -n "$BRANCHES" ] || echo "no nightly toolchain with llvm-tools: branches of Rust are not counted"
    eval "$("$tools/cargo/bin/cargo-llvm-cov" llvm-cov show-env --sh ${BRANCHES:+"$BRANCHES"} 2>/dev/null)"
    # Processes of one program add to one file, or there would be thousands.
    LLVM_PROFILE_FILE=${LLVM_PROFILE_FILE/-%p-%2m/-%4m}
    rm -f "$CARGO_TARGET_DIR"/*.profraw
}

rust_report() {
    LLVM_COV_FLAGS="-object=$(realpath "$prefix/lib/libtlsock.so")" \
        "$tools/cargo/bin/cargo-llvm-cov" llvm-cov report --json --output-path "$out/rust.json" ${BRANCHES:+"$BRANCHES"}
}

go_tests() {
    (cd bindings/go && CGO_LDFLAGS="-Wl,-rpath,$prefix/lib" PKG_CONFIG_PATH=$prefix/lib/pkgconfig \
        go test -count=1 -coverprofile="$out/go.out" .)
}

node_tests() {
    (cd bindings/node && PKG_CONFIG_PATH=$prefix/lib/pkgconfig npm install --no-audit --no-fund --loglevel=error &&
        "$tools/node/node_modules/.bin/c8" --all --include 'lib/**/*.js' --reporter json-summary --reports-dir "$out/node" \
            --temp-directory "$out/node/raw" node test/run.js)
}

# A suite that fails has counted nevertheless; its failure is printed, and is the exit status.
failed=0
suite() { # NAME COMMAND...
    local name=$1
    shift
    wanted "$name" || return 0
    "$@" >"$out/$name.log" 2>&1 || { failed=1; echo "$name FAILED: see $out/$name.log"; }
    echo "$name has run"
}

BRANCHES=
count
# rustc leaves what writes the counts down out of a static library.
writer=$(ls "$(rustc --print sysroot)"/lib/rustlib/*/lib/libprofiler_builtins-*.rlib)
make --no-print-directory stage BUILD=build/coverage CARGO_TARGET_DIR="$CARGO_TARGET_DIR" \
    LDFLAGS="-Wl,--whole-archive $writer -Wl,--no-whole-archive -Wl,-z,noexecstack"
suite rust packaging/cargo.sh test --features test-panic --no-fail-fast
# What sanitizers and valgrind run again reaches nothing more.
suite c env TLSOCK_TEST_ROUNDS=50 TLSOCK_TEST_MIB=8 TLSOCK_TEST_SECONDS=300 make --no-print-directory -C tests/c test-plain PREFIX="$prefix" BUILD="$out/c"
for name in interop harden; do
    suite $name tests/run.sh "$prefix" $name
done
rust_report
# What the bindings reach of the library is not counted.
export LLVM_PROFILE_FILE=/dev/null
suite go go_tests
suite node node_tests
packaging/python.sh tests/coverage/lines.py "$out" || failed=1
exit $failed
